// The table of silences for people, and the same as JSON: report.mjs FILE.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { artifacts } from "../../e2e/lib/server.mjs";

const source = join(artifacts, "gaps.jsonl");
const gaps = existsSync(source)
  ? readFileSync(source, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
  : [];
writeFileSync(process.argv[2], `${JSON.stringify({ gaps }, null, 2)}\n`);

if (gaps.length > 0) {
  const seconds = (ms) => (ms === undefined ? "" : `${(ms / 1000).toFixed(2)} s`).padStart(9);
  process.stdout.write(
    "\nlongest silence for information: what others missed, what the client missed\n",
  );
  for (const { client, path, scenario, sentMs, receivedMs } of gaps) {
    const row = `  ${client.padEnd(9)} ${path}  ${scenario.padEnd(40)}`;
    process.stdout.write(`${row}${seconds(sentMs)}${seconds(receivedMs)}\n`);
  }
}
