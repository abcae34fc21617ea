// Row A13 of docs/security.md: a mark in everything that is secret or personal goes through a whole meeting, and
// through every way of being turned away; afterwards it is searched for in everything that stays.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { SessionDescription, SignalRequest, SignalResponse } from "@livekit/protocol";
import { dispose } from "@livekit/rtc-node";
import { AccessToken } from "livekit-server-sdk";
import { Bot } from "./lib/bot.mjs";
import { Seat } from "./lib/seat.mjs";
import { Server } from "./lib/server.mjs";
import { dial, emptyJoin, joinRequest } from "./lib/signalling.mjs";
import { eventually, sleep } from "./lib/wait.mjs";

/** What must be found nowhere, by its name; and what the database alone may know. */
const marks = new Map();
const kept = new Map();

let server;

function mark(name) {
  const text = `mark${marks.size}of${name}${Math.random().toString(36).slice(2, 10)}`;
  marks.set(name, text);
  return text;
}

function tokenFor(api, room, identity, options = {}) {
  const token = new AccessToken(api.key, api.secret, { identity, ttl: 600, ...options });
  token.addGrant({ roomJoin: true, room, canUpdateOwnMetadata: true });
  return token.toJwt();
}

const offer = (ufrag, pwd) =>
  [
    "v=0",
    "o=- 1 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    "a=sendrecv",
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    `a=fingerprint:sha-256 ${Array(32).fill("AB").join(":")}`,
    "a=setup:actpass",
    "a=sctp-port:5000",
    "",
  ].join("\r\n");

/** Signs in, as a browser does; the link and the cookie are secrets from then on. */
async function signIn() {
  const link = (await server.command("sign-in-link")).trim();
  const secret = link.slice(link.indexOf("#") + 1);
  marks.set("sign-in link", secret);
  const { cookie } = await server.call("POST", "/api/v1/session", { body: { secret } });
  marks.set("session cookie", cookie.slice(cookie.indexOf("=") + 1));
  return cookie;
}

/** By the other doors: what people type there, and what they are sent. */
async function signInOtherwise() {
  const email = `ada${mark("address")}@ville.fr`;
  kept.set("address of an account", email);
  marks.delete("address");
  const password = `Kx7#${mark("password")}`;
  await server.command("user", "add", "Ada", "--email", email);
  await server.feed(password, "user", "password", email, "--password-stdin");
  const post = (path, body, cookie) =>
    server.call("POST", `/api/v1/sign-in/${path}`, { body, cookie });
  const { cookie } = await post("password", { email, password });
  marks.set("session cookie by password", cookie.slice(cookie.indexOf("=") + 1));
  const wrong = mark("wrongpassword");
  await post("password", { email: `${mark("nobody")}@ville.fr`, password: wrong });
  const asked = await post("code", { email });
  marks.set("cookie of a code", asked.cookie.slice(asked.cookie.indexOf("=") + 1));
  const mail = await eventually(
    "the mail is there",
    () => readdirSync(spool()).map((name) => readFileSync(join(spool(), name), "latin1"))[0],
  );
  const [, first, second] = /^ {4}(\d{4}) (\d{4})\r$/m.exec(mail);
  marks.set("code", first + second);
  marks.set("code as it is shown", `${first} ${second}`);
  await post("code/verify", { code: mark("wrongcode") }, asked.cookie);
  const { status } = await post("code/verify", { code: first + second }, asked.cookie);
  assert.equal(status, 200);
}

const spool = () => join(server.folder, "data/spool");

/** A guest of a meeting, with a name that is nobody's business. */
async function guestOf(meeting) {
  const name = mark("guest");
  const { body } = await server.call("POST", `/api/v1/meetings/${meeting}/join`, {
    body: { name },
  });
  marks.set("join token", body.token.split(".")[2]);
  marks.set("rejoin token", body.rejoin.split(".").at(-1));
  // Who did what is kept, by a name that says nothing.
  kept.set("identity", body.identity);
  return body.token;
}

/** Signalling by hand, so that the descriptions carry marks as well. */
async function signal(token) {
  const join = joinRequest({
    metadata: mark("metadata"),
    participantAttributes: { [mark("attribute")]: mark("value") },
    publisherOffer: new SessionDescription({
      type: "offer",
      sdp: offer(mark("ufrag"), mark("passwordthatislongenough")),
      id: 1,
    }),
  });
  const socket = dial(server, token, join);
  const frames = [];
  socket.on("message", (bytes) => frames.push(SignalResponse.fromBinary(bytes)));
  await once(socket, "open");
  await eventually("an answer and a fresh token", () => {
    const answer = frames.find(({ message }) => message.case === "answer");
    const fresh = frames.find(({ message }) => message.case === "refreshToken");
    if (!answer || !fresh) return false;
    marks.set("server's ICE password", /a=ice-pwd:(\S+)/.exec(answer.message.value.sdp)[1]);
    marks.set("refreshed token", fresh.message.value.split(".")[2]);
    return true;
  });
  socket.send(
    new SignalRequest({
      message: {
        case: "updateMetadata",
        value: { name: mark("newname"), metadata: mark("newer") },
      },
    }).toBinary(),
  );
  socket.send(Buffer.from(mark("garbage")));
  await once(socket, "close");
}

