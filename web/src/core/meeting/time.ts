import type { Agenda, Clock, Floor } from "./live";

const minute = 60_000;

/** "4:05", "1:02:09". What is left is rounded up, so that 0:00 is shown when nothing is. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest.replace(/^0/, "");
}

export function minutesOf(ms: number): number {
  return Math.round(ms / minute);
}

export interface Left {
  ms: number;
  stage: "calm" | "soon" | "last" | "grace" | "paused";
}

/** What is left of the meeting; then of the grace in which it is wound up. */
export function timeLeft(clock: Clock, now: number): Left {
  // A pause was added to the end when it began: what is left stands still meanwhile.
  if (clock.paused_until !== null) {
    return { ms: clock.ends_at - Math.max(now, clock.paused_until), stage: "paused" };
  }
  const ms = clock.ends_at - now;
  if (ms <= 0) return { ms: Math.max(0, ms + clock.grace), stage: "grace" };
  return { ms, stage: ms <= minute ? "last" : ms <= 10 * minute ? "soon" : "calm" };
}

/** What is left of the turn: negative once it is over; null where turns are not limited. */
export function turnLeft(floor: Floor, now: number): number | null {
  if (floor.holder === null || floor.turn_limit === 0) return null;
  return floor.holder_since + floor.turn_limit - now;
}

/** What is left of the time foreseen for the item; null when none was, or all is done. */
export function itemLeft(agenda: Agenda, now: number): number | null {
  const item = agenda.items[agenda.item];
  return item && item.length > 0 ? agenda.since + item.length - now : null;
}
