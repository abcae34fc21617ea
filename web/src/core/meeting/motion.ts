import type { MeetingState } from "./state";
import { timeLeft } from "./time";

const minute = 60_000;
const lengths = [5, 10, 15, 20];
const askedWithin = 10 * minute;

/** In minutes: what can be chosen of the time that is left. */
export function lengthsWithin(left: number): number[] {
  return lengths.filter((minutes) => minutes * minute <= left);
}

/** Who leads extends in the console; everybody else who takes part asks, near the end, one at a time. */
export function mayAskTime(meeting: MeetingState, now: number): boolean {
  const { me, motion, clock } = meeting;
  const isOpen = motion?.stage === "asked" || motion?.stage === "voting";
  return (
    me.may_vote &&
    !me.leads &&
    !isOpen &&
    lengthsWithin(meeting.meeting.extension_left).length > 0 &&
    clock.ends_at - now <= askedWithin &&
    timeLeft(clock, now).stage !== "paused"
  );
}
