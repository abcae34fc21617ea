import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { layouts } from "../../core/stage";
import type { MenuChoices } from "../../ui/Menu";
import { useStore } from "../../ui/useStore";

const icons = { auto: "auto", grid: "grid", speaker: "large" } as const;

/** How people are shown, and whether they are shown at all. */
export function useStageChoices(call: Call): MenuChoices[] {
  const { t } = useTranslation();
  const chosen = useStore(call.store, (state) => state.layout);
  const audioOnly = useStore(call.store, (state) => state.audioOnly);
  return [
    {
      id: "layout",
      label: t("comfort.layout"),
      isOneOf: true,
      entries: layouts.map((layout) => ({
        id: `layout-${layout}`,
        label: t(`comfort.layout_${layout}`),
        icon: icons[layout],
        isOn: layout === chosen,
        onAction: () => call.send({ type: "layout_chosen", layout }),
      })),
    },
    {
      id: "pictures",
      label: t("comfort.bandwidth"),
      isOneOf: false,
      entries: [
        {
          id: "audio-only",
          label: t("comfort.audio_only_switch"),
          icon: "headphones",
          isOn: audioOnly,
          onAction: () => call.send({ type: "audio_only_toggled" }),
        },
      ],
    },
  ];
}
