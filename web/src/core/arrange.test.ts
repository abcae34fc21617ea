import { describe, expect, it } from "vitest";
import { arrange } from "./arrange";
import { initialsOf, tintOf } from "./initials";
import type { Person } from "./session/state";
import type { Shown } from "./stage";

function person(identity: string, change: Partial<Person> = {}): Person {
  return {
    identity,
    name: identity,
    kind: "agent",
    isLocal: false,
    microphone: true,
    camera: null,
    screen: null,
    sharing: false,
    speaking: false,
    lastSpokeAt: 0,
    quality: "good",
    ...change,
  };
}

describe("arrange", () => {
  const people = [
    person("me", { isLocal: true }),
    person("a"),
    person("b"),
    person("c", { lastSpokeAt: 5 }),
    person("d", { lastSpokeAt: 9 }),
  ];
  const tiles = people.map((someone): Shown => ({ person: someone, source: "camera" }));
  const ids = (pages: Shown[][]) =>
    pages.map((page) =>
      page.map(
        ({ person: { identity }, source }) =>
          `${identity}${source === "screen" ? " (screen)" : ""}`,
      ),
    );
  it("keeps the order of arrival when everyone fits", () => {
    expect(ids(arrange(tiles, 5))).toEqual([["me", "a", "b", "c", "d"]]);
  });
  it("puts oneself and the last speakers on the first page, without moving them around", () => {
    expect(ids(arrange(tiles, 3))).toEqual([
      ["me", "c", "d"],
      ["a", "b"],
    ]);
  });
  it("keeps a shared screen on the first page", () => {
    const screen: Shown = { person: person("a"), source: "screen" };
    expect(ids(arrange([screen, ...tiles], 3))[0]).toEqual(["a (screen)", "me", "d"]);
  });
});

describe("initialsOf", () => {
  it.each([
    ["Claire de La Tour", "CT"],
    ["Élodie", "É"],
    ["jean-marc", "JM"],
    ["  ", "?"],
    ["👩‍⚕️ Dr Roux", "DR"],
  ])("%j gives %s", (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
  it("gives a person the same tint every time", () => {
    expect(tintOf("abc", 6)).toBe(tintOf("abc", 6));
    expect(tintOf("", 6)).toBe(0);
  });
});
