import { describe, expect, it } from "vitest";
import { meetingState, serverNow } from "./testing";
import { clockText, itemLeft, timeLeft, turnLeft } from "./time";

const minute = 60_000;

describe("clockText", () => {
  it.each([
    [0, "0:00"],
    [-5, "0:00"],
    [1, "0:01"],
    [59_000, "0:59"],
    [60_000, "1:00"],
    [605_000, "10:05"],
    [3_600_000, "1:00:00"],
    [3_909_000, "1:05:09"],
  ])("%i ms is %s", (ms, text) => {
    expect(clockText(ms)).toBe(text);
  });
});

describe("timeLeft", () => {
  const { clock } = meetingState();
  const at = (before: number) => clock.ends_at - before;
  it("becomes more pressing", () => {
    expect(timeLeft(clock, at(11 * minute))).toEqual({ ms: 11 * minute, stage: "calm" });
    expect(timeLeft(clock, at(10 * minute)).stage).toBe("soon");
    expect(timeLeft(clock, at(minute))).toEqual({ ms: minute, stage: "last" });
  });
  it("is what is left of the grace after the end", () => {
    expect(timeLeft(clock, at(-20_000))).toEqual({ ms: 40_000, stage: "grace" });
    expect(timeLeft(clock, at(-80_000))).toEqual({ ms: 0, stage: "grace" });
  });
  it("stands still during a pause", () => {
    const paused = { ...clock, paused_until: serverNow + 5 * minute };
    const left = timeLeft(paused, serverNow + minute);
    expect(left).toEqual({ ms: 35 * minute, stage: "paused" });
    expect(timeLeft(paused, serverNow + 3 * minute)).toEqual(left);
  });
});

describe("turns and items", () => {
  const { floor } = meetingState();
  it("have no end where none was set", () => {
    expect(turnLeft({ ...floor, holder: "Bob" }, serverNow)).toBeNull();
    expect(turnLeft({ ...floor, turn_limit: minute }, serverNow)).toBeNull();
    expect(itemLeft({ items: [{ title: "A", length: 0 }], item: 0, since: 0 }, 5)).toBeNull();
    expect(itemLeft({ items: [], item: 0, since: 0 }, 5)).toBeNull();
  });
  it("are over when they are over", () => {
    const held = { ...floor, holder: "Bob", holder_since: serverNow, turn_limit: minute };
    expect(turnLeft(held, serverNow + 20_000)).toBe(40_000);
    expect(turnLeft(held, serverNow + 70_000)).toBe(-10_000);
    const agenda = { items: [{ title: "A", length: minute }], item: 0, since: serverNow };
    expect(itemLeft(agenda, serverNow + 90_000)).toBe(-30_000);
  });
});
