import { describe, expect, it } from "vitest";
import type { Person } from "../session/state";
import { draftOf, itemsOf, movedDraft } from "./agenda";
import { airtimeRows } from "./airtime";
import { continues } from "./chat";
import { asBefore, countOf, nameIn, onStage, positionIn, sortedPeople, withNames } from "./people";
import { hand, meetingState, person } from "./testing";

const media = (identity: string) => ({ identity, name: identity }) as Person;

describe("people", () => {
  it("are named apart when they share a name", () => {
    const people = { set: [person("a", { name: "Jean", namesake: 2 })], gone: [] };
    const meeting = meetingState({ people });
    expect(nameIn(meeting, "a")).toBe("Jean (2)");
    expect(nameIn(meeting, "gone", "Zoé")).toBe("Zoé");
    expect(withNames([media("a"), media("b")], meeting).map(({ name }) => name)).toEqual([
      "Jean (2)",
      "b",
    ]);
  });
  it("stay the same objects where nothing about them has changed", () => {
    const meeting = meetingState({ people: { set: [person("a"), person("b")], gone: [] } });
    const before = [media("a"), media("b")];
    expect(withNames(before, meeting)).toBe(before);
    const after = asBefore([media("b"), { ...media("a"), speaking: true }, media("c")], before);
    expect(after[0]).toBe(before[1]);
    expect(after[1]).toEqual({ ...media("a"), speaking: true });
    expect(after[2]).toEqual(media("c"));
  });
  it("are listed with those who lead first, then by name", () => {
    const list = sortedPeople([
      person("Zoé"),
      person("Ada"),
      person("Max", { role: "deputy" }),
      person("Bob", { role: "chair" }),
    ]);
    expect(list.map(({ name }) => name)).toEqual(["Bob", "Max", "Ada", "Zoé"]);
  });
  it("have a place in the queue, from 1", () => {
    const { floor } = meetingState();
    const meeting = meetingState({ floor: { ...floor, queue: [hand("Bob"), hand("me")] } });
    expect(positionIn(meeting, "me")).toBe(2);
    expect(positionIn(meeting, "Ada")).toBeNull();
    const viewers = { ...meeting.floor, queue: [hand("me")], place: 7, waiting: 9 };
    expect(positionIn({ ...meeting, floor: viewers }, "me")).toBe(7);
  });
  it("fill tiles, but for the viewers of a webinar without the floor", () => {
    const people = {
      set: [person("Bob", { role: "chair" }), person("me", { role: "observer" })],
      gone: [],
    };
    const { meeting, floor } = meetingState();
    const all = [media("Bob"), media("me"), media("stranger")];
    const names = (list: Person[]) => list.map(({ identity }) => identity);
    expect(names(onStage(all, meetingState({ people })))).toEqual(["Bob", "me", "stranger"]);
    const webinar = { people, meeting: { ...meeting, format: "webinar" as const } };
    expect(names(onStage(all, meetingState(webinar)))).toEqual(["Bob"]);
    const turn = meetingState({ ...webinar, floor: { ...floor, holder: "me" } });
    expect(names(onStage(all, turn))).toEqual(["Bob", "me"]);
  });
  it("are counted with those one is not told of", () => {
    const { meeting } = meetingState();
    expect(countOf(meetingState({ meeting: { ...meeting, people_count: 40 } }))).toBe(40);
  });
});

describe("airtime", () => {
  it("puts the longest first, and leaves out whoever only watches", () => {
    const people = {
      set: [person("Ada"), person("Bob", { role: "chair" }), person("Eve", { role: "observer" })],
      gone: [],
    };
    const rows = airtimeRows(meetingState({ people, airtime: { Bob: 4000, Ada: 1000 } }));
    expect(rows).toEqual([
      { id: "Bob", name: "Bob", ms: 4000, share: 1, part: 0.8 },
      { id: "Ada", name: "Ada", ms: 1000, share: 0.25, part: 0.2 },
    ]);
  });
});

describe("an agenda that is written", () => {
  it("drops empty lines and reads minutes", () => {
    const drafts = draftOf([
      { title: " A ", length: 300_000 },
      { title: "B", length: 0 },
      { title: "  ", length: 60_000 },
    ]);
    expect(drafts.map(({ minutes }) => minutes)).toEqual(["5", "", "1"]);
    expect(itemsOf(drafts)).toEqual([
      { title: "A", length: 300_000 },
      { title: "B", length: 0 },
    ]);
  });
  it("gives every line an identity of its own, and moves them", () => {
    const drafts = draftOf([
      { title: "A", length: 0 },
      { title: "B", length: 0 },
    ]);
    const more = [...drafts, ...draftOf([{ title: "C", length: 0 }], drafts)];
    expect(new Set(more.map(({ id }) => id)).size).toBe(3);
    expect(movedDraft(more, 2, 0).map(({ title }) => title)).toEqual(["C", "A", "B"]);
    expect(movedDraft(more, 9, 0)).toEqual(more);
  });
});

describe("messages in a row", () => {
  const message = { number: 1, at: 0, from: "Bob", name: "Bob", text: "x" };
  it("say the name once", () => {
    expect(continues(message, undefined)).toBe(false);
    expect(continues({ ...message, at: 1000 }, message)).toBe(true);
    expect(continues({ ...message, at: 200_000 }, message)).toBe(false);
    expect(continues({ ...message, from: "Ada" }, message)).toBe(false);
    expect(continues({ ...message, to: "me" }, message)).toBe(false);
  });
});
