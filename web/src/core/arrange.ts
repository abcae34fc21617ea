import type { Shown } from "./stage";

/**
 * Everyone in order of arrival, as long as they fit: tiles that do not move are easier to follow. When they
 * do not fit, shared screens, oneself and those who spoke last take the places of the first page.
 */
export function arrange(tiles: Shown[], capacity: number): Shown[][] {
  if (tiles.length <= capacity) return [tiles];
  const isFirst = ({ person, source }: Shown) => person.isLocal || source === "screen";
  const bySpeech = [...tiles].sort((a, b) => b.person.lastSpokeAt - a.person.lastSpokeAt);
  const chosen = new Set([...new Set([...tiles.filter(isFirst), ...bySpeech])].slice(0, capacity));
  const ordered = [...tiles.filter((t) => chosen.has(t)), ...tiles.filter((t) => !chosen.has(t))];
  const pages: Shown[][] = [];
  for (let start = 0; start < ordered.length; start += capacity) {
    pages.push(ordered.slice(start, start + capacity));
  }
  return pages;
}
