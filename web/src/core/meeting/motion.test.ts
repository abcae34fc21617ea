import { describe, expect, it } from "vitest";
import { lengthsWithin, mayAskTime } from "./motion";
import { meetingMessage, meetingState, serverNow } from "./testing";

const minute = 60_000;
const { meeting, me, clock } = meetingMessage();
const late = serverNow + 30 * minute;
const motion = {
  person: "Bob",
  length: 5 * minute,
  reason: "more",
  stage: "asked" as const,
  until: 0,
  yes: 0,
  no: 0,
};

describe("more time", () => {
  it("is offered in steps that the bound allows", () => {
    expect(lengthsWithin(20 * minute)).toEqual([5, 10, 15, 20]);
    expect(lengthsWithin(14 * minute)).toEqual([5, 10]);
    expect(lengthsWithin(4 * minute)).toEqual([]);
  });

  it("may be asked for in the last ten minutes, by whoever takes part", () => {
    expect(mayAskTime(meetingState(), late - 1)).toBe(false);
    expect(mayAskTime(meetingState(), late)).toBe(true);
    expect(mayAskTime(meetingState({ me: { ...me, may_vote: false } }), late)).toBe(false);
    expect(mayAskTime(meetingState({ me: { ...me, leads: true } }), late)).toBe(false);
  });

  it("is asked for once at a time, while some is left, and not in a pause", () => {
    expect(mayAskTime(meetingState({ motion }), late)).toBe(false);
    expect(mayAskTime(meetingState({ motion: { ...motion, stage: "voting" } }), late)).toBe(false);
    expect(mayAskTime(meetingState({ motion: { ...motion, stage: "rejected" } }), late)).toBe(true);
    const spent = { ...meeting, extension_left: 4 * minute };
    expect(mayAskTime(meetingState({ meeting: spent }), late)).toBe(false);
    const paused = { ...clock, paused_until: late + minute };
    expect(mayAskTime(meetingState({ clock: paused }), late)).toBe(false);
  });
});
