// The longest silences that a scenario caused: written by the tests, shown by run.sh, never asserted.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { artifacts } from "../../e2e/lib/server.mjs";

/** {client, path, scenario, sentMs, receivedMs}: what others missed of this client, and what it missed of them. */
export function record(gap) {
  appendFileSync(join(artifacts, "gaps.jsonl"), `${JSON.stringify(gap)}\n`);
}
