import { describe, expect, it } from "vitest";
import { meetingMessage, serverNow } from "../meeting/testing";
import type { SessionEvent } from "./event";
import { type CallMemory, noPreferences, type Preferences } from "./memory";
import { reduce } from "./reduce";
import { initialSession, type Person, type SessionState } from "./state";

const preferences: Preferences = { ...noPreferences, name: "Ada" };
const memory: CallMemory = {
  ...preferences,
  rejoin: "r0",
  microphone: true,
  camera: false,
  audioOnly: false,
};
const admission = { token: "jwt", identity: "i1", name: "Ada", rejoin: "r1" };

function person(identity: string, change: Partial<Person> = {}): Person {
  return {
    identity,
    name: identity,
    kind: "guest",
    isLocal: false,
    microphone: false,
    camera: null,
    screen: null,
    sharing: false,
    speaking: false,
    lastSpokeAt: 0,
    quality: "good",
    ...change,
  };
}
const me = person("me", { isLocal: true });

function play(events: SessionEvent[], from = initialSession("m1")) {
  let state: SessionState = from;
  let types: string[] = [];
  let last: ReturnType<typeof reduce>["commands"] = [];
  for (const event of events) {
    const step = reduce(state, event);
    state = step.state;
    last = step.commands;
    types = last.map(({ type }) => type);
  }
  return { state, commands: last, types };
}

const told: SessionEvent = { type: "told", message: meetingMessage(), at: serverNow };
const opened: SessionEvent = { type: "opened", preferences, memory: null };
const on = (kind: "microphone" | "camera"): SessionEvent => ({
  type: "captured",
  kind,
  on: true,
  deviceId: `${kind}-1`,
});
const intoCall: SessionEvent[] = [
  opened,
  on("microphone"),
  on("camera"),
  { type: "join_asked", name: " Ada " },
  { type: "admitted", admission },
  told,
  { type: "connected", people: [me] },
];

describe("before the meeting", () => {
  it("asks for both devices in one request", () => {
    const { state, commands } = play([opened]);
    expect(commands[0]).toMatchObject({ type: "capture", kinds: ["microphone", "camera"] });
    expect(state.microphone.status).toBe("starting");
    expect(state.name).toBe("Ada");
  });
  it("retries only what failed", () => {
    const { commands } = play([
      opened,
      on("microphone"),
      { type: "capture_failed", kind: "camera", problem: "busy" },
      { type: "devices_retried" },
    ]);
    expect(commands).toMatchObject([{ type: "capture", kinds: ["camera"], on: true }]);
  });
  it("joins with the trimmed name, remembers it, then connects", () => {
    const joining = play(intoCall.slice(0, 4));
    expect(joining.commands[0]).toEqual({
      type: "join",
      meetingId: "m1",
      name: "Ada",
      rejoin: null,
      invitation: null,
      insist: false,
      emergency: null,
    });
    expect(joining.types).toContain("prefer");
    expect(play(intoCall.slice(0, 6)).commands).toEqual([
      { type: "connect", token: "jwt", speakerId: null, publish: true },
    ]);
  });
  it("joins without devices", () => {
    const { state } = play([
      opened,
      { type: "capture_failed", kind: "microphone", problem: "denied" },
      { type: "capture_failed", kind: "camera", problem: "denied" },
      { type: "join_asked", name: "Ada" },
    ]);
    expect(state.phase).toBe("joining");
  });
  it("goes back to the page with the reason when refused", () => {
    const { state, types } = play([
      opened,
      { type: "join_asked", name: "" },
      { type: "refused", code: "name_required" },
    ]);
    expect(state).toMatchObject({ phase: "lobby", refusal: "name_required" });
    expect(types).toContain("forget");
  });
  it("asks for the default device when the chosen one is unplugged", () => {
    const listed = (ids: string[]): SessionEvent => ({
      type: "devices_listed",
      devices: { microphone: ids.map((id) => ({ id, label: id })), camera: [], speaker: [] },
    });
    const { state, commands } = play([
      opened,
      on("microphone"),
      listed(["microphone-1", "other"]),
      listed(["other"]),
    ]);
    expect(state.chosen.microphone).toBeNull();
    expect(state.notices).toMatchObject([{ kind: "device_lost", device: "microphone" }]);
    expect(commands.at(-1)).toMatchObject({ type: "capture", kinds: ["microphone"], on: true });
  });
});

