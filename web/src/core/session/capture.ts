import type { SessionCommand } from "./command";
import { callMemoryOf } from "./memory";
import { notify, type Step } from "./notices";
import type {
  Capture,
  CaptureKind,
  Device,
  DeviceKind,
  DeviceProblem,
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

/** Starts what is wanted and not running, in one order so that the browser asks for leave once. */
export function startWanted(state: SessionState): Step {
  const missing = kinds.filter((kind) => state[kind].wanted && state[kind].status === "off");
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

export function toggle(state: SessionState, kind: CaptureKind): Step {
  const wanted = !state[kind].wanted || state[kind].problem !== null;
  const next = withCapture(state, kind, {
    wanted,
    status: wanted ? "starting" : state[kind].status,
    problem: null,
  });
  const order: SessionCommand = {
    type: "capture",
    kinds: [kind],
    on: wanted,
    deviceIds: state.chosen,
  };
  return remembering({ state: next, commands: [order] });
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

/**
 * A device that was in use and is gone from the list was unplugged. During the call the engine moves to
 * the default device by itself; before it, the preview has to be asked again.
 */
export function devicesListed(state: SessionState, devices: Record<DeviceKind, Device[]>): Step {
  const everyKind: DeviceKind[] = ["microphone", "camera", "speaker"];
  const lost = everyKind.filter((kind) => {
    const id = state.chosen[kind];
    const was = state.devices[kind].some((device) => device.id === id);
    return id !== null && was && !devices[kind].some((device) => device.id === id);
  });
  let step: Step = { state: { ...state, devices }, commands: [] };
  for (const kind of lost) {
    const chosen = { ...step.state.chosen, [kind]: null };
    step = { ...step, state: { ...step.state, chosen } };
    const empty = devices[kind].length === 0;
    step = notify(step, { kind: empty ? "device_missing" : "device_lost", device: kind });
    if (state.phase === "live" || kind === "speaker" || empty || !state[kind].wanted) continue;
    const order: SessionCommand = {
      type: "capture",
      kinds: [kind],
      on: true,
      deviceIds: chosen,
    };
    step = { state: step.state, commands: [...step.commands, order] };
  }
  return step;
}
