import { describe, expect, it } from "vitest";
import { shortcutFor, shortcutKeys, takesSpace, takesTyping } from "./shortcuts";

const press = (key: string, more = {}) =>
  shortcutFor({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    repeat: false,
    typing: false,
    ...more,
  });

describe("shortcutFor", () => {
  it("knows every key, in either case", () => {
    expect(press("m")).toBe("microphone");
    expect(press("V")).toBe("camera");
    expect(press("?")).toBe("help");
    expect(press("z")).toBeNull();
  });
  it("leaves the browser its own combinations", () => {
    for (const modifier of ["ctrlKey", "metaKey", "altKey", "repeat"]) {
      expect(press("s", { [modifier]: true })).toBeNull();
    }
  });
  it("is silent while a person types", () => {
    expect(press("m", { typing: true })).toBeNull();
  });
  it("gives each key to one function", () => {
    const keys = Object.values(shortcutKeys);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("takesTyping", () => {
  it("tells fields from buttons", () => {
    expect(takesTyping(null)).toBe(false);
    expect(takesTyping({ tagName: "button" })).toBe(false);
    expect(takesTyping({ tagName: "input", type: "text" })).toBe(true);
    expect(takesTyping({ tagName: "INPUT", type: "radio" })).toBe(false);
    expect(takesTyping({ tagName: "TEXTAREA" })).toBe(true);
    expect(takesTyping({ tagName: "DIV", isContentEditable: true })).toBe(true);
    expect(takesTyping({ tagName: "DIV", role: "option" })).toBe(true);
  });
});

describe("takesSpace", () => {
  it("leaves the key to fields, and to a button that the keyboard stands on", () => {
    const button = { tagName: "BUTTON" };
    expect(takesSpace({ tagName: "TEXTAREA" }, false)).toBe(true);
    expect(takesSpace(button, true)).toBe(true);
    expect(takesSpace(button, false)).toBe(false);
    expect(takesSpace({ tagName: "MAIN" }, true)).toBe(false);
    expect(takesSpace(null, true)).toBe(false);
  });
});
