import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { Switch } from "../../core/session/memory";
import { Check } from "../../ui/Check";
import { useStore } from "../../ui/useStore";

const labels = {
  pushToTalk: "comfort.push_to_talk",
  letterKeys: "comfort.letter_keys",
  sounds: "comfort.sounds",
} as const;

export function SwitchCheck({ call, what, testId }: { call: Call; what: Switch; testId: string }) {
  const { t } = useTranslation();
  const isOn = useStore(call.store, (state) => state[what]);
  return (
    <Check
      label={t(labels[what])}
      isOn={isOn}
      onChange={(on) => call.send({ type: "switched", what, on })}
      testId={testId}
    />
  );
}
