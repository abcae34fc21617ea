import { describe, expect, it } from "vitest";
import type { ListedMeeting } from "./api/client";
import { byDay, dayOf, instantOf, utcOffsetAt, whenOf } from "./plan";

const noon = new Date(2026, 10, 26, 12).getTime();
const hour = 3_600_000;

function meeting(id: string, begins_at?: number): ListedMeeting {
  const plan =
    begins_at === undefined
      ? undefined
      : { begins_at, length: 40 * 60_000, utc_offset: 0, zone: "UTC" };
  return { id, title: id, created_at: "", own: true, plan };
}

describe("times of a plan", () => {
  it("are the same on the way to the inputs and back", () => {
    expect(instantOf(whenOf(noon))).toBe(noon);
    expect(whenOf(noon)).toEqual({ date: "2026-11-26", time: "12:00" });
    expect(instantOf({ date: "", time: "10:00" })).toBeNull();
    expect(instantOf({ date: "2026-11-26", time: "" })).toBeNull();
  });

  it("have the offset that holds then", () => {
    const summer = new Date(2026, 6, 1, 12).getTime();
    expect(utcOffsetAt(summer)).toBe(-new Date(summer).getTimezoneOffset() * 60_000);
  });

  it("begin now today, and in the morning on another day", () => {
    expect(dayOf("2026-11-26", noon)).toEqual({ from: noon, until: noon + 12 * hour });
    expect(dayOf("2026-11-27", noon)).toEqual({ from: noon + 20 * hour, until: noon + 36 * hour });
    expect(dayOf("", noon)).toBeNull();
  });
});

describe("byDay", () => {
  it("puts what is planned in its order, and the rest behind", () => {
    const groups = byDay(
      [
        meeting("open"),
        meeting("next week", noon + 7 * 24 * hour),
        meeting("tonight", noon + 6 * hour),
        meeting("tomorrow", noon + 24 * hour),
        meeting("past", noon - 2 * hour),
        meeting("going on", noon - hour / 2),
      ],
      noon,
    );
    expect(groups.map(({ day, meetings }) => [day, meetings.map(({ id }) => id)])).toEqual([
      ["today", ["going on", "tonight"]],
      ["tomorrow", ["tomorrow"]],
      ["later", ["next week"]],
      ["unplanned", ["open", "past"]],
    ]);
  });
});
