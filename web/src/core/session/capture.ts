import type { SessionCommand } from "./command";
import { callMemoryOf, preferencesOf } from "./memory";
import { notify, type Step } from "./notices";
import type {
  Capture,
  CaptureKind,
  Device,
  DeviceKind,
  DeviceProblem,
  Offer,
  SessionState,
} from "./state";

const kinds: CaptureKind[] = ["microphone", "camera"];

export function withCapture(
  state: SessionState,
  kind: CaptureKind,
  change: Partial<Capture>,
): SessionState {
  return { ...state, [kind]: { ...state[kind], ...change } };
}

/** What the buttons say, and what others get. */
export function isCapturing(state: SessionState, kind: CaptureKind): boolean {
  const { wanted, problem } = state[kind];
  if (kind === "camera") return wanted && problem === null && !state.audioOnly;
  return (wanted || state.isTalking) && problem === null;
}

export function captureOrder(state: SessionState, kind: CaptureKind, on: boolean): SessionCommand {
  return { type: "capture", kinds: [kind], on, deviceIds: state.chosen };
}

/** Starts what is wanted and not running, in one order so that the browser asks for leave once. */
export function startWanted(state: SessionState): Step {
  const missing = kinds.filter(
    (kind) =>
      state[kind].wanted && state[kind].status === "off" && !(kind === "camera" && state.audioOnly),
  );
  if (missing.length === 0) return { state, commands: [] };
  const started = missing.reduce(
    (next, kind) => withCapture(next, kind, { status: "starting", problem: null }),
    state,
  );
  const order: SessionCommand = {
    type: "capture",
    kinds: missing,
    on: true,
    deviceIds: state.chosen,
  };
  return { state: started, commands: [order] };
}

/** While in the call or waiting for it, what a reload needs is written down at every change. */
export function remembering(step: Step): Step {
  const { state } = step;
  const isBound = state.phase === "live" || state.phase === "waiting";
  if (!isBound || state.rejoin === null) return step;
  const memory = callMemoryOf(state, state.rejoin);
  return {
    state,
    commands: [...step.commands, { type: "remember", meetingId: state.meetingId, memory }],
  };
}

/** Kept for other meetings, and for a reload in this one. */
export function preferring(state: SessionState): Step {
  return remembering({
    state,
    commands: [{ type: "prefer", preferences: preferencesOf(state) }],
  });
}

export function toggle(state: SessionState, kind: CaptureKind): Step {
  const wanted = !state[kind].wanted || state[kind].problem !== null;
  const known = kind === "microphone" ? freshMicrophone(state) : state;
  const next = withCapture(known, kind, {
    wanted,
    status: wanted ? "starting" : state[kind].status,
    problem: null,
  });
  return remembering({ state: next, commands: [captureOrder(state, kind, wanted)] });
}

/** What was said about it may be said again. */
export function freshMicrophone(state: SessionState): SessionState {
  return { ...state, isMuteTold: false, silence: "none" };
}

export function captured(
  state: SessionState,
  kind: CaptureKind,
  on: boolean,
  deviceId: string | null,
): Step {
  const next = withCapture(state, kind, { status: on ? "on" : "off", problem: null });
  if (!on || deviceId === null || deviceId === state.chosen[kind]) {
    return { state: next, commands: [] };
  }
  return remembering({
    state: { ...next, chosen: { ...next.chosen, [kind]: deviceId } },
    commands: [],
  });
}

/** Before the call the page itself explains the problem; during it a notice does. */
export function captureFailed(
  state: SessionState,
  kind: CaptureKind,
  problem: DeviceProblem,
): Step {
  const next = withCapture(state, kind, { status: "off", problem });
  if (state.phase !== "live") return { state: next, commands: [] };
  return notify({ state: next, commands: [] }, { kind: "capture_failed", device: kind, problem });
}

/** Where the media library went by itself after a device was lost. */
export function deviceUsed(state: SessionState, kind: CaptureKind, id: string): Step {
  const isListed = state.devices[kind].some((device) => device.id === id);
  if (state.chosen[kind] !== null || !isListed) return { state, commands: [] };
  return remembering({
    state: { ...state, chosen: { ...state.chosen, [kind]: id } },
    commands: [],
  });
}

const everyKind: DeviceKind[] = ["microphone", "camera", "speaker"];
/** Names that a browser gives to what the system chooses. */
const aliases: ReadonlySet<string> = new Set(["default", "communications"]);

/** A list that was empty was one without leave to see it, not one without devices. */
function offerOf(state: SessionState, devices: Record<DeviceKind, Device[]>): Offer {
  const offered: Offer = {};
  if (state.phase !== "live") return offered;
  for (const kind of everyKind) {
    const before = new Set(state.devices[kind].map(({ id }) => id));
    const added = devices[kind].find(
      ({ id }) => before.size > 0 && !before.has(id) && !aliases.has(id),
    );
    const earlier = devices[kind].find(({ id }) => id === state.offered[kind]?.id);
    const offer = added ?? earlier;
    if (offer && offer.id !== state.chosen[kind]) offered[kind] = offer;
  }
  return offered;
}

/**
 * A device that was in use and is gone from the list was unplugged. During the call the engine moves to
 * the default device by itself; before it, the preview has to be asked again.
 */
export function devicesListed(state: SessionState, devices: Record<DeviceKind, Device[]>): Step {
  const lost = everyKind.filter((kind) => {
    const id = state.chosen[kind];
    const was = state.devices[kind].some((device) => device.id === id);
    return id !== null && was && !devices[kind].some((device) => device.id === id);
  });
  const offered = offerOf(state, devices);
  let step: Step = { state: { ...state, devices, offered }, commands: [] };
  for (const kind of lost) {
    const chosen = { ...step.state.chosen, [kind]: null };
    step = { ...step, state: { ...step.state, chosen } };
    const empty = devices[kind].length === 0;
    step = notify(step, { kind: empty ? "device_missing" : "device_lost", device: kind });
    if (state.phase === "live" || kind === "speaker" || empty || !state[kind].wanted) continue;
    step = {
      state: step.state,
      commands: [...step.commands, captureOrder(step.state, kind, true)],
    };
  }
  return step;
}