describe("in the meeting", () => {
  it("writes down what a reload needs, at each change", () => {
    const { types, state } = play(intoCall);
    expect(types).toEqual(["remember"]);
    expect(state.phase).toBe("live");
    const muted = play([...intoCall, { type: "capture_toggled", kind: "microphone" }]);
    expect(muted.commands.at(-1)).toMatchObject({
      type: "remember",
      memory: { rejoin: "r1", microphone: false, camera: true },
    });
  });
  it("announces those who come and go, not those already there, nor oneself", () => {
    const people = (list: Person[]): SessionEvent => ({ type: "people_changed", people: list });
    expect(play(intoCall).state.notices).toEqual([]);
    const came = play([...intoCall, people([me, person("Bob")])]);
    expect(came.state.notices).toMatchObject([{ kind: "joined", name: "Bob" }]);
    const went = play([people([me])], came.state);
    expect(went.state.notices).toMatchObject([{ kind: "joined" }, { kind: "left", name: "Bob" }]);
    const shown = play([people([me, person("Bob", { sharing: true })])], came.state);
    expect(shown.state.notices.at(-1)).toMatchObject({ kind: "sharing", name: "Bob" });
  });
  it("does not take a repaired connection for people leaving", () => {
    const { state } = play([
      ...intoCall,
      { type: "people_changed", people: [me, person("Bob")] },
      { type: "connection_changed", connection: "reconnecting" },
      { type: "people_changed", people: [me] },
      { type: "people_changed", people: [me, person("Bob")] },
      { type: "connection_changed", connection: "steady" },
    ]);
    expect(state.notices.map(({ kind }) => kind)).toEqual(["joined", "restored"]);
  });
  it("keeps at most three notices and takes each away", () => {
    const names = ["A", "B", "C", "D"].map((name) => person(name));
    const { state } = play([...intoCall, { type: "people_changed", people: [me, ...names] }]);
    expect(state.notices).toHaveLength(3);
    const id = state.notices[0]?.id ?? 0;
    expect(play([{ type: "notice_expired", id }], state).state.notices).toHaveLength(2);
  });
  it("follows a mute by the server", () => {
    const { state } = play([...intoCall, { type: "muted_by_server", kind: "microphone" }]);
    expect(state.microphone).toMatchObject({ wanted: false, status: "off" });
  });
  it("tries a failed device again when its button is pressed", () => {
    const { state, commands } = play([
      ...intoCall,
      { type: "capture_failed", kind: "camera", problem: "busy" },
      { type: "capture_toggled", kind: "camera" },
    ]);
    expect(state.camera).toMatchObject({ wanted: true, problem: null });
    expect(commands[0]).toMatchObject({ type: "capture", on: true });
  });
});

