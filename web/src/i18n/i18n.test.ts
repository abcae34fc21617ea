import { describe, expect, it } from "vitest";
import { en } from "./en";
import { fr } from "./fr";
import { preferredLanguage } from "./language";

function flatten(tree: object, prefix = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null
      ? flatten(value, `${prefix}${key}.`)
      : [[prefix + key, String(value)] as [string, string]],
  );
}

const placeholders = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();

describe("translations", () => {
  const french = flatten(fr);
  const english = new Map(flatten(en));
  it("have the same keys", () => {
    expect([...english.keys()].sort()).toEqual(french.map(([key]) => key).sort());
  });
  it("have the same placeholders and no empty text", () => {
    for (const [key, text] of french) {
      const other = english.get(key) ?? "";
      expect(text, key).not.toBe("");
      expect(other, key).not.toBe("");
      expect(placeholders(other), key).toEqual(placeholders(text));
    }
  });
  it("keep French punctuation on the line of its word", () => {
    for (const [key, text] of french) expect(text, key).not.toMatch(/ [:;?!»]/);
  });
});

describe("preferredLanguage", () => {
  it("follows the choice, then the browser", () => {
    expect(preferredLanguage("en", "fr-FR")).toBe("en");
    expect(preferredLanguage(null, "fr-CA")).toBe("fr");
    expect(preferredLanguage(null, "de")).toBe("en");
    expect(preferredLanguage("xx", "fr")).toBe("fr");
  });
});
