import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { isCapturing } from "../../core/session/capture";
import type { CaptureKind } from "../../core/session/state";
import { useStore } from "../../ui/useStore";
import { ControlButton } from "./ControlButton";

export function CaptureButton({
  call,
  kind,
  testId,
}: {
  call: Call;
  kind: CaptureKind;
  testId: string;
}) {
  const { t } = useTranslation();
  const isOn = useStore(call.store, (state) => isCapturing(state, kind));
  return (
    <ControlButton
      icon={isOn ? kind : `${kind}Off`}
      label={t(isOn ? `call.${kind}_on` : `call.${kind}_off`)}
      caption={t(`call.short_${kind}`)}
      shortcut={kind}
      look={isOn ? "plain" : "off"}
      testId={testId}
      state={isOn ? "on" : "off"}
      onPress={() => call.send({ type: "capture_toggled", kind })}
    />
  );
}
