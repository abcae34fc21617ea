// What the meeting socket tells, as far as it changes what this page does.
import { compareMeetings } from "../meeting/changes";
import type { OverMessage, Source, Told } from "../meeting/live";
import { nameIn, withNames } from "../meeting/people";
import { type MeetingState, updatedMeeting, wholeMeeting } from "../meeting/state";
import { remembering, startWanted, withCapture } from "./capture";
import type { SessionCommand } from "./command";
import { notify, type Step } from "./notices";
import { end, join } from "./presence";
import { news } from "./sounds";
import type { CaptureKind, EndReason, NoticeBody, SessionState } from "./state";

const reactionShownMs = 4000;
const reactionsShown = 12;

const endOf: Record<OverMessage["reason"], EndReason> = {
  left: "left",
  refused: "refused",
  removed: "removed",
  banned: "banned",
  replaced: "duplicate",
  closed: "closed",
  time: "time",
  abandoned: "abandoned",
  ended: "meeting_over",
  signed_out: "signed_out",
};
/** What the media plane says of an end for which the meeting has a better word. */
const vague: ReadonlySet<EndReason | null> = new Set(["removed", "meeting_over", "duplicate"]);

export function told(state: SessionState, message: Told, at: number): Step {
  switch (message.type) {
    case "waiting":
      return toldToWait(state, message.reason);
    case "meeting": {
      const token = message.token ?? state.token;
      return letIn(changed({ ...state, token }, wholeMeeting(message, at)));
    }
    case "update":
      if (!state.meeting) return { state, commands: [] };
      return changed(state, updatedMeeting(state.meeting, message, at));
    case "reaction":
      return reacted(state, message.person, message.reaction);
    case "over":
      return over(state, message.reason);
  }
}

function toldToWait(state: SessionState, waiting: SessionState["waiting"]): Step {
  if (state.phase === "ended") return { state, commands: [] };
  const next: SessionState = { ...state, phase: "waiting", waiting, meeting: null, people: [] };
  // Whoever waits looks at the preview; a reload must find the same place at the door again.
  return remembering(startWanted(next));
}

/** Media follow the leave to come in: the first meeting that is told, or the token of a new admission. */
export function letIn(step: Step): Step {
  const { state, commands } = step;
  const { meeting, token, phase, isConnecting } = state;
  const isComing = phase === "joining" || phase === "waiting" || phase === "returning";
  if (!isComing || !meeting || token === null || isConnecting) return step;
  const connect: SessionCommand = {
    type: "connect",
    token,
    speakerId: state.chosen.speaker,
    publish: meeting.me.may_publish,
  };
  const next: SessionState = {
    ...state,
    phase: phase === "waiting" ? "joining" : phase,
    waiting: null,
    isConnecting: true,
  };
  const entered: Step = { state: next, commands: [...commands, connect] };
  return phase === "waiting" ? notify(entered, { kind: "let_in" }) : entered;
}

function changed(state: SessionState, meeting: MeetingState): Step {
  if (state.phase === "ended") return { state, commands: [] };
  const before = state.meeting;
  const last = meeting.chat.at(-1)?.number ?? 0;
  // What was written before one came is history, not news.
  const isRead = before === null || state.isChatShown;
  const next: SessionState = {
    ...state,
    meeting,
    people: withNames(state.people, meeting),
    chatRead: isRead ? Math.max(state.chatRead, last) : state.chatRead,
  };
  if (!before) return { state: next, commands: [] };
  const changes = compareMeetings(before, meeting).filter(
    ({ kind }) => kind !== "message" || !state.isChatShown,
  );
  return obey(news(next, changes), before, meeting);
}

/** What the chair stopped is turned off here too, so that everybody sees the truth. */
function obey(step: Step, before: MeetingState, after: MeetingState): Step {
  if (before.me.may_publish !== after.me.may_publish) return mayPublish(step, after);
  const kinds: CaptureKind[] = ["microphone", "camera"];
  let next = step;
  for (const kind of kinds) {
    const isStopped = before.me[kind] === "free" && after.me[kind] !== "free";
    if (isStopped && next.state[kind].wanted) next = turnedOff(next, kind);
  }
  const noScreen = before.me.screen === "free" && after.me.screen !== "free";
  if (noScreen && next.state.sharing) {
    next = { ...next, commands: [...next.commands, { type: "share", on: false }] };
  }
  return next;
}

function turnedOff({ state, commands }: Step, kind: CaptureKind): Step {
  const off: SessionCommand = {
    type: "capture",
    kinds: [kind],
    on: false,
    deviceIds: state.chosen,
  };
  const next = withCapture(state, kind, { wanted: false });
  return remembering({ state: next, commands: [...commands, off] });
}

function mayPublish({ state, commands }: Step, { me, clock }: MeetingState): Step {
  if (state.phase !== "live") return { state, commands };
  if (me.may_publish) {
    const started = startWanted(state);
    return { state: started.state, commands: [...commands, ...started.commands] };
  }
  const silent = released(state, clock.suspended);
  return remembering({ state: silent, commands: [...commands, { type: "release" }] });
}

/** A meeting that stands still goes on as it was; a turn that is over is over. */
export function released(state: SessionState, keepsWish: boolean): SessionState {
  const kinds: CaptureKind[] = ["microphone", "camera"];
  return kinds.reduce<SessionState>(
    (next, kind) =>
      withCapture(next, kind, { status: "off", wanted: keepsWish && next[kind].wanted }),
    { ...state, sharing: false, isTalking: false },
  );
}

/** Why nothing is started now: asked of the server first, or explained; null when nothing is in the way. */
export function hindrance(state: SessionState, source: Source): Step | null {
  const me = state.phase === "live" ? state.meeting?.me : undefined;
  if (!me) return null;
  const explained = (body: NoticeBody) => notify({ state, commands: [] }, body);
  if (state.audioOnly && source !== "microphone") return explained({ kind: "audio_only_first" });
  if (!me.may_publish) return explained({ kind: "watching_only" });
  if (me[source] === "blocked") return explained({ kind: "ask_first", source });
  if (me[source] === "stopped") return { state, commands: [{ type: "resume", source }] };
  return null;
}

function reacted(
  state: SessionState,
  person: string,
  reaction: Extract<Told, { type: "reaction" }>["reaction"],
): Step {
  if (!state.meeting) return { state, commands: [] };
  const id = state.nextNotice;
  const name = nameIn(state.meeting, person);
  const reactions = [...state.reactions, { id, name, reaction }].slice(-reactionsShown);
  const expire: SessionCommand = { type: "expire_reaction", id, delayMs: reactionShownMs };
  return { state: { ...state, reactions, nextNotice: id + 1 }, commands: [expire] };
}

function over(state: SessionState, reason: OverMessage["reason"]): Step {
  const ended = endOf[reason];
  if (state.phase !== "ended") return end(state, ended);
  if (!vague.has(state.ended)) return { state, commands: [] };
  return { state: { ...state, ended }, commands: [] };
}

/** The seat was given up meanwhile, or the server has forgotten it: back to the door. */
export function liveRefused(state: SessionState): Step {
  if (state.phase === "ended" || state.phase === "lobby") return { state, commands: [] };
  const next: SessionState = { ...state, meeting: null, token: null, isConnecting: false };
  if (state.phase !== "live") return join(next);
  const step = join({ ...released(next, true), phase: "returning", connection: "reconnecting" });
  return { state: step.state, commands: [{ type: "disconnect" }, ...step.commands] };
}
