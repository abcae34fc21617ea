import type { NoticeBody } from "../session/state";
import type { Source } from "./live";
import { nameIn, nameOf, positionIn } from "./people";
import type { MeetingState } from "./state";
import { minutesOf } from "./time";

type Compare = (before: MeetingState, after: MeetingState) => NoticeBody[];

const sources: Source[] = ["microphone", "camera", "screen"];

const role: Compare = (before, after) => {
  const bodies: NoticeBody[] = [];
  if (before.me.role !== after.me.role) bodies.push({ kind: "role", role: after.me.role });
  for (const [id, person] of after.people) {
    const became = person.role === "chair" && before.people.get(id)?.role !== "chair";
    if (became && id !== after.me.id) bodies.push({ kind: "chair_is", name: nameOf(person) });
  }
  return bodies;
};

const sending: Compare = (before, after) =>
  sources.flatMap((source): NoticeBody[] => {
    const now = after.me[source];
    if (before.me[source] === now) return [];
    return [{ kind: now === "free" ? "allowed" : now, source }];
  });

const queue: Compare = (before, after) => {
  const me = after.me.id;
  const waited = new Set(before.floor.queue.map(({ person }) => person));
  const bodies: NoticeBody[] = after.floor.queue
    .filter(({ person }) => person !== me && !waited.has(person))
    .map(({ person }) => ({ kind: "hand_raised", name: nameIn(after, person) }));
  const position = positionIn(after, me);
  if (position !== positionIn(before, me)) {
    if (position !== null) bodies.push({ kind: "hand_position", position });
    else if (after.floor.holder !== me) bodies.push({ kind: "hand_lowered" });
  }
  return bodies;
};

const floor: Compare = (before, after) => {
  const bodies: NoticeBody[] = [];
  const { holder, mode } = after.floor;
  if (mode !== before.floor.mode) bodies.push({ kind: "floor_mode", mode });
  if (holder === before.floor.holder) return bodies;
  if (holder === after.me.id) bodies.push({ kind: "floor_yours" });
  else if (before.floor.holder === after.me.id) bodies.push({ kind: "floor_lost" });
  else if (holder !== null) bodies.push({ kind: "floor_given", name: nameIn(after, holder) });
  return bodies;
};

const clock: Compare = (before, after) => {
  const bodies: NoticeBody[] = [];
  const [was, is] = [before.clock, after.clock];
  const extended = before.meeting.extension_left - after.meeting.extension_left;
  if (extended > 0) bodies.push({ kind: "extended", minutes: minutesOf(extended) });
  if (is.paused_until !== null && was.paused_until === null) bodies.push({ kind: "paused" });
  if (is.paused_until === null && was.paused_until !== null) bodies.push({ kind: "continued" });
  if (is.suspended !== was.suspended) {
    bodies.push({ kind: is.suspended ? "suspended" : "chaired_again" });
  }
  if (is.live_at !== null && was.live_at === null) bodies.push({ kind: "live_began" });
  if (is.warned !== was.warned && is.warned !== null) {
    bodies.push(is.warned === 0 ? { kind: "grace" } : { kind: "time_left", minutes: is.warned });
  }
  return bodies;
};

const motion: Compare = (before, after) => {
  const [was, is] = [before.motion, after.motion];
  if (is === null || (was?.stage === is.stage && was.until === is.until)) return [];
  const minutes = minutesOf(is.length);
  switch (is.stage) {
    case "asked":
      return after.me.leads && is.person !== after.me.id
        ? [{ kind: "time_asked", name: nameIn(after, is.person), minutes }]
        : [];
    case "voting":
      return [{ kind: "vote_called", minutes }];
    case "carried":
    case "rejected":
      return [{ kind: `vote_${is.stage}`, yes: is.yes, no: is.no }];
    case "withdrawn":
      return was?.stage === "voting" || is.person === after.me.id
        ? [{ kind: "motion_withdrawn" }]
        : [];
    case "granted":
      return [];
  }
};

const agenda: Compare = (before, after) => {
  const item = after.agenda.items[after.agenda.item];
  const changed = item?.title !== before.agenda.items[before.agenda.item]?.title;
  return item && changed ? [{ kind: "agenda_item", title: item.title }] : [];
};

const words: Compare = (before, after) => {
  const last = before.number;
  const bodies: NoticeBody[] = after.chat
    .filter(({ number, from }) => number > last && from !== after.me.id)
    .map(({ from, name, to }) => ({
      kind: "message",
      name: nameIn(after, from, name),
      isPrivate: to !== undefined,
    }));
  if (!after.me.leads) return bodies;
  const asked = after.questions.filter(
    ({ number, from, state }) => number > last && from !== after.me.id && state === "asked",
  );
  return [...bodies, ...asked.map(({ name }): NoticeBody => ({ kind: "question_asked", name }))];
};

const door: Compare = (before, after) => {
  const bodies: NoticeBody[] = [];
  const waited = new Set(before.lobby.map(({ id }) => id));
  for (const person of after.lobby) {
    if (!waited.has(person.id)) bodies.push({ kind: "lobby_waits", name: nameOf(person) });
  }
  if (before.meeting.locked !== after.meeting.locked) {
    bodies.push({ kind: after.meeting.locked ? "locked" : "unlocked" });
  }
  return bodies;
};

/** What a person should hear of, in the order in which it matters least to most: the last is on top. */
export const compareMeetings: Compare = (before, after) =>
  [words, door, agenda, queue, clock, motion, role, sending, floor].flatMap((compare) =>
    compare(before, after),
  );
