// Rows of server, scenario and figures: kept, laid beside what is aimed at, and printed. Pure.

/** What is aimed at; `most` or `least`, of the rows whose scenario begins so. */
export const aims = [
  { scenario: "steps", only: /^steps-\w+$/, figure: "audio_concealed_percent", most: 1 },
  { scenario: "steps", only: /^steps-\w+$/, figure: "filled_after_s", most: 5 },
  { scenario: "steps", only: /^steps-\w+$/, figure: "queue_ms_p95", most: 150 },
  { scenario: "steps", only: /^steps-\w+$/, figure: "freezes_long", most: 0 },
  { scenario: "joining", figure: "joined_share", least: 1 },
  { scenario: "address", figure: "gap_ms_p50", most: 1000 },
  { scenario: "address", figure: "gap_ms_p95", most: 2000 },
  { scenario: "outage", figure: "back_ms", most: 1000 },
];

const same = (a, b) => a.server === b.server && a.scenario === b.scenario;

/** A newer row of the same server and scenario takes the older one's place. */
export function mergeRows(kept, rows) {
  return [...kept.filter((row) => !rows.some((newer) => same(row, newer))), ...rows];
}

function verdictOf(row, figure) {
  const aim = aims.find(
    (one) =>
      one.figure === figure &&
      row.scenario.startsWith(one.scenario) &&
      (one.only?.test(row.scenario) ?? true),
  );
  if (!aim) return "";
  const value = row[figure];
  const isMet = value !== null && (aim.most === undefined ? value >= aim.least : value <= aim.most);
  const bound = aim.most === undefined ? `at least ${aim.least}` : `at most ${aim.most}`;
  return `  aim: ${bound}, ${isMet ? "met" : "MISSED"}`;
}

export function tableOf(rows) {
  const lines = [];
  for (const { server, scenario, machine_too_busy, ...figures } of rows) {
    lines.push(`${scenario}, ${server}`);
    if (machine_too_busy) lines.push("  MACHINE TOO BUSY: these figures are not the network's");
    for (const [name, value] of Object.entries(figures)) {
      lines.push(
        `  ${name.padEnd(26)}${String(value ?? "-").padStart(10)}${verdictOf({ scenario, ...figures }, name)}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}
