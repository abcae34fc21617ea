import { asBefore, withNames } from "../meeting/people";
import { speakerOf } from "../stage";
import { remembering, startWanted, withCapture } from "./capture";
import type { SessionCommand } from "./command";
import { released } from "./meeting";
import { comparePeople, notify, type Step } from "./notices";
import type { Connection, EndReason, Person, SessionState } from "./state";

/** After the engine gave up: the server may be restarting, so the page asks for a new token for a while. */
const retryDelaysMs = [1000, 2000, 4000, 5000, 5000, 5000, 10_000, 10_000, 10_000, 10_000];
const worthRetrying: ReadonlySet<EndReason> = new Set(["connection_lost", "server_stopped"]);

export function join(
  state: SessionState,
  skip: { insist: boolean; emergency: string | null } = { insist: false, emergency: null },
): Step {
  const { meetingId, name, rejoin, invitation } = state;
  const order: SessionCommand = {
    type: "join",
    meetingId,
    name,
    rejoin,
    invitation,
    ...skip,
  };
  return { state, commands: [order] };
}

export function connected(state: SessionState, people: Person[]): Step {
  const cameBack = state.phase === "returning";
  const { meeting } = state;
  const live: SessionState = {
    ...state,
    phase: "live",
    isInside: true,
    isConnecting: false,
    people: withNames(people, meeting),
    speaker: speakerOf(people, state.speaker),
    connection: "steady",
    attempt: 0,
    refusal: null,
    ended: null,
  };
  const mayPublish = meeting?.me.may_publish ?? false;
  const started: Step = mayPublish
    ? startWanted(live)
    : { state: released(live, meeting?.clock.suspended ?? false), commands: [] };
  const step = remembering(withoutPictures(started));
  return cameBack ? notify(step, { kind: "restored" }) : step;
}

function withoutPictures(step: Step): Step {
  if (!step.state.audioOnly) return step;
  return { ...step, commands: [...step.commands, { type: "receive_video", on: false }] };
}

export function peopleChanged(state: SessionState, people: Person[]): Step {
  if (state.phase !== "live") return { state, commands: [] };
  const named = asBefore(withNames(people, state.meeting), state.people);
  const speaker = speakerOf(named, state.speaker);
  const step: Step = { state: { ...state, people: named, speaker }, commands: [] };
  // While the connection is being repaired the list may empty and refill: that is not people leaving.
  if (state.connection === "reconnecting") return step;
  return comparePeople(state.people, named).reduce(notify, step);
}

export function connectionChanged(state: SessionState, connection: Connection): Step {
  const step: Step = { state: { ...state, connection }, commands: [] };
  const repaired = state.connection === "reconnecting" && connection !== "reconnecting";
  if (!repaired) return step;
  return notify({ ...step, commands: [{ type: "live_renew" }] }, { kind: "restored" });
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
    isConnecting: false,
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
    isConnecting: false,
    token: null,
    meeting: null,
    waiting: null,
    rest: null,
    reactions: [],
    people: [],
    pinned: null,
    offered: {},
    notices: [],
    attempt: 0,
  };
  // The media plane may be the first to tell of an end, and the meeting the one who knows why.
  const farewell: SessionCommand =
    reason === "left" ? { type: "live_leave" } : { type: "live_close", afterMs: 3000 };
  return {
    state: next,
    commands: [{ type: "disconnect" }, { type: "forget", meetingId: state.meetingId }, farewell],
  };
}

/** The engine releases the devices with the connection; what the person wanted stays. */
function stopped(state: SessionState): SessionState {
  const silent = withCapture(state, "microphone", { status: "off" });
  return { ...withCapture(silent, "camera", { status: "off" }), sharing: false, isTalking: false };
}
