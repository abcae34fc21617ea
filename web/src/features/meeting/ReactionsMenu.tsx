import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Menu, type MenuEntry } from "../../ui/Menu";
import { ControlButton } from "../call/ControlButton";
import { reactionIcons, reactions } from "./reactionIcons";

export function useReactionEntries(call: Call): MenuEntry[] {
  const { t } = useTranslation();
  return reactions.map((reaction) => ({
    id: reaction,
    label: t(`reaction.${reaction}`),
    icon: reactionIcons[reaction],
    onAction: () => call.order({ do: "react", reaction }),
  }));
}

export function ReactionsMenu({ call }: { call: Call }) {
  const { t } = useTranslation();
  return (
    <Menu
      label={t("reaction.menu")}
      entries={useReactionEntries(call)}
      trigger={
        <ControlButton
          icon="smile"
          label={t("reaction.menu")}
          caption={t("reaction.short")}
          testId="reactions-button"
        />
      }
    />
  );
}
