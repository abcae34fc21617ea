import { Button } from "react-aria-components";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { isCapturing } from "../../core/session/capture";
import type { CaptureKind } from "../../core/session/state";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import styles from "./PreviewToggle.module.css";

export function PreviewToggle({ call, kind }: { call: Call; kind: CaptureKind }) {
  const { t } = useTranslation();
  const isOn = useStore(call.store, (state) => isCapturing(state, kind));
  return (
    <Button
      className={styles.toggle}
      aria-label={t(isOn ? `call.${kind}_on` : `call.${kind}_off`)}
      data-testid={`${kind === "microphone" ? "mic" : "camera"}-button`}
      data-state={isOn ? "on" : "off"}
      onPress={() => call.send({ type: "capture_toggled", kind })}
    >
      <Icon name={isOn ? kind : `${kind}Off`} />
    </Button>
  );
}
