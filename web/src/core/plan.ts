import type { ListedMeeting } from "./api/client";

const minute = 60_000;

/** A day and a time as native inputs have them: "2026-11-27" and "10:00", by the clocks of this device. */
export interface When {
  date: string;
  time: string;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

export function whenOf(ms: number): When {
  const at = new Date(ms);
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return { date, time: `${two(at.getHours())}:${two(at.getMinutes())}` };
}

/** Null while it is not filled in. */
export function instantOf({ date, time }: When): number | null {
  const ms = new Date(`${date}T${time}`).getTime();
  return Number.isNaN(ms) ? null : ms;
}

/** How far clocks here are ahead of UTC at that instant: not always as far as today. */
export function utcOffsetAt(ms: number): number {
  return -new Date(ms).getTimezoneOffset() * minute;
}

export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** From when to when slots are worth offering on that day: from now, or from eight in the morning. */
export function dayOf(date: string, now: number): { from: number; until: number } | null {
  const opening = instantOf({ date, time: "08:00" });
  if (opening === null) return null;
  const end = new Date(opening);
  end.setHours(24, 0, 0, 0);
  const isToday = whenOf(now).date === date;
  return { from: isToday ? now : opening, until: end.getTime() };
}

export type DayName = "today" | "tomorrow" | "later" | "unplanned";

const dayNames: DayName[] = ["today", "tomorrow", "later", "unplanned"];

/** What is planned in the order of its time; what is not, or is past, as it came. */
export function byDay(
  meetings: ListedMeeting[],
  now: number,
): { day: DayName; meetings: ListedMeeting[] }[] {
  const today = whenOf(now).date;
  const next = new Date(now);
  next.setDate(next.getDate() + 1);
  const tomorrow = whenOf(next.getTime()).date;
  function dayName({ plan }: ListedMeeting): DayName {
    if (!plan || plan.begins_at + plan.length <= now) return "unplanned";
    const { date } = whenOf(plan.begins_at);
    if (date <= today) return "today";
    return date === tomorrow ? "tomorrow" : "later";
  }
  return dayNames
    .map((day) => ({ day, meetings: meetings.filter((meeting) => dayName(meeting) === day) }))
    .filter((group) => group.meetings.length > 0)
    .map(({ day, meetings: found }) => ({
      day,
      meetings: day === "unplanned" ? found : found.sort(earlierFirst),
    }));
}

function earlierFirst(a: ListedMeeting, b: ListedMeeting): number {
  return (a.plan?.begins_at ?? 0) - (b.plan?.begins_at ?? 0);
}
