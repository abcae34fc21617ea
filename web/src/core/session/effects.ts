// One's own picture and sound, changed on this computer before they are sent.
import type { BackgroundStatus } from "../effects/background";
import { preferring } from "./capture";
import { notify, type Step } from "./notices";
import type { Background, Noise, SessionState } from "./state";

function ordering(step: Step): Step {
  const { background, noise } = step.state;
  return { ...step, commands: [{ type: "effects", background, noise }, ...step.commands] };
}

/** Before any device is opened, so that nothing is sent that was not meant to be. */
export function ordered(step: Step): Step {
  const { background, noise } = step.state;
  return background === "none" && noise === "browser" ? step : ordering(step);
}

/** Also to try again what has failed. */
export function backgroundChosen(state: SessionState, background: Background): Step {
  const backgroundStatus = background === "none" ? null : state.backgroundStatus;
  return ordering(preferring({ ...state, background, backgroundStatus }));
}

export function noiseChosen(state: SessionState, noise: Noise): Step {
  return ordering(preferring({ ...state, noise }));
}

export function backgroundChanged(state: SessionState, status: BackgroundStatus): Step {
  if (state.background === "none") return { state, commands: [] };
  const step: Step = { state: { ...state, backgroundStatus: status }, commands: [] };
  return status === "slow" ? notify(step, { kind: "background_slow" }) : step;
}

/** The browser's own takes its place for now; what was chosen is tried again in the next meeting. */
export function noiseFailed(state: SessionState): Step {
  return notify({ state: { ...state, noise: "browser" }, commands: [] }, { kind: "noise_failed" });
}
