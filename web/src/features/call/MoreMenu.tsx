import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { meetingLink } from "../../core/meetingLink";
import { shortcutKeys } from "../../core/shortcuts";
import { Menu, type MenuEntry } from "../../ui/Menu";
import { ControlButton } from "./ControlButton";
import type { View } from "./view";

export function MoreMenu({ call, view }: { call: Call; view: View }) {
  const { t } = useTranslation();
  const { fullscreen } = view;
  const entries: MenuEntry[] = [
    {
      id: "settings",
      label: t("call.settings"),
      icon: "settings",
      onAction: view.openSettings,
    },
    {
      id: "link",
      label: t("call.copy_link"),
      icon: "copy",
      onAction: () => {
        const link = meetingLink(location.origin, call.store.get().meetingId);
        void navigator.clipboard?.writeText(link);
      },
    },
    {
      id: "help",
      label: t("call.help"),
      icon: "keyboard",
      shortcut: shortcutKeys.help,
      onAction: view.openHelp,
    },
  ];
  if (fullscreen.isPossible) {
    entries.unshift({
      id: "fullscreen",
      label: t(fullscreen.isOn ? "call.fullscreen_on" : "call.fullscreen_off"),
      icon: fullscreen.isOn ? "fullscreenExit" : "fullscreen",
      shortcut: shortcutKeys.fullscreen,
      onAction: fullscreen.toggle,
    });
  }
  return (
    <Menu
      label={t("call.more")}
      entries={entries}
      trigger={
        <ControlButton
          icon="more"
          label={t("call.more")}
          caption={t("call.short_more")}
          testId="more-button"
        />
      }
    />
  );
}
