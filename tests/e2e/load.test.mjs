// The load tool against a server of its own: it must find nothing to complain about, and complain when it should.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AccessToken, RoomServiceClient } from "livekit-server-sdk";
import { SdkPage } from "./lib/sdk_page.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

let server;
let key;

before(async () => {
  server = await Server.start("load");
  key = await server.createKey("load");
});
after(() => server.stop());

const scenario = `
name = "two meetings of five"
rooms = 2
join_rate = 20
duration = 5
[[group]]
name = "people"
count = 5
publish = ["audio", "video", "data"]
bitrates = [100, 250, 500]
messages = 5
`;

/** Runs `conclave load`; resolves with its exit code, output and row of figures. */
function load(options, { url = server.plainUrl, secret = key.secret, signal } = {}) {
  const json = join(server.folder, "load.json");
  const words = ["load", "--url", url, "--api-key", key.key, "--api-secret", secret];
  return new Promise((resolve) => {
    execFile(
      server.binary,
      [...words, "--json", json, ...options],
      { signal },
      (error, stdout, stderr) => {
        if (signal?.aborted) return resolve();
        const code = error ? error.code : 0;
        resolve({
          code,
          output: stdout + stderr,
          row: code === 2 ? null : JSON.parse(readFileSync(json))[0],
        });
      },
    );
  });
}

test("two meetings of five lose nothing", async () => {
  const file = join(server.folder, "meetings.toml");
  writeFileSync(file, scenario);
  const { code, output, row } = await load([file]);
  assert.equal(code, 0, output);
  assert.equal(row.joined, 10);
  // Each receives the audio and video of four.
  assert.equal(row.subscriptions, 80);
  assert.equal(row.loss, 0);
  assert.equal(row.duplicates, 0);
  assert.equal(row.auth_failures, 0);
  // 50 packets of audio a second, and as good as 30 frames of video, at 40 subscriptions each.
  assert.ok(row.expected > 5 * 40 * 50, output);
  assert.ok(row.frames > 5 * 40 * (50 + 25), output);
});

test("late ones come when the others have been there, and are told apart", async () => {
  const file = join(server.folder, "late.toml");
  writeFileSync(
    file,
    `lead = 2
late_rate = 50
[[group]]
count = 3
publish = ["audio"]
[[group]]
late = true
count = 4
`,
  );
  const { code, output, row } = await load(["--duration", "1", file]);
  assert.equal(code, 0, output);
  assert.equal(row.joined, 7);
  assert.equal(row.late.participants, 4);
  assert.equal(row.late.joined, 4);
  assert.ok(row.late.join_ms.p99 > 0);
  // 50 packets a second to each of the two others for two seconds; they came while more people joined.
  assert.ok(row.lead.measured_packets > 2 * 3 * 2 * 40, output);
  assert.ok(row.during.seconds < row.lead.seconds + 20, output);
  // Everybody hears three, those who speak two.
  assert.equal(row.subscriptions, 3 * 2 + 4 * 3);
  assert.equal(row.lead.measured_loss + row.during.measured_loss, 0);
});

test("TLS with the server's own certificate works when asked for", async () => {
  const options = ["--webinar", "4", "--duration", "1"];
  const refused = await load(options, server);
  assert.equal(refused.code, 1, refused.output);
  assert.match(refused.output, /5 of 5: signalling: TLS: /);
  const accepted = await load([...options, "--insecure"], server);
  assert.equal(accepted.code, 0, accepted.output);
});

test("refused joins are named and make it fail", async () => {
  const { code, output, row } = await load(["--webinar", "2", "--duration", "1"], {
    secret: "wrong",
  });
  assert.equal(code, 1, output);
  assert.equal(row.failed, 3);
  assert.match(output, /FAULT: 3 of 3: signalling: 401/);
});

test("a scenario that is wrong is refused in words", async () => {
  const file = join(server.folder, "wrong.toml");
  writeFileSync(file, "rooms = 2\n[[group]]\nfps = 900\n");
  const { code, output } = await load([file]);
  assert.equal(code, 2);
  assert.match(output, /wrong\.toml:3: fps must be between 1 and 60/);
});

// Chromium's descriptions grow by 6 KiB for each of them.
test("a browser receives 49 people, with one peer connection and with two", async () => {
  const file = join(server.folder, "crowd.toml");
  const crowd = `count = 49\npublish = ["audio", "video"]\nbitrates = [30]\nfps = 5\nsubscribe = false\n`;
  writeFileSync(file, `name = "crowd"\nduration = 600\n[[group]]\n${crowd}`);
  const stop = new AbortController();
  const crowded = load([file], { signal: stop.signal });
  try {
    const rooms = new RoomServiceClient(server.plainUrl, key.key, key.secret);
    const room = await eventually("all are there", async () => {
      const all = await rooms.listRooms();
      return all.find(({ numParticipants }) => numParticipants === 49)?.name;
    });
    for (const singlePeerConnection of [true, false]) {
      const page = await SdkPage.open("green", "viewer");
      try {
        const token = new AccessToken(key.key, key.secret, { identity: "viewer" });
        token.addGrant({ roomJoin: true, room });
        await page.join(server.plainUrl, await token.toJwt(), { singlePeerConnection });
        await eventually("every stream comes", async () => (await page.streamsReceived()) === 98);
      } finally {
        await page.close();
      }
    }
  } finally {
    stop.abort();
    await crowded;
  }
});
