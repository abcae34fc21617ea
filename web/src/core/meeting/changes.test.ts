import { describe, expect, it } from "vitest";
import type { NoticeBody } from "../session/state";
import { compareMeetings } from "./changes";
import type { MeetingState } from "./state";
import { hand, meetingState, person, serverNow } from "./testing";

const base = meetingState();
const news = (change: Partial<MeetingState>, before: Partial<MeetingState> = {}): NoticeBody[] =>
  compareMeetings({ ...base, ...before }, { ...base, ...before, ...change });
const withFloor = (change: Partial<MeetingState["floor"]>) => ({
  floor: { ...base.floor, ...change },
});
const withClock = (change: Partial<MeetingState["clock"]>) => ({
  clock: { ...base.clock, ...change },
});
const withMe = (change: Partial<MeetingState["me"]>) => ({ me: { ...base.me, ...change } });

describe("what is announced", () => {
  it("is nothing when nothing changed", () => {
    expect(news({ number: 11 })).toEqual([]);
  });
  it("tells of the hands of others, and of one's own place", () => {
    expect(news(withFloor({ queue: [hand("Bob"), hand("me")] }))).toEqual([
      { kind: "hand_raised", name: "Bob" },
      { kind: "hand_position", position: 2 },
    ]);
    const before = withFloor({ queue: [hand("Bob"), hand("me")] });
    expect(news(withFloor({ queue: [hand("me")] }), before)).toEqual([
      { kind: "hand_position", position: 1 },
    ]);
    expect(news(withFloor({ queue: [hand("Bob")] }), before)).toEqual([{ kind: "hand_lowered" }]);
  });
  it("does not repeat a place that is the same", () => {
    const before = withFloor({ queue: [hand("me")] });
    expect(news(withFloor({ queue: [hand("me"), hand("Bob")] }), before)).toEqual([
      { kind: "hand_raised", name: "Bob" },
    ]);
  });
  it("tells who has the floor, and whether it is oneself", () => {
    expect(news(withFloor({ holder: "Bob" }))).toEqual([{ kind: "floor_given", name: "Bob" }]);
    const waiting = withFloor({ queue: [hand("me")] });
    expect(news(withFloor({ holder: "me" }), waiting)).toEqual([{ kind: "floor_yours" }]);
    expect(news(withFloor({ holder: null }), withFloor({ holder: "me" }))).toEqual([
      { kind: "floor_lost" },
    ]);
    expect(news(withFloor({ holder: null }), withFloor({ holder: "Bob" }))).toEqual([]);
    expect(news(withFloor({ mode: "strict" }))).toEqual([{ kind: "floor_mode", mode: "strict" }]);
  });
  it("names people so that namesakes are told apart", () => {
    const people = new Map([["b", person("b", { name: "Jean Martin", namesake: 2 })]]);
    expect(news({ people, ...withFloor({ holder: "b" }) })).toEqual([
      { kind: "floor_given", name: "Jean Martin (2)" },
    ]);
  });
  it.each(["microphone", "camera", "screen"] as const)(
    "tells what the chair does to the %s",
    (source) => {
      expect(news(withMe({ [source]: "stopped" }))).toEqual([{ kind: "stopped", source }]);
      expect(news(withMe({ [source]: "blocked" }))).toEqual([{ kind: "blocked", source }]);
      expect(news(withMe({ [source]: "free" }), withMe({ [source]: "blocked" }))).toEqual([
        { kind: "allowed", source },
      ]);
    },
  );
  it("tells of roles: one's own, and who chairs", () => {
    expect(news(withMe({ role: "deputy" }))).toEqual([{ kind: "role", role: "deputy" }]);
    const people = new Map([["Ada", person("Ada", { role: "chair" })]]);
    expect(news({ people })).toEqual([{ kind: "chair_is", name: "Ada" }]);
    const mine = new Map([["me", person("me", { role: "chair" })]]);
    expect(news({ people: mine, ...withMe({ role: "chair" }) })).toEqual([
      { kind: "role", role: "chair" },
    ]);
  });
  it("tells of the time", () => {
    expect(news(withClock({ warned: 5 }))).toEqual([{ kind: "time_left", minutes: 5 }]);
    expect(news(withClock({ warned: 0 }), withClock({ warned: 1 }))).toEqual([{ kind: "grace" }]);
    expect(news(withClock({ warned: null }), withClock({ warned: 1 }))).toEqual([]);
    const meeting = { ...base.meeting, extension_left: 600_000 };
    expect(news({ meeting })).toEqual([{ kind: "extended", minutes: 10 }]);
    expect(news(withClock({ paused_until: 5 }))).toEqual([{ kind: "paused" }]);
    expect(news(withClock({ paused_until: null }), withClock({ paused_until: 5 }))).toEqual([
      { kind: "continued" },
    ]);
    expect(news(withClock({ suspended: true }))).toEqual([{ kind: "suspended" }]);
    expect(news(withClock({ suspended: false }), withClock({ suspended: true }))).toEqual([
      { kind: "chaired_again" },
    ]);
    expect(news(withClock({ live_at: 5 }))).toEqual([{ kind: "live_began" }]);
  });
  it("tells of more time: who leads of the asking, all of the vote and of its end", () => {
    const motion = {
      person: "Bob",
      length: 300_000,
      reason: "more",
      stage: "asked" as const,
      until: 0,
      yes: 0,
      no: 0,
    };
    const at = (stage: "voting" | "carried" | "rejected" | "withdrawn" | "granted") => ({
      motion: { ...motion, stage, until: 5, yes: 2, no: 1 },
    });
    expect(news({ motion })).toEqual([]);
    expect(news({ motion }, withMe({ leads: true }))).toEqual([
      { kind: "time_asked", name: "Bob", minutes: 5 },
    ]);
    expect(news(at("voting"), { motion })).toEqual([{ kind: "vote_called", minutes: 5 }]);
    expect(news(at("voting"), at("voting"))).toEqual([]);
    expect(news(at("carried"), at("voting"))).toEqual([{ kind: "vote_carried", yes: 2, no: 1 }]);
    expect(news(at("rejected"), at("voting"))).toEqual([{ kind: "vote_rejected", yes: 2, no: 1 }]);
    expect(news(at("withdrawn"), at("voting"))).toEqual([{ kind: "motion_withdrawn" }]);
    expect(news(at("granted"), at("voting"))).toEqual([]);
  });
  it("tells who waits, of the lock, and of the agenda", () => {
    const waits = { id: "w", name: "Zoé", kind: "guest", namesake: 1, since: 0 } as const;
    expect(news({ lobby: [waits] })).toEqual([{ kind: "lobby_waits", name: "Zoé" }]);
    expect(news({ lobby: [] }, { lobby: [waits] })).toEqual([]);
    expect(news({ meeting: { ...base.meeting, locked: true } })).toEqual([{ kind: "locked" }]);
    const items = [{ title: "A", length: 0 }];
    expect(news({ agenda: { items, item: 0, since: 0 } })).toEqual([
      { kind: "agenda_item", title: "A" },
    ]);
    expect(
      news({ agenda: { items, item: 1, since: 0 } }, { agenda: { items, item: 0, since: 0 } }),
    ).toEqual([]);
  });
  it("tells of messages of others that came since, and of questions to whoever leads", () => {
    const said = { number: 11, at: serverNow, from: "Bob", name: "Bob", text: "Hi" };
    expect(news({ number: 12, chat: [{ ...said, number: 9 }, said] })).toEqual([
      { kind: "message", name: "Bob", isPrivate: false },
    ]);
    expect(news({ number: 12, chat: [{ ...said, to: "me" }] })).toEqual([
      { kind: "message", name: "Bob", isPrivate: true },
    ]);
    expect(news({ number: 12, chat: [{ ...said, from: "me" }] })).toEqual([]);
    const asked = { number: 11, at: 0, name: "Zoé", from: "z", text: "?", state: "asked" } as const;
    expect(news({ number: 12, questions: [asked] })).toEqual([]);
    expect(news({ number: 12, questions: [asked] }, withMe({ leads: true }))).toEqual([
      { kind: "question_asked", name: "Zoé" },
    ]);
  });
});
