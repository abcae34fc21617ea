/** "Claire de La Tour" gives CT: the first and the last word say who it is. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s\-_.]+/).filter((word) => /\p{L}|\p{N}/u.test(word));
  const first = words.at(0)?.match(/[\p{L}\p{N}]/u)?.[0] ?? "?";
  const last = words.length > 1 ? (words.at(-1)?.match(/[\p{L}\p{N}]/u)?.[0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** Which of n tints a person has: the same on every screen and after every reload. */
export function tintOf(identity: string, n: number): number {
  let hash = 0;
  for (const character of identity) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % n;
}
