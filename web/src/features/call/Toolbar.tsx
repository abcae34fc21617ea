import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { canShareScreen } from "../../core/devices";
import { useStore } from "../../ui/useStore";
import { CaptureButton } from "./CaptureButton";
import { ControlButton } from "./ControlButton";
import { MoreMenu } from "./MoreMenu";
import styles from "./Toolbar.module.css";
import type { View } from "./view";

export function Toolbar({ call, view }: { call: Call; view: View }) {
  const { t } = useTranslation();
  const sharing = useStore(call.store, (state) => state.sharing);
  return (
    <footer className={styles.bar}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms. */}
      <div className={styles.group} role="group" aria-label={t("call.toolbar")}>
        <CaptureButton call={call} kind="microphone" testId="mic-button" />
        <CaptureButton call={call} kind="camera" testId="camera-button" />
        {canShareScreen() && (
          <ControlButton
            icon={sharing ? "shareStop" : "share"}
            label={t(sharing ? "call.share_on" : "call.share_off")}
            caption={t(sharing ? "call.short_unshare" : "call.short_share")}
            shortcut="share"
            look={sharing ? "active" : "plain"}
            testId="share-button"
            state={sharing ? "on" : "off"}
            onPress={() => call.send({ type: "share_toggled" })}
          />
        )}
        <ControlButton
          icon="people"
          label={t("call.participants")}
          caption={t("call.participants")}
          shortcut="participants"
          look={view.isPanelOpen ? "active" : "plain"}
          testId="participants-button"
          isExpanded={view.isPanelOpen}
          onPress={view.togglePanel}
        />
        <span className={styles.roomy}>
          <ControlButton
            icon="settings"
            label={t("call.settings")}
            caption={t("call.short_settings")}
            testId="settings-button"
            onPress={view.openSettings}
          />
        </span>
        <MoreMenu call={call} view={view} />
        <ControlButton
          icon="leave"
          label={t("call.leave_long")}
          caption={t("call.leave")}
          look="danger"
          testId="leave-button"
          onPress={() => call.send({ type: "leave_asked" })}
        />
      </div>
    </footer>
  );
}
