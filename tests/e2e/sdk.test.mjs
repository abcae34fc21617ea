// Other applications use Conclave as their media server: LiveKit's own server and client SDKs, unmodified.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { dispose } from "@livekit/rtc-node";
import { AccessToken } from "livekit-server-sdk";
import { Attendee } from "./lib/attendee.mjs";
import { Bot } from "./lib/bot.mjs";
import { SdkPage } from "./lib/sdk_page.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

const room = "application-room";
let server;
let meeting;
let api;

/** As an application's back end makes them. */
function tokenFor(identity, { grant = { roomJoin: true, room }, key = api, ttl } = {}) {
  const token = new AccessToken(key.key, key.secret, { identity, name: identity, ttl });
  token.addGrant(grant);
  return token.toJwt();
}

async function validate(token) {
  // An empty JoinRequest inside an empty WrappedJoinRequest.
  const query = new URLSearchParams({ access_token: token, join_request: "EgA=" });
  const answer = await fetch(`${server.plainUrl}/rtc/v1/validate?${query}`);
  return { status: answer.status, text: await answer.text() };
}

before(async () => {
  server = await Server.start("sdk");
  api = await server.createKey("an application");
  meeting = await server.openMeeting("Réunion");
});

after(async () => {
  await server?.stop();
  await dispose();
});

test("a token is worth what it says and no more", async () => {
  assert.deepEqual(await validate(await tokenFor("bot")), { status: 200, text: "success" });
  const cases = [
    [401, "signed with another secret", { key: { ...api, secret: `${api.secret}x` } }],
    [401, "of an unknown key", { key: { ...api, key: "APIunknown" } }],
    [401, "that expired two minutes ago", { ttl: -120 }],
    [401, "without roomJoin", { grant: { room } }],
    [400, "without a room", { grant: { roomJoin: true } }],
    [403, "for a meeting of this server", { grant: { roomJoin: true, room: meeting.id } }],
  ];
  for (const [status, what, options] of cases) {
    assert.equal(
      (await validate(await tokenFor("bot", options))).status,
      status,
      `a token ${what}`,
    );
  }
  assert.equal((await validate("not.a.token")).status, 401);
});

test("a revoked key opens nothing any more", async () => {
  const key = await server.createKey("for a moment");
  const token = await tokenFor("bot", { key });
  assert.equal((await validate(token)).status, 200);
  await server.command("key", "revoke", key.key);
  assert.equal((await validate(token)).status, 401);
});

test("a refused token fails the native client's connect", async () => {
  const token = await tokenFor("bot", { key: { ...api, secret: "wrong" } });
  await assert.rejects(Bot.connect(server.plainUrl, token, "magenta"));
});

test("a native bot and a browser meet in an application's room", async () => {
  const page = await SdkPage.open("green", "browser");
  const bot = await Bot.connect(server.plainUrl, await tokenFor("bot"), "magenta");
  try {
    await page.join(server.plainUrl, await tokenFor("browser"));
    await bot.publish();
    await page.sees({ name: "bot", look: "magenta" });
    await page.hears([{ look: "magenta" }]);
    await bot.sees("browser", "green");
    await bot.hears("browser", "green");

    for (const reliable of [true, false]) {
      const topic = reliable ? "reliable" : "lossy";
      await bot.room.localParticipant.publishData(Buffer.from("from bot"), { reliable, topic });
      await page.send("from browser", { reliable, topic });
      await eventually(`the browser receives ${topic} data`, async () => {
        const all = await page.received();
        return all.some((data) => data.topic === topic && data.text === "from bot");
      });
      await eventually(`the bot receives ${topic} data`, () =>
        bot.data.some(
          (data) => data.topic === topic && data.text === "from browser" && data.from === "browser",
        ),
      );
    }

    await bot.close();
    await eventually("the bot is gone", async () => !(await page.people()).includes("bot"));
    await eventually("and its tile", async () => (await page.tiles()).length === 0);
  } finally {
    await page.close();
    await bot.close();
  }
});

test("clients with two peer connections meet those with one", async () => {
  const classic = { singlePeerConnection: false };
  const page = await SdkPage.open("green", "browser");
  const old = await Bot.connect(server.plainUrl, await tokenFor("old"), "magenta", classic);
  const modern = await Bot.connect(server.plainUrl, await tokenFor("modern"), "blue");
  const everybodyMeets = async () => {
    await page.sees({ name: "old", look: "magenta" });
    await page.sees({ name: "modern", look: "blue" });
    await page.hears([{ look: "magenta" }, { look: "blue" }]);
    for (const bot of [old, modern]) {
      await bot.sees("browser", "green");
      await bot.hears("browser", "green");
    }
    await old.sees("modern", "blue");
    await modern.hears("old", "magenta");
  };
  const dataArrives = async (words, timing) => {
    await page.send(words, { reliable: true, topic: "all" });
    await old.room.localParticipant.publishData(Buffer.from(words), { reliable: true });
    for (const bot of [old, modern])
      await eventually(
        "a bot receives data",
        () => bot.data.some((data) => data.text === words),
        timing,
      );
    const isThere = async () =>
      (await page.received()).some((data) => data.text === words && data.from === "old");
    await eventually("the browser receives data", isThere, timing);
  };
  try {
    await page.join(server.plainUrl, await tokenFor("browser"), classic);
    await Promise.all([old.publish(), modern.publish()]);
    await everybodyMeets();
    await dataArrives("hello");
    // A resume with ICE restart on both connections, one that fails and becomes a new join, and a new join at once.
    for (const scenario of ["signal-reconnect", "resume-reconnect", "full-reconnect"]) {
      await page.simulate(scenario);
      await everybodyMeets();
      // Joining anew, livekit-client says that it is back, keeps reliable data for a later resume for some 2 s
      // more, and then forgets it.
      await eventually(`data arrives after ${scenario}`, async () => {
        await dataArrives(`after ${scenario}`, { timeoutMs: 5000 });
        return true;
      });
    }
  } finally {
    await page.close();
    await old.close();
    await modern.close();
  }
});

test("a bot enters a meeting as a guest does", async () => {
  const person = await Attendee.inChromium("blue", "Chloé");
  const { status, body } = await server.call("POST", `/api/v1/meetings/${meeting.id}/join`, {
    body: { name: "Greffier" },
  });
  assert.equal(status, 200);
  const bot = await Bot.connect(server.plainUrl, body.token, "magenta");
  try {
    await bot.publish();
    await person.enter(meeting.link);
    await person.sees({ name: "Greffier", look: "magenta" });
    await person.hears([{ look: "magenta" }]);
    const [identity] = await eventually("the bot sees a participant", () => {
      const all = [...bot.room.remoteParticipants.keys()];
      return all.length === 1 && all;
    });
    assert.equal(bot.room.remoteParticipants.get(identity).name, "Chloé");
    await bot.sees(identity, "blue");
    await bot.hears(identity, "blue");
    await person.click("leave-button");
    await eventually("the person is gone", () => bot.room.remoteParticipants.size === 0);
    person.assertNoErrors();
  } finally {
    await bot.close();
    await person.close();
  }
});
