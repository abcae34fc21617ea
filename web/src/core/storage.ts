import { type CallMemory, noPreferences, type Preferences } from "./session/memory";
import { backgrounds, noises } from "./session/state";
import { isLayout } from "./stage";

const preferencesKey = "conclave.preferences";
const callKey = (meetingId: string) => `conclave.call.${meetingId}`;

/** Storage may be refused (private window, policy): the client then forgets, and works all the same. */
function read(open: () => Storage, key: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(open().getItem(key) ?? "null");
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function write(open: () => Storage, key: string, value: object | null): void {
  try {
    if (value === null) open().removeItem(key);
    else open().setItem(key, JSON.stringify(value));
  } catch {
    // Nothing to do: see above.
  }
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

function parsePreferences(stored: Record<string, unknown> | null): Preferences {
  if (!stored) return noPreferences;
  const devices = (stored.devices ?? {}) as Record<string, unknown>;
  return {
    name: text(stored.name) ?? "",
    devices: {
      microphone: text(devices.microphone),
      camera: text(devices.camera),
      speaker: text(devices.speaker),
    },
    layout: isLayout(stored.layout) ? stored.layout : noPreferences.layout,
    pushToTalk: stored.pushToTalk !== false,
    letterKeys: stored.letterKeys !== false,
    sounds: stored.sounds !== false,
    background: backgrounds.find((one) => one === stored.background) ?? noPreferences.background,
    noise: noises.find((one) => one === stored.noise) ?? noPreferences.noise,
  };
}

export interface Memory {
  preferences(): Preferences;
  prefer(preferences: Preferences): void;
  call(meetingId: string): CallMemory | null;
  remember(meetingId: string, memory: CallMemory): void;
  forget(meetingId: string): void;
}

export function createMemory(lasting: () => Storage, ofTab: () => Storage): Memory {
  return {
    preferences: () => parsePreferences(read(lasting, preferencesKey)),
    prefer: (preferences) => write(lasting, preferencesKey, preferences),
    call(meetingId) {
      const stored = read(ofTab, callKey(meetingId));
      const rejoin = text(stored?.rejoin);
      if (!stored || rejoin === null) return null;
      const { microphone, camera, audioOnly } = stored;
      return {
        ...parsePreferences(stored),
        rejoin,
        microphone: microphone === true,
        camera: camera === true,
        audioOnly: audioOnly === true,
      };
    },
    remember: (meetingId, memory) => write(ofTab, callKey(meetingId), memory),
    forget: (meetingId) => write(ofTab, callKey(meetingId), null),
  };
}
