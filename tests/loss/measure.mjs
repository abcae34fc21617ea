// Started by run.sh in the clients' namespace: the server at the other end of the link, two browsers here, a
// meeting of the asked length, and what each receiver says of it.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Attendee } from "../e2e/lib/attendee.mjs";
import { probeScript } from "../e2e/lib/probe.mjs";
import { eventually, sleep } from "../e2e/lib/wait.mjs";
import { reportOf } from "./report.mjs";
import { writeScene } from "./scene.mjs";

const { chromium } = createRequire(new URL("../e2e/package.json", import.meta.url))(
  "playwright-core",
);
const root = resolve(import.meta.dirname, "../..");
const binary = process.env.CONCLAVE;
const folder = process.env.LOSS_FOLDER;
const network = process.env.LOSS_SERVER_NET;
const seconds = Number(process.env.LOSS_SECONDS);
const withoutRed = (process.env.WITHOUT_RED ?? "").split(" ");
const plainUrl = "http://10.77.0.1:8080";
const url = "https://10.77.0.1:8443";

async function startServer() {
  const config = join(folder, "config.toml");
  writeFileSync(
    config,
    `data_dir = "${folder}/data"
[http]
listen = ["10.77.0.1:8443"]
plain_listen = "10.77.0.1:8080"
plain_listen_anywhere = true
public_url = "${url}"
[media]
port = 7882
workers = 1
[metrics]
token_file = "${folder}/token"
`,
  );
  writeFileSync(join(folder, "token"), "the-token-of-this-measurement\n", { mode: 0o600 });
  const within = ["netns", "exec", network, binary];
  const server = spawn("ip", [...within, "serve", "--config", config], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream.on("data", (data) => (output += data));
  }
  await eventually("the server is ready", () => {
    if (server.exitCode !== null) throw new Error(`it ended: ${output}`);
    return output.includes("Conclave is ready");
  });
  return {
    async signInSecret() {
      const command = [...within, "sign-in-link", "--config", config];
      const { stdout } = await promisify(execFile)("ip", command);
      return stdout.trim().split("#")[1];
    },
    async stop() {
      server.kill("SIGTERM");
      await once(server, "exit");
    },
  };
}

async function call(path, body, cookie) {
  const answer = await fetch(plainUrl + path, {
    method: "POST",
    headers: {
      Origin: plainUrl,
      "Content-Type": "application/json",
      ...(cookie && { Cookie: cookie }),
    },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status} ${answer.ok ? "" : await answer.clone().text()}`);
  return { cookie: answer.headers.get("set-cookie")?.split(";")[0], body: await answer.json() };
}

async function createMeeting(server) {
  const { cookie } = await call("/api/v1/session", { secret: await server.signInSecret() });
  const { body } = await call("/api/v1/meetings", { title: "Loss" }, cookie);
  return `${url}/m/${body.id}`;
}

async function readMetrics() {
  const headers = { Authorization: "Bearer the-token-of-this-measurement" };
  const text = await (await fetch(`${plainUrl}/metrics`, { headers })).text();
  const lines = text.split("\n").filter((line) => line.startsWith("conclave_"));
  return Object.fromEntries(
    lines.map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

async function openBrowser(name, scene) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
      "--disable-features=WebRtcHideLocalIpsWithMdns",
      "--disable-background-networking",
      "--no-first-run",
      "--ignore-certificate-errors",
      `--use-file-for-fake-video-capture=${scene}`,
      `--use-file-for-fake-audio-capture=${folder}/speech.wav`,
    ],
  });
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-US" });
  context.setDefaultTimeout(90_000);
  await context.addInitScript(probeScript);
  if (withoutRed.includes(name)) await context.addInitScript(offerNoRed);
  return new Attendee({ page: await context.newPage(), close: () => browser.close() }, "red", name);
}

/** In the page: offers no RED, so that this browser behaves as Firefox and Safari do. */
function offerNoRed() {
  const original = RTCPeerConnection.prototype.createOffer;
  RTCPeerConnection.prototype.createOffer = async function createOffer(...options) {
    const { type, sdp } = await original.apply(this, options);
    const types = [...sdp.matchAll(/^a=rtpmap:(\d+) red\/48000/gm)].map((match) => match[1]);
    let plain = sdp;
    for (const number of types) {
      plain = plain
        .replace(new RegExp(`^a=(rtpmap|fmtp|rtcp-fb):${number} .*\r\n`, "gm"), "")
        .replace(new RegExp(`^(m=audio .*?) ${number}(?= |\r)`, "gm"), "$1");
    }
    return { type, sdp: plain };
  };
}

/** Everything that getStats says of this person's tracks, both ways. */
function statistics(attendee) {
  return attendee.page.evaluate(async () => {
    const room = window.__conclave_room;
    const people = [room.localParticipant, ...room.remoteParticipants.values()];
    const entries = [];
    for (const person of people) {
      for (const { track } of person.trackPublications.values()) {
        const report = await track?.getRTCStatsReport?.();
        entries.push(...(report?.values() ?? []));
        // getStats names the codec inside of RED, so the order of the negotiated ones is asked too.
        const end = track?.sender ?? track?.receiver;
        const codecs = end?.getParameters().codecs.map(({ mimeType }) => mimeType) ?? [];
        entries.push({
          id: `negotiated-${track?.sid}`,
          type: track?.sender ? "sender" : "receiver",
          kind: track?.kind,
          codecs: codecs.filter((name) => /opus|red$|VP8/.test(name)).join(" "),
        });
      }
    }
    return entries;
  });
}

const server = await startServer();
const people = [];
try {
  const link = await createMeeting(server);
  for (const name of ["Anna", "Bruno"]) {
    const scene = join(folder, `${name}.y4m`);
    writeScene(scene);
    people.push(await openBrowser(name, scene));
  }
  for (const person of people) await person.enter(link);
  for (const person of people) {
    await eventually(`${person.name} decodes`, async () => (await person.framesDecoded()) > 30);
  }
  // Bandwidth estimates grow for some seconds: what happens before is another question.
  await sleep(10_000);
  const metricsBefore = await readMetrics();
  const before = await Promise.all(people.map(statistics));
  await sleep(1000 * seconds);
  const after = await Promise.all(people.map(statistics));
  const metricsAfter = await readMetrics();

  const report = {
    loss_percent: Number(process.env.LOSS_PERCENT),
    seconds,
    seed: Number(process.env.LOSS_SEED),
    link: process.env.LINK ?? "",
    without_red: process.env.WITHOUT_RED ?? "",
    people: people.map((person, i) => ({
      name: person.name,
      ...reportOf(before[i], after[i]),
    })),
    metrics: Object.fromEntries(
      Object.entries(metricsAfter).map(([name, value]) => [
        name,
        { before: metricsBefore[name] ?? 0, after: value },
      ]),
    ),
  };
  writeFileSync(join(root, "build/loss.json"), `${JSON.stringify(report, null, 2)}\n`);
} finally {
  for (const person of people) await person.close();
  await server.stop();
}
