import type { Person } from "./session/state";

/** The person whose screen is shown large: the last who began, and never oneself (a hall of mirrors). */
export function presenterOf(people: Person[]): Person | null {
  return people.findLast((person) => !person.isLocal && person.screen !== null) ?? null;
}

/**
 * Everyone in order of arrival, as long as they fit: tiles that do not move are easier to follow. When they
 * do not fit, those who spoke last take the places of the first page.
 */
export function arrange(people: Person[], capacity: number): Person[][] {
  if (people.length <= capacity) return [people];
  const bySpeech = [...people].sort((a, b) => b.lastSpokeAt - a.lastSpokeAt);
  const chosen = new Set(
    [...people.filter((person) => person.isLocal), ...bySpeech].slice(0, capacity),
  );
  const ordered = [...people.filter((p) => chosen.has(p)), ...people.filter((p) => !chosen.has(p))];
  const pages: Person[][] = [];
  for (let start = 0; start < ordered.length; start += capacity) {
    pages.push(ordered.slice(start, start + capacity));
  }
  return pages;
}