describe("leaving and coming back", () => {
  it("forgets the call when one leaves", () => {
    const { state, types } = play([...intoCall, { type: "leave_asked" }]);
    expect(state).toMatchObject({ phase: "ended", ended: "left" });
    expect(types).toEqual(["disconnect", "forget", "live_leave"]);
  });
  it("rejoins with one event, as the same person", () => {
    const { commands } = play([...intoCall, { type: "leave_asked" }, { type: "rejoin_asked" }]);
    expect(commands).toMatchObject([{ type: "join", meetingId: "m1", name: "Ada", rejoin: "r1" }]);
  });
  it("is back after a reload without asking anything", () => {
    const { state, commands } = play([{ type: "opened", preferences, memory }]);
    expect(state.phase).toBe("joining");
    expect(commands[0]).toMatchObject({ type: "join", name: "Ada", rejoin: "r0" });
    const back = play(
      [{ type: "admitted", admission }, told, { type: "connected", people: [me] }],
      state,
    );
    expect(back.commands[0]).toMatchObject({ type: "capture", kinds: ["microphone"], on: true });
  });
  it("returns by itself when the connection is lost, with devices as they were wanted", () => {
    const lost = play([...intoCall, { type: "disconnected", reason: "connection_lost" }]);
    expect(lost.state).toMatchObject({ phase: "returning", connection: "reconnecting" });
    expect(lost.commands).toEqual([{ type: "retry_after", delayMs: 1000 }]);
    const back = play(
      [
        { type: "retry_due" },
        { type: "refused", code: "offline" },
        { type: "retry_due" },
        { type: "admitted", admission },
        told,
        { type: "connected", people: [me] },
      ],
      lost.state,
    );
    expect(back.state).toMatchObject({ phase: "live", attempt: 0, ended: null });
    expect(back.commands[0]).toMatchObject({ type: "capture", kinds: ["microphone", "camera"] });
  });
  it("says at once that a first entry failed, and waits it out after a reload", () => {
    const first = play([...intoCall.slice(0, 5), { type: "connect_failed" }]);
    expect(first.state).toMatchObject({ phase: "lobby", refusal: "offline" });
    const again = play([
      { type: "opened", preferences, memory },
      { type: "admitted", admission },
      { type: "connect_failed" },
    ]);
    expect(again.state.phase).toBe("returning");
    expect(again.types).toEqual(["retry_after"]);
  });
  it("tries again by itself when the server had no time for it", () => {
    const busy: SessionEvent = { type: "refused", code: "server_overloaded", retryAfterMs: 41_000 };
    const refused = play([...intoCall.slice(0, 4), busy]);
    expect(refused.state).toMatchObject({ phase: "lobby", refusal: "server_overloaded" });
    expect(refused.commands).toContainEqual({ type: "retry_after", delayMs: 41_000 });
    const again = play([{ type: "retry_due" }], refused.state);
    expect(again.state).toMatchObject({ phase: "joining", refusal: null });
    expect(again.commands[0]).toMatchObject({ type: "join", name: "Ada" });
    const untold = play([...intoCall.slice(0, 4), { type: "refused", code: "server_overloaded" }]);
    expect(untold.commands).toContainEqual({ type: "retry_after", delayMs: 30_000 });
  });
  it("tries nothing again that time does not mend, nor what was given up", () => {
    const full = play([...intoCall.slice(0, 4), { type: "refused", code: "server_full" }]);
    expect(full.types).not.toContain("retry_after");
    expect(play([{ type: "retry_due" }], full.state).types).toEqual([]);
    const busy: SessionEvent = { type: "refused", code: "server_overloaded" };
    const left = play([...intoCall.slice(0, 4), busy, { type: "leave_asked" }]);
    expect(play([{ type: "retry_due" }], left.state).types).toEqual([]);
  });
  it("waits for a server without time when it comes back", () => {
    const lost = play([...intoCall, { type: "disconnected", reason: "connection_lost" }]);
    const busy: SessionEvent = { type: "refused", code: "server_overloaded", retryAfterMs: 41_000 };
    const back = play([{ type: "retry_due" }, busy], lost.state);
    expect(back.state.phase).toBe("returning");
  });
  it("gives up in the end, and says why", () => {
    let state = play([...intoCall, { type: "disconnected", reason: "server_stopped" }]).state;
    for (let attempt = 0; attempt < 20 && state.phase === "returning"; attempt++) {
      state = play([{ type: "retry_due" }, { type: "refused", code: "offline" }], state).state;
    }
    expect(state).toMatchObject({ phase: "ended", ended: "server_stopped" });
  });
  it.each(["duplicate", "removed", "meeting_over"] as const)(
    "does not insist after %s",
    (reason) => {
      const { state } = play([...intoCall, { type: "disconnected", reason }]);
      expect(state).toMatchObject({ phase: "ended", ended: reason });
    },
  );
  it("ignores an admission that comes after one left", () => {
    const events = [...intoCall.slice(0, 4), { type: "leave_asked" } as const];
    expect(play([...events, { type: "admitted", admission }]).commands).toEqual([]);
  });
});
