import { nameOf } from "./people";
import type { MeetingState } from "./state";

interface AirtimeRow {
  id: string;
  name: string;
  ms: number;
  /** Of the longest. */
  share: number;
  /** Of all that was spoken. */
  part: number;
}

/** The longest first; whoever only watches is not waited for. */
export function airtimeRows(meeting: MeetingState): AirtimeRow[] {
  const { airtime, people } = meeting;
  const rows = [...people.values()]
    .map((person) => ({ person, ms: airtime[person.id] ?? 0 }))
    .filter(({ person, ms }) => person.role !== "observer" || ms > 0);
  const longest = Math.max(1, ...rows.map(({ ms }) => ms));
  const all = Math.max(
    1,
    rows.reduce((sum, { ms }) => sum + ms, 0),
  );
  return rows
    .map(({ person, ms }) => ({
      id: person.id,
      name: nameOf(person),
      ms,
      share: ms / longest,
      part: ms / all,
    }))
    .sort((a, b) => b.ms - a.ms || a.name.localeCompare(b.name));
}
