import { describe, expect, it } from "vitest";
import { noPreferences } from "./session/memory";
import { createMemory } from "./storage";

function storage(content: Record<string, string> = {}): Storage {
  const items = new Map(Object.entries(content));
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  } as Storage;
}

const memoryOf = (content: unknown) => {
  const lasting = storage({ "conclave.preferences": JSON.stringify(content) });
  return createMemory(() => lasting, storage);
};

describe("preferences", () => {
  it("come back as they were", () => {
    const preferences = {
      ...noPreferences,
      letterKeys: false,
      sounds: false,
      background: "blur",
      noise: "strong",
    } as const;
    const lasting = storage();
    createMemory(() => lasting, storage).prefer(preferences);
    expect(createMemory(() => lasting, storage).preferences()).toEqual(preferences);
  });
  it("are those of a newcomer where storage holds anything else", () => {
    for (const content of [null, 7, "text", [], { background: "beach", noise: 3, layout: {} }]) {
      expect(memoryOf(content).preferences()).toEqual(noPreferences);
    }
  });
  it("are forgotten where storage is refused", () => {
    const refused = () => {
      throw new Error("SecurityError");
    };
    const memory = createMemory(refused, refused);
    memory.prefer(noPreferences);
    expect(memory.preferences()).toEqual(noPreferences);
    expect(memory.call("m1")).toBeNull();
  });
});
