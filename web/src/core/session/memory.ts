import type { Layout } from "../stage";
import type { Background, DeviceKind, Noise, SessionState } from "./state";

/**
 * Kept by the browser from one meeting to the next. Whether the microphone and the camera were on is left
 * out on purpose: nobody should enter a meeting silent because of what they did last week.
 */
export interface Preferences {
  name: string;
  devices: Record<DeviceKind, string | null>;
  layout: Layout;
  pushToTalk: boolean;
  /** Single letters are shortcuts: who dictates, or hits keys unwillingly, turns that off (WCAG 2.1.4). */
  letterKeys: boolean;
  sounds: boolean;
  background: Background;
  noise: Noise;
}

/** What is so or not, and nothing else follows from it at once. */
export type Switch = "pushToTalk" | "letterKeys" | "sounds";

export const noPreferences: Preferences = {
  name: "",
  devices: { microphone: null, camera: null, speaker: null },
  layout: "auto",
  pushToTalk: true,
  letterKeys: true,
  sounds: true,
  background: "none",
  noise: "browser",
};

/** Kept by the tab while it is in a call, so that a reload is back in it without a click. */
export interface CallMemory extends Preferences {
  rejoin: string;
  microphone: boolean;
  camera: boolean;
  audioOnly: boolean;
}

export function preferencesOf(state: SessionState): Preferences {
  const {
    name,
    chosen: devices,
    layout,
    pushToTalk,
    letterKeys,
    sounds,
    background,
    noise,
  } = state;
  return { name, devices, layout, pushToTalk, letterKeys, sounds, background, noise };
}

export function callMemoryOf(state: SessionState, rejoin: string): CallMemory {
  return {
    ...preferencesOf(state),
    rejoin,
    microphone: state.microphone.wanted,
    camera: state.camera.wanted,
    audioOnly: state.audioOnly,
  };
}
