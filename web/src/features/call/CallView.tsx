import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Banners } from "./Banners";
import { CallHeader } from "./CallHeader";
import styles from "./CallView.module.css";
import { HelpDialog } from "./HelpDialog";
import { Notices } from "./Notices";
import { ParticipantsPanel } from "./ParticipantsPanel";
import { SettingsDialog } from "./SettingsDialog";
import { Stage } from "./Stage";
import { Toolbar } from "./Toolbar";
import { useFullscreen } from "./useFullscreen";
import { useShortcuts } from "./useShortcuts";
import { useWakeLock } from "./useWakeLock";

export function CallView({ call, title }: { call: Call; title: string }) {
  const { t } = useTranslation();
  const [isPanelOpen, setPanelOpen] = useState(false);
  const [dialog, setDialog] = useState<"settings" | "help" | null>(null);
  const main = useRef<HTMLElement>(null);
  const fullscreen = useFullscreen();
  const name = title || t("prejoin.meeting");
  useWakeLock();
  useEffect(() => {
    document.title = `${name} · ${t("app.name")}`;
  }, [name, t]);

  // What had the focus, the button to join or to close, is gone: the keyboard continues from here.
  const focusMain = () => main.current?.focus();
  useEffect(focusMain, []);

  const view = {
    isPanelOpen,
    fullscreen,
    togglePanel: () => setPanelOpen((open) => !open),
    openSettings: () => setDialog("settings"),
    openHelp: () => setDialog("help"),
  };
  function closePanel() {
    setPanelOpen(false);
    focusMain();
  }
  useShortcuts({
    microphone: () => call.send({ type: "capture_toggled", kind: "microphone" }),
    camera: () => call.send({ type: "capture_toggled", kind: "camera" }),
    share: () => call.send({ type: "share_toggled" }),
    participants: view.togglePanel,
    fullscreen: fullscreen.toggle,
    help: view.openHelp,
  });

  return (
    <div className={styles.call}>
      <CallHeader call={call} title={name} />
      <Banners call={call} />
      <main className={styles.middle} ref={main} tabIndex={-1}>
        <Stage call={call} />
        {isPanelOpen && <ParticipantsPanel call={call} onClose={closePanel} />}
      </main>
      <Toolbar call={call} view={view} />
      <Notices call={call} />
      <SettingsDialog call={call} isOpen={dialog === "settings"} onClose={() => setDialog(null)} />
      <HelpDialog isOpen={dialog === "help"} onClose={() => setDialog(null)} />
    </div>
  );
}
