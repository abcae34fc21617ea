// Times worth knowing, never asserted: written by the tests, printed by run.sh at the end.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { artifacts } from "./server.mjs";

const file = join(artifacts, "figures.tsv");

export function record(name, ms) {
  appendFileSync(file, `${Math.round(ms)}\t${name}\n`);
}

if (process.argv[1] === import.meta.filename && existsSync(file)) {
  process.stdout.write("\nmeasured, for information (ms):\n");
  for (const line of readFileSync(file, "utf8").trim().split("\n")) {
    const [ms, name] = line.split("\t");
    process.stdout.write(`${ms.padStart(8)}  ${name}\n`);
  }
}
