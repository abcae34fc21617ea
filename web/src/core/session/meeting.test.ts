import { describe, expect, it } from "vitest";
import type { MeetingMessage, Told, UpdateMessage } from "../meeting/live";
import { hand, meetingMessage, serverNow } from "../meeting/testing";
import type { SessionEvent } from "./event";
import { noPreferences } from "./memory";
import { reduce } from "./reduce";
import { initialSession, type Person, type SessionState } from "./state";

const preferences = { ...noPreferences, name: "Ada" };
const memory = { ...preferences, rejoin: "r0", microphone: true, camera: false, audioOnly: false };
const admission = { identity: "me", name: "Ada", rejoin: "r1" };
const me: Person = {
  identity: "me",
  name: "Ada",
  kind: "guest",
  isLocal: true,
  microphone: true,
  camera: null,
  screen: null,
  sharing: false,
  speaking: false,
  lastSpokeAt: 0,
  quality: "good",
};

function play(events: SessionEvent[], from: SessionState = initialSession("m1")) {
  let state = from;
  let commands: ReturnType<typeof reduce>["commands"] = [];
  for (const event of events) ({ state, commands } = reduce(state, event));
  return { state, commands, types: commands.map(({ type }) => type) };
}

const told = (message: Told): SessionEvent => ({ type: "told", message, at: serverNow });
const meeting = (change: Partial<MeetingMessage> = {}): SessionEvent =>
  told(meetingMessage({ token: "jwt", ...change }));
const update = (change: Omit<UpdateMessage, "type" | "number">, number = 11): SessionEvent =>
  told({ type: "update", number, ...change });
const whole = meetingMessage();
const mine = (change: Partial<MeetingMessage["me"]>) => ({ me: { ...whole.me, ...change } });
const kinds = (state: SessionState) => state.notices.map(({ kind }) => kind);

const on = (kind: "microphone" | "camera"): SessionEvent => ({
  type: "captured",
  kind,
  on: true,
  deviceId: `${kind}-1`,
});
const atTheDoor: SessionEvent[] = [
  { type: "opened", preferences, memory: null },
  on("microphone"),
  on("camera"),
  { type: "join_asked", name: "Ada" },
  { type: "admitted", admission },
];
const live: SessionEvent[] = [...atTheDoor, meeting(), { type: "connected", people: [me] }];

describe("coming in", () => {
  it("hears of the meeting before media start, and starts them with its token", () => {
    expect(play(atTheDoor).commands).toEqual([{ type: "live_open", rejoin: "r1" }]);
    const { commands, state } = play([...atTheDoor, meeting()]);
    expect(commands).toEqual([{ type: "connect", token: "jwt", speakerId: null, publish: true }]);
    expect(state).toMatchObject({ phase: "joining", isConnecting: true });
    expect(play([meeting()], state).types).toEqual([]);
  });
  it("uses the token of the door when the meeting is known already", () => {
    const lost: SessionEvent = { type: "disconnected", reason: "connection_lost" };
    const again: SessionEvent = { type: "admitted", admission: { ...admission, token: "new" } };
    const { commands } = play([...live, lost, { type: "retry_due" }, again]);
    expect(commands).toEqual([
      { type: "live_open", rejoin: "r1" },
      { type: "connect", token: "new", speakerId: null, publish: true },
    ]);
  });
  it("waits with the preview, is remembered, and goes in by itself", () => {
    const waits = play([...atTheDoor, told({ type: "waiting", reason: "admission" })]);
    expect(waits.state).toMatchObject({ phase: "waiting", waiting: "admission", meeting: null });
    expect(waits.types).toEqual(["remember"]);
    const started = play([told({ type: "waiting", reason: "start" })], waits.state);
    expect(started.state.waiting).toBe("start");
    const { state, types } = play([meeting()], waits.state);
    expect(state).toMatchObject({ phase: "joining", waiting: null });
    expect(types).toEqual(["connect", "expire_notice"]);
    expect(kinds(state)).toEqual(["let_in"]);
  });
  it("finds its place at the door again after a reload", () => {
    const { state, types } = play([
      { type: "opened", preferences, memory },
      { type: "admitted", admission },
      told({ type: "waiting", reason: "admission" }),
    ]);
    expect(state.phase).toBe("waiting");
    expect(types).toEqual(["capture", "remember"]);
  });
  it("gives a personal invitation to the door, once", () => {
    const invited: SessionEvent = { type: "opened", preferences, memory: null, invitation: "s" };
    const asked = play([invited, { type: "join_asked", name: "Ada" }]);
    expect(asked.commands[0]).toMatchObject({ type: "join", invitation: "s", insist: false });
    expect(play([{ type: "admitted", admission }], asked.state).state.invitation).toBeNull();
  });
  it("publishes nothing when one only watches", () => {
    const watching = meeting(mine({ may_publish: false, role: "observer" }));
    const coming = play([...atTheDoor, watching]);
    expect(coming.commands).toMatchObject([{ type: "connect", publish: false }]);
    const { state, types } = play([{ type: "connected", people: [me] }], coming.state);
    expect(state.microphone).toMatchObject({ wanted: false, status: "off" });
    expect(types).toEqual(["remember"]);
  });
  it("does not announce what was there before", () => {
    const chat = {
      messages: [{ number: 7, at: 0, from: "Bob", name: "Bob", text: "Hi" }],
      erased: [],
    };
    const { state } = play([...atTheDoor, meeting({ chat })]);
    expect(state.notices).toEqual([]);
    expect(state.chatRead).toBe(7);
  });
});

