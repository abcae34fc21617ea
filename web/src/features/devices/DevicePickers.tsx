import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { DeviceKind } from "../../core/session/state";
import { Select } from "../../ui/Select";
import { useStore } from "../../ui/useStore";

const kinds: DeviceKind[] = ["microphone", "camera", "speaker"];

export function DevicePickers({ call }: { call: Call }) {
  const { t } = useTranslation();
  const devices = useStore(call.store, (state) => state.devices);
  const chosen = useStore(call.store, (state) => state.chosen);
  // Where the browser cannot choose a speaker it lists none, and a picker would be a dead control.
  const shown = kinds.filter((kind) => kind !== "speaker" || devices.speaker.length > 0);
  return shown.map((kind) => (
    <Select
      key={kind}
      label={t(`device.${kind}`)}
      icon={kind}
      options={devices[kind]}
      value={chosen[kind] ?? devices[kind][0]?.id ?? null}
      empty={t("device.none")}
      onChange={(id) => call.send({ type: "device_chosen", kind, id })}
      testId={`${kind}-select`}
    />
  ));
}
