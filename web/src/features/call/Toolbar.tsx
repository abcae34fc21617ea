import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { canShareScreen } from "../../core/devices";
import { useStore } from "../../ui/useStore";
import { HandButton } from "../meeting/HandButton";
import { NotHeard } from "../meeting/NotHeard";
import { PanelButtons } from "../meeting/PanelButtons";
import { ReactionsMenu } from "../meeting/ReactionsMenu";
import { CaptureButton } from "./CaptureButton";
import { ControlButton } from "./ControlButton";
import { MoreMenu } from "./MoreMenu";
import styles from "./Toolbar.module.css";
import { useIsNarrow } from "./useIsNarrow";
import type { View } from "./view";

export function Toolbar({ call, view }: { call: Call; view: View }) {
  const { t } = useTranslation();
  const mayPublish = useStore(call.store, (state) => state.meeting?.me.may_publish ?? true);
  const isNarrow = useIsNarrow();
  return (
    <footer className={styles.bar}>
      <NotHeard call={call} />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms. */}
      <div className={styles.group} role="group" aria-label={t("call.toolbar")}>
        {mayPublish && (
          <>
            <CaptureButton call={call} kind="microphone" testId="mic-button" />
            <CaptureButton call={call} kind="camera" testId="camera-button" />
            {!isNarrow && canShareScreen() && <ShareButton call={call} />}
          </>
        )}
        <HandButton call={call} withReasons={!isNarrow} />
        {!isNarrow && <ReactionsMenu call={call} />}
        <PanelButtons call={call} view={view} isNarrow={isNarrow} />
        <MoreMenu call={call} view={view} isNarrow={isNarrow} />
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

function ShareButton({ call }: { call: Call }) {
  const { t } = useTranslation();
  const sharing = useStore(call.store, (state) => state.sharing);
  return (
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
  );
}
