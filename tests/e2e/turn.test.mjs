// The TURN server as coturn's own client finds it: over UDP, TCP and TLS, with and without a right to it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { SignalResponse } from "@livekit/protocol";
import { AccessToken } from "livekit-server-sdk";
import { Server } from "./lib/server.mjs";
import { dial } from "./lib/signalling.mjs";
import { eventually } from "./lib/wait.mjs";

let server;
let socket;
let credentials;

/** What the client printed by then: it waits for its message to come back, and tries a wrong password without end. */
async function turn({
  ways = [],
  port = server.port,
  password = credentials.credential,
  peerPort = server.mediaPort,
}) {
  const words = ["-v", "-c", "-s", "-n", "1", "-u", credentials.username, "-w", password, ...ways];
  words.push("-e", "127.0.0.1", "-r", String(peerPort), "-p", String(port), "127.0.0.1");
  const run = promisify(execFile)("turnutils_uclient", words, { timeout: 5_000 });
  const { stdout, stderr } = await run.catch((error) => error);
  return stdout + stderr;
}

const ways = [
  ["UDP", { port: () => server.turnPort }],
  ["TCP", { ways: ["-t"] }],
  ["TLS", { ways: ["-t", "-S"] }],
];
const over = (way, more) => turn({ ...way, port: way.port?.() ?? server.port, ...more });

before(async () => {
  server = await Server.start("turn", "", "", { turn: true });
  const { key, secret } = await server.createKey("an application");
  const token = new AccessToken(key, secret, { identity: "anna" });
  token.addGrant({ room: "turn", roomJoin: true });
  socket = dial(server, await token.toJwt());
  socket.on("message", (bytes) => {
    const { message } = SignalResponse.fromBinary(bytes);
    if (message.case === "join") credentials = message.value.iceServers[0];
  });
  await eventually("the client is told of the TURN server", () => credentials);
});

after(async () => {
  socket?.close();
  await server?.stop();
});

test("who joins is told where it is, and gets credentials that say nothing", () => {
  assert.deepEqual(credentials.urls, [
    `turns:localhost:${server.port}?transport=tcp`,
    `turn:localhost:${server.turnPort}?transport=udp`,
  ]);
  assert.match(credentials.username, /^\w{16}$/);
  assert.match(credentials.credential, /^\w{24}$/);
});

test("over UDP, TCP and TLS our media address can be reached, and no other", async () => {
  for (const [name, way] of ways) {
    const reached = await over(way);
    assert.match(reached, /Received relay addr/, name);
    assert.match(reached, /cp response received:.*\n.*success/, name);
    assert.doesNotMatch(reached, /error \d{3} /, name);
    assert.match(await over(way, { peerPort: 22 }), /create permission error 403/, name);
  }
});

test("over UDP, TCP and TLS a wrong password is refused", async () => {
  for (const [name, way] of ways) {
    const refused = await over(way, { password: "guessed" });
    assert.match(refused, /allocate response received/, name);
    assert.doesNotMatch(refused, /success|relay addr/, name);
  }
});
