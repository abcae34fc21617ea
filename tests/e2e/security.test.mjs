// What comes over the network with bad intent or by accident, while two people are in a call: it is refused,
// and they notice nothing.
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { AccessToken } from "livekit-server-sdk";
import { Attendee } from "./lib/attendee.mjs";
import { Elsewhere } from "./lib/canary.mjs";
import { Server } from "./lib/server.mjs";
import { dial, upgradeStatus } from "./lib/signalling.mjs";
import { eventually, sleep } from "./lib/wait.mjs";

let server;
let meeting;
let api;
let anna;
let bruno;

function tokenFor(room, ttl) {
  const token = new AccessToken(api.key, api.secret, { identity: "intruder", ttl });
  token.addGrant({ roomJoin: true, room });
  return token.toJwt();
}

/** The status with which the upgrade is refused. */
const refusal = (token) => upgradeStatus(dial(server, token));

/** Whatever was tried: both still get pictures and sound, and nobody else came in. */
async function callIsUnharmed() {
  await Promise.all([anna.keepsReceiving(), bruno.keepsReceiving()]);
  await anna.hears([bruno]);
  await bruno.hears([anna]);
  assert.equal((await anna.tiles()).length, 2);
}

before(async () => {
  server = await Server.start("security");
  api = await server.createKey("an application");
  meeting = await server.openMeeting("Entre nous");
  anna = await Attendee.inChromium("red", "Anna");
  bruno = await Attendee.inChromium("green", "Bruno");
  await anna.enter(meeting.link);
  await bruno.enter(meeting.link);
  await anna.sees(bruno);
  await bruno.sees(anna);
});

after(async () => {
  await anna?.close();
  await bruno?.close();
  await server?.stop();
});

test("tokens that are not for this meeting open nothing", async () => {
  assert.equal(await refusal(await tokenFor("own-room", -120)), 401);
  assert.equal(await refusal(await tokenFor(meeting.id)), 403);
  assert.equal(await refusal("garbage"), 401);
  // A guest of another meeting is a guest there.
  const other = await server.openMeeting("Ailleurs");
  const { body } = await server.call("POST", `/api/v1/meetings/${other.id}/join`, {
    body: { name: "Voisin" },
  });
  const socket = dial(server, body.token);
  await once(socket, "open");
  await callIsUnharmed();
  socket.terminate();
});

test("a message of three megabytes closes its own connection only", async () => {
  const socket = dial(server, await tokenFor("own-room"));
  await once(socket, "open");
  socket.on("error", () => {});
  const closed = once(socket, "close");
  socket.send(Buffer.alloc(3 << 20));
  const [code] = await closed;
  // The server may hang up before its reason has crossed what is still being sent.
  assert.ok(code === 1009 || code === 1006, `closed with ${code}`);
  await callIsUnharmed();
});

test("garbage messages close their own connection only", async () => {
  const socket = dial(server, await tokenFor("own-room"));
  await once(socket, "open");
  socket.on("error", () => {});
  const closed = once(socket, "close");
  for (let i = 0; i < 100; i++) socket.send(Buffer.alloc(1000, 7 * i));
  await closed;
  await callIsUnharmed();
});

test("a page of another site changes nothing with the cookies of somebody who visits it", async (t) => {
  const elsewhere = await Elsewhere.start();
  t.after(() => elsewhere.stop());
  elsewhere.pages.set("/trap", { body: "<body>" });
  const victim = await Attendee.inChromium(null, "Administrator");
  t.after(() => victim.close());
  await victim.page.goto((await server.command("sign-in-link")).trim());
  await victim.appears("title-field");
  await victim.fill("title-field", "Mine");
  await victim.click("create-button");
  await victim.appears("meeting-link");
  const link = await victim.page.textContent('[data-testid="meeting-link"]');
  const id = new URL(link.trim()).pathname.split("/").at(-1);

  await victim.page.goto(`${elsewhere.origin}/trap`);
  const sockets = await victim.page.evaluate(
    async ([target, meetingId]) => {
      const send = (method, path, type, body) =>
        fetch(target + path, {
          method,
          mode: "no-cors",
          credentials: "include",
          headers: { "Content-Type": type },
          body,
        }).catch(() => {});
      for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
        await send("POST", "/api/v1/meetings", type, '{"title":"Theirs"}');
      }
      await send("DELETE", "/api/v1/session", "text/plain");
      await send("DELETE", `/api/v1/meetings/${meetingId}`, "text/plain");
      await send("GET", `/api/v1/meetings/${meetingId}`, "text/plain");
      const frame = Object.assign(document.createElement("iframe"), { name: "sink" });
      const form = document.createElement("form");
      Object.assign(form, { method: "post", action: `${target}/api/v1/meetings`, target: "sink" });
      Object.assign(form, { enctype: "text/plain" });
      form.append(
        Object.assign(document.createElement("input"), { name: '{"title":"Theirs","x":"' }),
      );
      document.body.append(frame, form);
      const answered = new Promise((resolve) => frame.addEventListener("load", resolve));
      form.submit();
      await answered;
      const dialled = [`/api/v1/meetings/${meetingId}/live`, "/rtc/v1?join_request=EgA="].map(
        (path) =>
          new Promise((resolve) => {
            const socket = new WebSocket(target.replace("https", "wss") + path);
            socket.onopen = () => resolve("open");
            socket.onerror = () => resolve("refused");
          }),
      );
      return Promise.all(dialled);
    },
    [server.url, id],
  );
  assert.deepEqual(sockets, ["refused", "refused"]);
  await victim.page.goto(server.url);
  await victim.appears("title-field");
  await eventually("the meeting is still there", async () => /Mine/.test(await victim.text()));
  assert.ok(!/Theirs/.test(await victim.text()));
});

test("strangers at the media port get no answer", async () => {
  const stranger = createSocket("udp4");
  let answers = 0;
  stranger.on("message", () => {
    answers += 1;
  });
  stranger.bind(0, "127.0.0.1");
  await once(stranger, "listening");
  // One of each kind that RFC 7983 tells apart by its first byte, and what is none of them.
  for (const first of [0, 1, 3, 16, 20, 22, 63, 64, 128, 144, 191, 192, 255]) {
    for (const size of [1, 12, 20, 200, 1200]) {
      const datagram = Buffer.alloc(size, 0x5a);
      datagram[0] = first;
      for (const port of [server.mediaPort, server.mediaPort + 1]) {
        stranger.send(datagram, port, "127.0.0.1");
      }
    }
  }
  // A well-formed STUN request of nobody (RFC 8489 5).
  const request = Buffer.from("000100002112a4420102030405060708090a0b0c", "hex");
  for (const port of [server.mediaPort, server.mediaPort + 1]) {
    stranger.send(request, port, "127.0.0.1");
  }
  await callIsUnharmed();
  await sleep(1000);
  assert.equal(answers, 0);
  stranger.close();
});

test("the server still takes people in", async () => {
  const late = await Attendee.inChromium("blue", "Chloé");
  try {
    await late.enter(meeting.link);
    await late.sees(anna);
    await eventually("she is seen", async () => Boolean(await bruno.tile("Chloé")));
  } finally {
    await late.close();
  }
  anna.assertNoErrors();
  bruno.assertNoErrors();
});
