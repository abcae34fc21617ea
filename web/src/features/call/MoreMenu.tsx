import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { canShareScreen } from "../../core/devices";
import { meetingLink } from "../../core/meetingLink";
import { Menu, type MenuEntry } from "../../ui/Menu";
import { useStore } from "../../ui/useStore";
import { useReasons } from "../meeting/HandButton";
import { useReactionEntries } from "../meeting/ReactionsMenu";
import { useHand } from "../meeting/useHand";
import { usePanels } from "../meeting/usePanels";
import { ControlButton } from "./ControlButton";
import { useLetter } from "./LetterKeys";
import { useStageChoices } from "./useStageChoices";
import type { View } from "./view";

interface Props {
  call: Call;
  view: View;
  isNarrow: boolean;
}

export function MoreMenu({ call, view, isNarrow }: Props) {
  const { t } = useTranslation();
  const own = useOwnEntries(call, view);
  const choices = useStageChoices(call);
  const moved = useMovedEntries(call, view);
  return (
    <Menu
      label={t("call.more")}
      choices={choices}
      entries={isNarrow ? [...moved, ...own] : own}
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

function useOwnEntries(call: Call, view: View): MenuEntry[] {
  const { t } = useTranslation();
  const { fullscreen, smallWindow } = view;
  const helpKey = useLetter("help");
  const fullscreenKey = useLetter("fullscreen");
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
      shortcut: helpKey,
      onAction: view.openHelp,
    },
  ];
  if (smallWindow.isPossible) {
    entries.unshift({
      id: "small-window",
      label: t(smallWindow.isOn ? "comfort.small_window_on" : "comfort.small_window_off"),
      icon: "beside",
      onAction: smallWindow.toggle,
    });
  }
  if (fullscreen.isPossible) {
    entries.unshift({
      id: "fullscreen",
      label: t(fullscreen.isOn ? "call.fullscreen_on" : "call.fullscreen_off"),
      icon: fullscreen.isOn ? "fullscreenExit" : "fullscreen",
      shortcut: fullscreenKey,
      onAction: fullscreen.toggle,
    });
  }
  return entries;
}

/** What has its own button where there is room. */
function useMovedEntries(call: Call, view: View): MenuEntry[] {
  const { t } = useTranslation();
  const sharing = useStore(call.store, (state) => state.sharing);
  const mayPublish = useStore(call.store, (state) => state.meeting?.me.may_publish ?? true);
  const reasons = useReasons(useHand(call));
  const reactions = useReactionEntries(call);
  const panels = usePanels(call)
    .filter(({ isFirst }) => !isFirst)
    .map(
      ({ id, icon, count }): MenuEntry => ({
        id,
        icon,
        label: count > 0 ? t(`panel.${id}_count`, { count }) : t(`panel.${id}`),
        onAction: () => view.togglePanel(id),
      }),
    );
  const share: MenuEntry = {
    id: "share",
    label: t(sharing ? "call.share_on" : "call.share_off"),
    icon: sharing ? "shareStop" : "share",
    onAction: () => call.send({ type: "share_toggled" }),
  };
  const maySharing = mayPublish && canShareScreen();
  return [...panels, ...reasons, ...reactions, ...(maySharing ? [share] : [])];
}
