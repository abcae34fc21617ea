/** What was pasted: one a line, by commas or semicolons, bare or as a mail program copies them ("Ada <ada@…>"). */
export function addressesIn(pasted: string): string[] {
  const found = pasted
    .split(/[\s,;]+/)
    .map((word) => word.replace(/^[<"']+|[>"']+$/g, ""))
    .filter((word) => word.includes("@"));
  return [...new Set(found)];
}
