import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { canChangeBackground, canReduceNoise } from "../../core/effects/support";
import { backgrounds, noises } from "../../core/session/state";
import { Choice } from "../../ui/Choice";
import { useStore } from "../../ui/useStore";

/** What is done to one's own picture and sound. What this browser cannot do is said, not left out. */
export function EffectChoices({ call }: { call: Call }) {
  const { t } = useTranslation();
  const background = useStore(call.store, (state) => state.background);
  const status = useStore(call.store, (state) => state.backgroundStatus);
  const noise = useStore(call.store, (state) => state.noise);
  const canChange = canChangeBackground();
  const canReduce = canReduceNoise();
  const told = status === "slow" || status === "starting" ? status : "hint";
  return (
    <>
      <Choice
        label={t("comfort.background")}
        value={background}
        options={backgrounds.map((id) => ({
          id,
          label: t(`comfort.background_${id}`),
          isDisabled: id !== "none" && !canChange,
        }))}
        hint={t(canChange ? `comfort.background_${told}` : "comfort.background_impossible")}
        onChange={(chosen) => call.send({ type: "background_chosen", background: chosen })}
        testId="background"
      />
      <Choice
        label={t("comfort.noise")}
        value={noise}
        options={noises.map((id) => ({
          id,
          label: t(`comfort.noise_${id}`),
          isDisabled: id === "strong" && !canReduce,
        }))}
        hint={t(canReduce ? "comfort.noise_hint" : "comfort.noise_impossible")}
        onChange={(chosen) => call.send({ type: "noise_chosen", noise: chosen })}
        testId="noise"
      />
    </>
  );
}
