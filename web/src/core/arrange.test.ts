import { describe, expect, it } from "vitest";
import { arrange, presenterOf } from "./arrange";
import { initialsOf, tintOf } from "./initials";
import type { Person } from "./session/state";

function person(identity: string, change: Partial<Person> = {}): Person {
  return {
    identity,
    name: identity,
    kind: "agent",
    isLocal: false,
    microphone: true,
    camera: null,
    screen: null,
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
  const ids = (pages: Person[][]) => pages.map((page) => page.map(({ identity }) => identity));
  it("keeps the order of arrival when everyone fits", () => {
    expect(ids(arrange(people, 5))).toEqual([["me", "a", "b", "c", "d"]]);
  });
  it("puts oneself and the last speakers on the first page, without moving them around", () => {
    expect(ids(arrange(people, 3))).toEqual([
      ["me", "c", "d"],
      ["a", "b"],
    ]);
  });
});

describe("presenterOf", () => {
  it("is the last who began, never oneself", () => {
    const me = person("me", { isLocal: true, screen: "s0" });
    expect(presenterOf([me])).toBeNull();
    const others = [person("a", { screen: "s1" }), person("b", { screen: "s2" })];
    expect(presenterOf([me, ...others])?.identity).toBe("b");
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
