import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { ShortcutId } from "../../core/shortcuts";
import { nextLayout } from "../../core/stage";
import { useStore } from "../../ui/useStore";
import { MeetingBanners } from "../meeting/MeetingBanners";
import { MeetingBar } from "../meeting/MeetingBar";
import { Panel } from "../meeting/Panel";
import { Reactions } from "../meeting/Reactions";
import { useHand } from "../meeting/useHand";
import { Banners } from "./Banners";
import { CallHeader } from "./CallHeader";
import styles from "./CallView.module.css";
import { ComfortBanners } from "./ComfortBanners";
import { FloatingCall } from "./FloatingCall";
import { FloatingWindow } from "./FloatingWindow";
import { HelpDialog } from "./HelpDialog";
import { LetterKeys } from "./LetterKeys";
import { Notices } from "./Notices";
import { PictureInPicture } from "./PictureInPicture";
import { SettingsDialog } from "./SettingsDialog";
import { Stage } from "./Stage";
import { TalkingMark } from "./TalkingMark";
import { Toolbar } from "./Toolbar";
import { useFullscreen } from "./useFullscreen";
import { usePictureInPicture } from "./usePictureInPicture";
import { useShortcuts } from "./useShortcuts";
import { useTalkKey } from "./useTalkKey";
import { useWakeLock } from "./useWakeLock";
import type { PanelId, View } from "./view";

export function CallView({ call, title }: { call: Call; title: string }) {
  const { t } = useTranslation();
  const [panel, setPanel] = useState<PanelId | null>(null);
  const [dialog, setDialog] = useState<"settings" | "help" | null>(null);
  const main = useRef<HTMLElement>(null);
  const fullscreen = useFullscreen();
  const smallWindow = usePictureInPicture(call);
  const leads = useStore(call.store, (state) => state.meeting?.me.leads ?? false);
  const letterKeys = useStore(call.store, (state) => state.letterKeys);
  const hand = useHand(call);
  const name = title || t("prejoin.meeting");
  useWakeLock();
  useTalkKey(call);
  useEffect(() => {
    document.title = `${name} · ${t("app.name")}`;
  }, [name, t]);

  // What had the focus, the button to join or to close, is gone: the keyboard continues from here.
  const focusMain = () => main.current?.focus();
  useEffect(focusMain, []);

  const view: View = {
    panel,
    fullscreen,
    smallWindow,
    togglePanel: (id) => setPanel((open) => (open === id ? null : id)),
    openSettings: () => setDialog("settings"),
    openHelp: () => setDialog("help"),
  };
  function closePanel() {
    setPanel(null);
    focusMain();
  }
  const letters: Record<ShortcutId, () => void> = {
    microphone: () => call.send({ type: "capture_toggled", kind: "microphone" }),
    camera: () => call.send({ type: "capture_toggled", kind: "camera" }),
    hand: () => hand?.press(),
    share: () => call.send({ type: "share_toggled" }),
    chat: () => view.togglePanel("chat"),
    participants: () => view.togglePanel("people"),
    console: () => leads && view.togglePanel("console"),
    layout: () => call.send({ type: "layout_chosen", layout: nextLayout(call.store.get().layout) }),
    fullscreen: fullscreen.toggle,
    help: view.openHelp,
  };
  useShortcuts(letterKeys ? letters : null);

  return (
    <div className={styles.call}>
      <CallHeader call={call} title={name} />
      <MeetingBar call={call} />
      <section className={styles.state} aria-label={t("meeting.state")}>
        <Banners call={call} />
        <ComfortBanners call={call} onSettings={view.openSettings} />
        <MeetingBanners call={call} />
      </section>
      <main className={styles.middle} ref={main} tabIndex={-1}>
        <Stage call={call} />
        <TalkingMark call={call} />
        {panel !== null && <Panel call={call} id={panel} onClose={closePanel} />}
      </main>
      <LetterKeys value={letterKeys}>
        <Toolbar call={call} view={view} />
      </LetterKeys>
      <Reactions call={call} />
      <Notices call={call} />
      {smallWindow.frame && (
        <FloatingWindow frame={smallWindow.frame} title={name}>
          <FloatingCall call={call} shown={smallWindow.shown} />
        </FloatingWindow>
      )}
      {smallWindow.isOn && !smallWindow.frame && smallWindow.shown && (
        <PictureInPicture call={call} shown={smallWindow.shown} onClose={smallWindow.close} />
      )}
      <SettingsDialog call={call} isOpen={dialog === "settings"} onClose={() => setDialog(null)} />
      <HelpDialog call={call} isOpen={dialog === "help"} onClose={() => setDialog(null)} />
    </div>
  );
}
