import { describe, expect, it } from "vitest";
import { silentSince } from "./loudness";

describe("silentSince", () => {
  it("counts what gives nothing at all, and starts anew at the least noise", () => {
    const nothing = new Float32Array(8);
    expect(silentSince(silentSince(0, nothing), nothing)).toBe(2000);
    expect(silentSince(2000, Float32Array.of(0, 0.0001))).toBe(0);
  });
});
