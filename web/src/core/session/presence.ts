import { remembering, startWanted, withCapture } from "./capture";
import type { SessionCommand } from "./command";
import { comparePeople, notify, type Step } from "./notices";
import type { Connection, EndReason, Person, SessionState } from "./state";

/** After the engine gave up: the server may be restarting, so the page asks for a new token for a while. */
const retryDelaysMs = [1000, 2000, 4000, 5000, 5000, 5000, 10_000, 10_000, 10_000, 10_000];
const worthRetrying: ReadonlySet<EndReason> = new Set(["connection_lost", "server_stopped"]);

export function join(state: SessionState): Step {
  const { meetingId, name, rejoin } = state;
  const order: SessionCommand = { type: "join", meetingId, name, rejoin };
  return { state, commands: [order] };
}

export function connected(state: SessionState, people: Person[]): Step {
  const cameBack = state.phase === "returning";
  const live: SessionState = {
    ...state,
    phase: "live",
    isInside: true,
    people,
    connection: "steady",
    attempt: 0,
    refusal: null,
    ended: null,
  };
  const started = startWanted(live);
  const step = remembering(started);
  return cameBack ? notify(step, { kind: "restored" }) : step;
}

export function peopleChanged(state: SessionState, people: Person[]): Step {
  if (state.phase !== "live") return { state, commands: [] };
  const step: Step = { state: { ...state, people }, commands: [] };
  // While the connection is being repaired the list may empty and refill: that is not people leaving.
  if (state.connection === "reconnecting") return step;
  return comparePeople(state.people, people).reduce(notify, step);
}

export function connectionChanged(state: SessionState, connection: Connection): Step {
  const step: Step = { state: { ...state, connection }, commands: [] };
  const repaired = state.connection === "reconnecting" && connection !== "reconnecting";
  return repaired ? notify(step, { kind: "restored" }) : step;
}

export function disconnected(state: SessionState, reason: EndReason): Step {
  if (state.phase === "ended") return { state, commands: [] };
  if (worthRetrying.has(reason)) return retryOrEnd(state, reason);
  return end(state, reason);
}

export function retryOrEnd(state: SessionState, reason: EndReason): Step {
  const delayMs = retryDelaysMs[state.attempt];
  if (delayMs === undefined) return end(state, reason);
  const next: SessionState = {
    ...stopped(state),
    phase: "returning",
    connection: "reconnecting",
    attempt: state.attempt + 1,
    ended: reason,
  };
  return { state: next, commands: [{ type: "retry_after", delayMs }] };
}

export function end(state: SessionState, reason: EndReason): Step {
  const next: SessionState = {
    ...stopped(state),
    phase: "ended",
    isInside: false,
    connection: "steady",
    ended: reason,
    people: [],
    notices: [],
    attempt: 0,
  };
  return {
    state: next,
    commands: [{ type: "disconnect" }, { type: "forget", meetingId: state.meetingId }],
  };
}

/** The engine releases the devices with the connection; what the person wanted stays. */
function stopped(state: SessionState): SessionState {
  const silent = withCapture(state, "microphone", { status: "off" });
  return { ...withCapture(silent, "camera", { status: "off" }), sharing: false };
}