/** Everything that is refused, with a mark in it. */
async function knockEverywhere(api) {
  const bad = await tokenFor({ key: api.key, secret: mark("wrongsecret") }, "r", mark("stranger"));
  marks.set("refused token", bad.split(".")[2]);
  for (const path of [
    `/rtc/v1/validate?access_token=${bad}&join_request=${emptyJoin}`,
    `/rtc/v1/validate?access_token=${mark("notoken")}&join_request=${mark("nojoin")}`,
    `/${mark("path")}?secret=${mark("query")}`,
    `/m/${mark("meeting")}`,
    `/api/v1/meetings/${mark("unknown")}`,
  ]) {
    await fetch(server.plainUrl + path, {
      headers: {
        Cookie: `__Host-conclave=${mark("cookie")}`,
        Referer: `http://x/${mark("referer")}`,
      },
    });
  }
  await fetch(`${server.plainUrl}/metrics`, {
    headers: { Authorization: `Bearer ${mark("metricstoken")}`, "X-Forwarded-For": "192.0.2.1" },
  });
  await server.call("POST", "/api/v1/session", { body: { secret: mark("wronglink") } });
  const refused = dial(server, bad);
  refused.on("error", () => {});
  await once(refused, "unexpected-response");
  refused.terminate();
}

function databaseBytes(folder = join(server.folder, "data")) {
  return Buffer.concat(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      // The spool stands for a mail server.
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".eml"))
      .map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name))),
  ).toString("latin1");
}

before(async () => {
  server = await Server.start(
    "secrets",
    `[sign_in]\nemail_codes = true\nemail_domains = ["ville.fr"]\n`,
  );
});

after(async () => {
  await server?.stop();
  await dispose();
});

test("A13 what is secret or personal is in no log, no metric and no database", async () => {
  const api = await server.createKey("an application");
  // Tokens are verified with it, so the database has to have it.
  kept.set("API secret", api.secret);
  const cookie = await signIn();
  await signInOtherwise();
  const title = `title${Math.random().toString(36).slice(2)}`;
  kept.set("title", title);
  const { body } = await server.call("POST", "/api/v1/meetings", {
    body: { title, lobby: "nobody" },
    cookie,
  });
  const chair = await Seat.of(server, { id: body.id, cookie });
  const guest = dial(server, await guestOf(body.id));
  await once(guest, "open");
  guest.terminate();
  await chair.ask({ do: "say", text: mark("word in the meeting") });
  chair.close();
  // With the meeting ends what was personal in it.
  const ended = await server.call("DELETE", `/api/v1/meetings/${body.id}`, { cookie });
  assert.equal(ended.status, 204);
  await signal(await tokenFor(api, "other-room", mark("carla")));

  const first = await Bot.connect(server.plainUrl, await tokenFor(api, "room", mark("anna")));
  const second = await Bot.connect(server.plainUrl, await tokenFor(api, "room", mark("bruno")));
  const chat = mark("chat");
  await eventually("the message arrives", async () => {
    await first.room.localParticipant.publishData(Buffer.from(chat), { reliable: true });
    return second.data.some(({ text }) => text === chat);
  });
  await knockEverywhere(api);
  const metrics = await (await fetch(`${server.plainUrl}/metrics`)).text();
  await first.close();
  await second.close();
  await sleep(500);

  assert.ok(marks.size > 25);
  assert.match(server.output, /turned_away/, "the log was written");
  const database = databaseBytes();
  assert.ok(database.includes(title), "the database was read");
  for (const [name, text] of marks) {
    assert.ok(text.length > 7, name);
    assert.ok(!server.output.includes(text), `the log has the ${name}`);
    assert.ok(!metrics.includes(text), `the metrics have the ${name}`);
    assert.ok(!database.includes(text), `the database has the ${name}`);
  }
  for (const [name, text] of kept) {
    assert.ok(!server.output.includes(text), `the log has the ${name}`);
    assert.ok(!metrics.includes(text), `the metrics have the ${name}`);
  }
});
