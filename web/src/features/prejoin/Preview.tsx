import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { useStore } from "../../ui/useStore";
import { Video } from "../devices/Video";
import { Level } from "./Level";
import styles from "./Preview.module.css";
import { PreviewToggle } from "./PreviewToggle";

export function Preview({ call }: { call: Call }) {
  const { t } = useTranslation();
  const camera = useStore(call.store, (state) => state.camera);
  const cameraId = useStore(call.store, (state) => state.chosen.camera);
  const isOn = camera.status === "on";
  return (
    <div className={styles.preview} data-testid="preview">
      {isOn ? (
        <Video
          engine={call.engine}
          identity={null}
          source="camera"
          trackKey={cameraId ?? "default"}
          label={t("prejoin.preview")}
          mirrored
        />
      ) : (
        <p className={styles.off}>
          {t(camera.status === "starting" ? "prejoin.camera_starting" : "prejoin.camera_off")}
        </p>
      )}
      <div className={styles.controls}>
        <Level call={call} />
        <div className={styles.toggles}>
          <PreviewToggle call={call} kind="microphone" />
          <PreviewToggle call={call} kind="camera" />
        </div>
      </div>
    </div>
  );
}
