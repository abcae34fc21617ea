import type { AgendaItem } from "./live";

/** An item while it is written: with an identity, so that a field keeps its focus when others move. */
export interface AgendaDraft {
  id: number;
  title: string;
  minutes: string;
}

const minute = 60_000;

export function draftOf(
  items: readonly AgendaItem[],
  beside: readonly AgendaDraft[] = [],
): AgendaDraft[] {
  const first = 1 + Math.max(0, ...beside.map(({ id }) => id));
  return items.map(({ title, length }, index) => ({
    id: first + index,
    title,
    minutes: length > 0 ? String(Math.round(length / minute)) : "",
  }));
}

/** A line without a title is a line that was not written. */
export function itemsOf(drafts: readonly AgendaDraft[]): AgendaItem[] {
  return drafts
    .filter(({ title }) => title.trim() !== "")
    .map(({ title, minutes }) => ({
      title: title.trim(),
      length: (Number.parseInt(minutes, 10) || 0) * minute,
    }));
}

export function movedDraft(
  drafts: readonly AgendaDraft[],
  from: number,
  to: number,
): AgendaDraft[] {
  const rest = drafts.filter((_, index) => index !== from);
  const moved = drafts[from];
  return moved ? [...rest.slice(0, to), moved, ...rest.slice(to)] : [...drafts];
}
