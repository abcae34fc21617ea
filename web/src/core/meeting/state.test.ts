import { describe, expect, it } from "vitest";
import { updatedMeeting, wholeMeeting } from "./state";
import { meetingMessage, meetingState, person, serverNow } from "./testing";

const message = (number: number, text = "text") => ({
  number,
  at: serverNow,
  from: "Bob",
  name: "Bob",
  text,
});

describe("a meeting that is told", () => {
  it("is taken as it is, with the difference of the clocks", () => {
    const state = wholeMeeting(meetingMessage(), serverNow - 5000);
    expect(state.offset).toBe(5000);
    expect([...state.people.keys()]).toEqual(["me", "Bob"]);
    expect(state.lobby).toEqual([]);
    expect(state.airtime).toEqual({});
  });
  it("replaces what was known", () => {
    const before = meetingState({ chat: { messages: [message(3)], erased: [] } });
    const after = wholeMeeting(meetingMessage({ people: { set: [person("me")], gone: [] } }), 0);
    expect(before.chat).toHaveLength(1);
    expect(after.chat).toEqual([]);
    expect([...after.people.keys()]).toEqual(["me"]);
  });
});

describe("an update", () => {
  const before = meetingState({ chat: { messages: [message(3), message(5)], erased: [] } });
  it("leaves absent sections as they were", () => {
    const after = updatedMeeting(before, { type: "update", number: 11 }, 0);
    expect(after).toEqual({ ...before, number: 11 });
    expect(after.people).toBe(before.people);
  });
  it("sets people and takes them away", () => {
    const change = { set: [person("Ada"), person("Bob", { here: false })], gone: ["me"] };
    const after = updatedMeeting(before, { type: "update", number: 11, people: change }, 0);
    expect([...after.people.keys()]).toEqual(["Bob", "Ada"]);
    expect(after.people.get("Bob")?.here).toBe(false);
    expect(before.people.get("Bob")?.here).toBe(true);
  });
  it("adds messages in order, once, and erases", () => {
    const chat = { messages: [message(4, "new"), message(5, "again")], erased: [3] };
    const after = updatedMeeting(before, { type: "update", number: 11, chat }, 0);
    expect(after.chat.map(({ number, text }) => [number, text])).toEqual([
      [4, "new"],
      [5, "again"],
    ]);
  });
  it("keeps as many messages as the server does", () => {
    const messages = Array.from({ length: 2500 }, (_, index) => message(index + 1));
    const chat = { messages, erased: [] };
    const after = updatedMeeting(before, { type: "update", number: 3000, chat }, 0);
    expect(after.chat).toHaveLength(2000);
    expect(after.chat[0]?.number).toBe(501);
  });
  it("sets the clock again when the clock is told", () => {
    const clock = { ...before.clock, now: serverNow + 70_000 };
    const after = updatedMeeting(before, { type: "update", number: 11, clock }, serverNow);
    expect(after.offset).toBe(70_000);
  });
  it("brings the lobby and the airtime to whoever leads", () => {
    const waits = { id: "w", name: "Zoé", kind: "guest", namesake: 1, since: 0 } as const;
    const update = { type: "update", number: 11, lobby: [waits], airtime: { Bob: 5 } } as const;
    const after = updatedMeeting(before, { ...update, lobby: [...update.lobby] }, 0);
    expect(after.lobby).toEqual([waits]);
    expect(after.airtime).toEqual({ Bob: 5 });
  });
});
