import { describe, expect, it } from "vitest";
import type { Person } from "./session/state";
import {
  mainPicture,
  nextLayout,
  presenterOf,
  type Shown,
  type StageView,
  speakerOf,
  stageOf,
} from "./stage";

function person(identity: string, change: Partial<Person> = {}): Person {
  return {
    identity,
    name: identity,
    kind: "agent",
    isLocal: false,
    microphone: true,
    camera: `${identity}-camera`,
    screen: null,
    sharing: false,
    speaking: false,
    lastSpokeAt: 0,
    quality: "good",
    ...change,
  };
}

const me = person("me", { isLocal: true });
const [ada, bob] = [person("ada"), person("bob")];
const presenter = person("eve", { screen: "s1", sharing: true });
const view: StageView = { layout: "auto", pinned: null, speaker: "ada" };
const named = (shown: Shown | null) => shown && `${shown.person.identity}/${shown.source}`;
function large(people: Person[], change: Partial<StageView> = {}) {
  return named(stageOf(people, { ...view, ...change }).large);
}

describe("stageOf", () => {
  it("is by itself a grid, or a shared screen large", () => {
    expect(large([me, ada, bob])).toBeNull();
    expect(large([me, ada, presenter])).toBe("eve/screen");
  });
  it("shows the speaker large when that was chosen, after a shared screen", () => {
    expect(large([me, ada, bob], { layout: "speaker" })).toBe("ada/camera");
    expect(large([me, ada, presenter], { layout: "speaker" })).toBe("eve/screen");
    expect(large([me], { layout: "speaker", speaker: null })).toBeNull();
  });
  it("keeps the grid that was chosen, with the screens in it", () => {
    const { large: none, others } = stageOf([me, presenter], { ...view, layout: "grid" });
    expect(none).toBeNull();
    expect(others.map(named)).toEqual(["eve/screen", "me/camera", "eve/camera"]);
  });
  it("puts what is pinned before everything, while it is there", () => {
    const pinned = { identity: "bob", source: "camera" } as const;
    for (const layout of ["auto", "grid", "speaker"] as const) {
      expect(large([me, ada, bob, presenter], { layout, pinned })).toBe("bob/camera");
    }
    expect(large([me, presenter], { pinned })).toBe("eve/screen");
    const screen = { identity: "ada", source: "screen" } as const;
    expect(large([me, ada], { pinned: screen })).toBeNull();
  });
  it("shows nobody twice", () => {
    const { others } = stageOf([me, ada, bob], { ...view, layout: "speaker" });
    expect(others.map(named)).toEqual(["me/camera", "bob/camera"]);
  });
});

describe("presenterOf", () => {
  it("is the last who began, never oneself", () => {
    expect(presenterOf([person("me", { isLocal: true, screen: "s0" })])).toBeNull();
    expect(presenterOf([presenter, person("zoe", { screen: "s2" })])?.identity).toBe("zoe");
  });
});

describe("speakerOf", () => {
  const talking = (identity: string, lastSpokeAt: number) =>
    person(identity, { speaking: true, lastSpokeAt });
  it("leaves the place to whoever is still talking", () => {
    expect(speakerOf([talking("ada", 1), talking("bob", 2)], "ada")).toBe("ada");
  });
  it("gives it to the last who began when the place is free", () => {
    expect(speakerOf([ada, talking("bob", 2), talking("eve", 3)], "ada")).toBe("eve");
    expect(speakerOf([talking("bob", 2)], "gone")).toBe("bob");
  });
  it("does not move in silence, and starts with who spoke last", () => {
    expect(speakerOf([ada, person("bob", { lastSpokeAt: 9 })], "ada")).toBe("ada");
    expect(speakerOf([ada, person("bob", { lastSpokeAt: 9 })], null)).toBe("bob");
  });
  it("is never oneself", () => {
    expect(speakerOf([{ ...me, speaking: true }, ada], null)).toBe("ada");
    expect(speakerOf([me], "me")).toBeNull();
  });
});

describe("mainPicture", () => {
  it("is what is large, else the speaker, else anybody who is seen", () => {
    expect(named(mainPicture([me, ada, presenter], view))).toBe("eve/screen");
    expect(named(mainPicture([me, bob, ada], view))).toBe("ada/camera");
    expect(named(mainPicture([me, person("ada", { camera: null }), bob], view))).toBe("bob/camera");
    expect(mainPicture([me], view)).toBeNull();
  });
});

describe("nextLayout", () => {
  it("goes round", () => {
    expect(nextLayout("auto")).toBe("grid");
    expect(nextLayout("speaker")).toBe("auto");
  });
});
