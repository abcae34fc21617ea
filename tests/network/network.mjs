// Runs the scenarios that are named, or all: rows to build/bench/network.json, plots beside it, a table to the
// terminal. Started by run.sh in the server's namespace.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { drawSteps } from "./lib/plot.mjs";
import { mergeRows, tableOf } from "./lib/report.mjs";
import { writeScene, writeSpeech } from "./lib/scene.mjs";
import { scenarios } from "./scenarios/all.mjs";

const bench = resolve(import.meta.dirname, "../../build/bench");
const file = join(bench, "network.json");

function keptRows() {
  try {
    return JSON.parse(readFileSync(file, "utf8")).rows;
  } catch {
    return [];
  }
}

function media() {
  const folder = join(bench, "media");
  mkdirSync(folder, { recursive: true });
  const files = { video: join(folder, "scene-720.y4m"), audio: join(folder, "speech.wav") };
  writeScene(files.video, { width: 1280, height: 720 });
  writeSpeech(files.audio);
  return files;
}

async function runOne(name, context) {
  const began = Date.now();
  process.stdout.write(`== ${name} (about ${scenarios[name].seconds} s)\n`);
  const rows = await scenarios[name].run(context);
  for (const { plot } of rows) {
    if (!plot) continue;
    const title = `${plot.scenario}, ${plot.server}`;
    writeFileSync(
      join(bench, `${plot.scenario}-${plot.server}.svg`),
      drawSteps({ title, ...plot }),
    );
  }
  const plain = rows.flatMap((row) => row.rows ?? [row]);
  writeFileSync(file, `${JSON.stringify({ rows: mergeRows(keptRows(), plain) }, null, 1)}\n`);
  process.stdout.write(tableOf(plain));
  process.stdout.write(`   ${Math.round((Date.now() - began) / 1000)} s\n`);
}

const unknown = process.argv.slice(2).filter((name) => !scenarios[name]);
if (unknown.length > 0) {
  process.stderr.write(
    `no such scenario: ${unknown.join(", ")}\nthere are: ${Object.keys(scenarios).join(", ")}\n`,
  );
  process.exit(2);
}
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(scenarios);
mkdirSync(bench, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "conclave-network-"));
let failed = 0;
try {
  for (const name of wanted) {
    try {
      await runOne(name, { folder, media: media() });
    } catch (error) {
      failed += 1;
      process.stderr.write(`== ${name} FAILED: ${error.stack}\n`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed > 0 ? 1 : 0);