describe("the break before a meeting", () => {
  const refused = (rule: "inform" | "block"): SessionEvent => ({
    type: "refused",
    code: "rest_required",
    rest: { until: 5000, rule },
  });
  const resting = play([...atTheDoor.slice(0, 4), refused("block")]);
  it("closes the devices and comes in by itself at its end", () => {
    expect(resting.state).toMatchObject({ phase: "resting", rest: { until: 5000, rule: "block" } });
    expect(resting.commands).toEqual([{ type: "disconnect" }, { type: "rest_until", at: 5000 }]);
    const due = play([{ type: "retry_due" }], resting.state);
    expect(due.state.phase).toBe("joining");
    expect(due.commands[0]).toMatchObject({ type: "join", insist: false, emergency: null });
  });
  it("can be skipped: plainly, or with a reason that is recorded", () => {
    const skip = (emergency: string | null) =>
      play([{ type: "break_skipped", emergency }], resting.state).commands[0];
    expect(skip(null)).toMatchObject({ type: "join", insist: true, emergency: null });
    expect(skip("Fire")).toMatchObject({ type: "join", insist: false, emergency: "Fire" });
  });
});

describe("in the meeting", () => {
  const inside = play(live).state;
  it("turns off what the chair stops", () => {
    const { state, commands } = play([update(mine({ microphone: "stopped" }))], inside);
    expect(state.microphone.wanted).toBe(false);
    expect(kinds(state)).toEqual(["stopped"]);
    expect(commands).toMatchObject([
      { type: "expire_notice" },
      { type: "capture", kinds: ["microphone"], on: false },
      { type: "remember" },
    ]);
    const sharing = play([{ type: "share_changed", on: true }], inside).state;
    const screen = play([update(mine({ screen: "blocked" }))], sharing);
    expect(screen.commands).toContainEqual({ type: "share", on: false });
  });
  it("asks to resume before it starts again", () => {
    const stopped = play([update(mine({ microphone: "stopped" }))], inside).state;
    const asked = play([{ type: "capture_toggled", kind: "microphone" }], stopped);
    expect(asked.commands).toEqual([{ type: "resume", source: "microphone" }]);
    const resumed = play([{ type: "resumed", source: "microphone" }], asked.state);
    expect(resumed.commands[0]).toMatchObject({ type: "capture", on: true });
    expect(resumed.state.microphone.wanted).toBe(true);
  });
  it("explains what is blocked, and starts nothing", () => {
    const blocked = play(
      [update(mine({ microphone: "blocked", screen: "blocked" }))],
      inside,
    ).state;
    const microphone = play([{ type: "capture_toggled", kind: "microphone" }], blocked);
    expect(microphone.state.notices.at(-1)).toMatchObject({
      kind: "ask_first",
      source: "microphone",
    });
    expect(microphone.types).toEqual(["expire_notice"]);
    const screen = play([{ type: "share_toggled" }], blocked);
    expect(screen.types).toEqual(["expire_notice"]);
  });
  it("can always be turned off", () => {
    const stopped = { ...inside, meeting: inside.meeting };
    const { commands } = play([{ type: "capture_toggled", kind: "microphone" }], stopped);
    expect(commands[0]).toMatchObject({ type: "capture", on: false });
  });
  it("lets go of everything when one may not publish any more, and takes it up after a standstill", () => {
    const { clock } = whole;
    const still = play(
      [update({ ...mine({ may_publish: false }), clock: { ...clock, suspended: true } })],
      inside,
    );
    expect(still.types).toContain("release");
    expect(still.state.microphone).toMatchObject({ wanted: true, status: "off" });
    const again = play([update({ ...mine({}), clock })], still.state);
    expect(again.commands).toContainEqual(
      expect.objectContaining({ type: "capture", kinds: ["microphone", "camera"], on: true }),
    );
  });
  it("does not open the microphone of a viewer who is given the floor", () => {
    const viewer = mine({ may_publish: false, role: "observer" });
    const watching = play([
      ...atTheDoor,
      meeting(viewer),
      { type: "connected", people: [me] },
    ]).state;
    const refused = play([{ type: "capture_toggled", kind: "microphone" }], watching);
    expect(kinds(refused.state)).toEqual(["watching_only"]);
    const floor = { ...whole.floor, holder: "me" };
    const turn = play([update({ me: { ...viewer.me, may_publish: true }, floor })], watching);
    expect(kinds(turn.state)).toEqual(["floor_yours"]);
    expect(turn.types).toEqual(["expire_notice", "sound"]);
    const speaks = play([{ type: "capture_toggled", kind: "microphone" }], turn.state);
    expect(speaks.commands[0]).toMatchObject({ type: "capture", kinds: ["microphone"], on: true });
    const over = play([update({ ...viewer, floor: whole.floor })], speaks.state);
    expect(over.types).toContain("release");
    expect(over.state.microphone.wanted).toBe(false);
  });
  it("calls people by the names that tell them apart", () => {
    const jean = { ...me, identity: "j", name: "Jean", isLocal: false };
    const people = {
      set: [
        {
          id: "j",
          name: "Jean",
          kind: "guest",
          role: "participant",
          owner: false,
          namesake: 2,
          here: true,
          microphone: "free",
          camera: "free",
          screen: "free",
        },
      ],
      gone: [],
    } satisfies MeetingMessage["people"];
    const { state } = play(
      [update({ people }), { type: "people_changed", people: [me, jean] }],
      inside,
    );
    expect(state.notices.at(-1)).toMatchObject({ kind: "joined", name: "Jean (2)" });
  });
  it("counts a message as read while the chat is shown, and does not announce it", () => {
    const message = (number: number) => ({ number, at: 0, from: "Bob", name: "Bob", text: "Hi" });
    const chat = (number: number) => ({ messages: [message(number)], erased: [] });
    const away = play([update({ chat: chat(12) }, 12)], inside).state;
    expect(away.chatRead).toBe(0);
    expect(kinds(away)).toEqual(["message"]);
    const reading = play([{ type: "chat_shown", shown: true }], away).state;
    expect(reading.chatRead).toBe(12);
    expect(kinds(reading)).toEqual([]);
    const more = play([update({ chat: chat(13) }, 13)], reading).state;
    expect(more.chatRead).toBe(13);
    expect(kinds(more)).toEqual([]);
  });
  it("announces one's place in the queue", () => {
    const floor = { ...whole.floor, queue: [hand("me")] };
    const { state } = play([update({ floor })], inside);
    expect(state.notices).toMatchObject([{ kind: "hand_position", position: 1 }]);
  });
  it("shows reactions for a while, and a few at once", () => {
    const reaction: Told = { type: "reaction", person: "Bob", reaction: "applause" };
    const one = play([told(reaction)], inside);
    expect(one.state.reactions).toMatchObject([{ name: "Bob", reaction: "applause" }]);
    expect(one.types).toEqual(["expire_reaction"]);
    const id = one.state.reactions[0]?.id ?? 0;
    expect(play([{ type: "reaction_expired", id }], one.state).state.reactions).toEqual([]);
    const many = play(
      Array.from({ length: 30 }, () => told(reaction)),
      inside,
    );
    expect(many.state.reactions).toHaveLength(12);
  });
  it("says why the server refused", () => {
    const { state } = play([{ type: "order_refused", code: "not_allowed" }], inside);
    expect(state.notices).toMatchObject([{ kind: "order_refused", code: "not_allowed" }]);
  });
  it("renews the meeting socket when the network was repaired", () => {
    const { types } = play(
      [
        { type: "connection_changed", connection: "reconnecting" },
        { type: "connection_changed", connection: "steady" },
      ],
      inside,
    );
    expect(types).toContain("live_renew");
  });
  it("goes back to the door when its seat is gone", () => {
    const gone = play([{ type: "live_refused", code: "not_in_meeting" }], inside);
    expect(gone.types).toEqual(["disconnect", "join"]);
    expect(gone.state).toMatchObject({ phase: "returning", meeting: null });
    const waits = play(
      [{ type: "admitted", admission }, told({ type: "waiting", reason: "admission" })],
      gone.state,
    );
    expect(waits.state.phase).toBe("waiting");
  });
});

