import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { ControlButton } from "../call/ControlButton";
import type { View } from "../call/view";
import { usePanels } from "./usePanels";

interface Props {
  call: Call;
  view: View;
  isNarrow: boolean;
}

export function PanelButtons({ call, view, isNarrow }: Props) {
  const { t } = useTranslation();
  return usePanels(call)
    .filter(({ isFirst }) => isFirst || !isNarrow)
    .map(({ id, icon, shortcut, count }) => {
      const name = t(`panel.${id}`);
      return (
        <ControlButton
          key={id}
          icon={icon}
          label={count > 0 ? t(`panel.${id}_count`, { count }) : name}
          caption={t(`panel.short_${id}`)}
          shortcut={shortcut}
          look={view.panel === id ? "active" : "plain"}
          testId={id === "people" ? "participants-button" : `${id}-button`}
          isExpanded={view.panel === id}
          badge={count}
          onPress={() => view.togglePanel(id)}
        />
      );
    });
}