describe("the end", () => {
  const inside = play(live).state;
  it.each([
    ["closed", "closed"],
    ["time", "time"],
    ["banned", "banned"],
    ["replaced", "duplicate"],
    ["ended", "meeting_over"],
  ] as const)("after %s is %s", (reason, ended) => {
    const { state, types } = play([told({ type: "over", reason })], inside);
    expect(state).toMatchObject({ phase: "ended", ended, meeting: null, isInside: false });
    expect(types).toEqual(["disconnect", "forget", "live_close"]);
  });
  it("takes the better word when media were told first", () => {
    const removed = play([{ type: "disconnected", reason: "removed" }], inside).state;
    expect(play([told({ type: "over", reason: "banned" })], removed).state.ended).toBe("banned");
    const left = play([{ type: "leave_asked" }], inside);
    expect(left.types).toEqual(["disconnect", "forget", "live_leave"]);
    expect(play([told({ type: "over", reason: "closed" })], left.state).state.ended).toBe("left");
  });
  it("is not undone by what still comes", () => {
    const { state } = play([{ type: "leave_asked" }, meeting(), update({})], inside);
    expect(state).toMatchObject({ phase: "ended", meeting: null });
  });
  it("is final for whoever is banned at the door", () => {
    const { state } = play([...atTheDoor.slice(0, 4), { type: "refused", code: "banned" }]);
    expect(state).toMatchObject({ phase: "ended", ended: "banned" });
  });
});
