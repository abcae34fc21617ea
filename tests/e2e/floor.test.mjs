// The floor as people hear it, in Chromium and in Firefox, while others send without being asked; and how a meeting
// is held for somebody in Firefox from its door to the break. Its owner leads without media; Anna chairs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { dispose } from "@livekit/rtc-node";
import { Attendee, testId } from "./lib/attendee.mjs";
import { Bot } from "./lib/bot.mjs";
import { inspect } from "./lib/inspect.mjs";
import { Seat } from "./lib/seat.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

let server;
let lead;
let meeting;
let anna;
let farid;
/** Three clients of LiveKit's own, which know no rule of a meeting: each sends its tone all the time. */
const talkers = ["green", "blue", "magenta"].map((look) => ({ look, name: `Talker ${look}` }));

const isTold = (person, text) =>
  eventually(`${person.name} is told: ${text}`, async () => text.test(await person.text()));

const microphone = (person, state) =>
  eventually(`the microphone of ${person.name} is ${state}`, async () => {
    return (await person.attribute("mic-button", "data-state")) === state;
  });

async function bothHear(fromAnna, fromFarid) {
  await Promise.all([anna.hears(fromAnna), farid.hears(fromFarid)]);
}

before(async () => {
  server = await Server.start("floor");
  meeting = await server.openMeeting("Conseil", { lobby: "guests" });
  lead = meeting.chair;
  [anna, farid] = await Promise.all([
    Attendee.inChromium("red", "Anna"),
    Attendee.inFirefox("Farid"),
  ]);
  // A changed client: what it shows as off goes on sending.
  await farid.page.evaluateOnNewDocument(() => {
    Object.defineProperty(MediaStreamTrack.prototype, "enabled", { get: () => true, set() {} });
  });
});

after(async () => {
  await Promise.all(talkers.map(({ bot }) => bot?.close()));
  await Promise.all([anna, farid].map((person) => person?.close()));
  lead?.close();
  await server?.stop();
  await dispose();
});

test("somebody in Firefox waits, is let in, and is heard", async () => {
  for (const person of [anna, farid]) {
    await person.page.goto(`${meeting.link}?debug`);
    await person.fill("name-field", person.name);
    await person.click("join-button");
    await person.appears("waiting");
  }
  assert.ok(!/Anna/.test(await farid.text()), "who waits knows nobody");
  await farid.screenshot("firefox-waiting-1280");
  await lead.ask({ do: "admit" });
  for (const person of [anna, farid]) await person.appears("leave-button");
  await lead.ask({ do: "set_role", person: await lead.idOf("Anna"), role: "chair" });
  await bothHear([farid], [anna]);
});

test("in strict mode both hear the chair and the holder, whatever others send", async () => {
  for (const talker of talkers) {
    const seat = await Seat.guest(server, meeting, talker.name);
    await lead.ask({ do: "admit" });
    await eventually("the talker is in", () => seat.meeting?.token);
    const { token } = seat.meeting;
    const deaf = { autoSubscribe: false };
    talker.bot = await Bot.connect(server.plainUrl, token, talker.look, deaf);
    await talker.bot.speak();
  }
  await bothHear([farid, ...talkers], [anna, ...talkers]);

  await lead.ask({ do: "set_floor", mode: "strict" });
  await bothHear([], [anna]);
  await farid.appears("not-heard");
  for (const talker of talkers) {
    await lead.ask({ do: "give_floor", person: await lead.idOf(talker.name) });
    await bothHear([talker], [anna, talker]);
  }

  await farid.page.keyboard.press("h");
  await eventually("he is the first of the queue", async () => {
    return (await farid.attribute("hand-button", "data-badge")) === "1";
  });
  await lead.ask({ do: "give_floor" });
  await isTold(farid, /You have the floor/);
  await bothHear([farid], [anna]);
  await farid.click("hand-button");
  await bothHear([], [anna]);

  // Nobody began to send again: they never stopped.
  await lead.ask({ do: "set_floor", mode: "open" });
  await bothHear([farid, ...talkers], [anna, ...talkers]);
});

test("a muted client that sends on is not heard", async () => {
  const person = await lead.idOf("Farid");
  const sent = () =>
    farid.page.evaluate(async () => {
      const { track } = window.__conclave_room.localParticipant.getTrackPublication("microphone");
      const report = await track.sender.getStats();
      return [...report.values()].find(({ type }) => type === "outbound-rtp").packetsSent;
    });
  await lead.ask({ do: "stop", person, source: "microphone" });
  await microphone(farid, "off");
  await isTold(farid, /The chair muted your microphone/);
  await anna.hears(talkers);
  const before = await sent();
  await eventually("it sends on", async () => (await sent()) > before + 50);
  await anna.hears(talkers);
  await farid.click("mic-button");
  await microphone(farid, "on");
  await anna.hears([farid, ...talkers]);
});

test("messages go both ways, and the time is told", async () => {
  for (const [from, to] of [
    [farid, anna],
    [anna, farid],
  ]) {
    if (!(await from.has("chat-panel"))) await from.click("chat-button");
    await from.fill("chat-field", `Bonjour de ${from.name}`);
    await from.page.keyboard.press("Enter");
    if (!(await to.has("chat-panel"))) await to.click("chat-button");
    await isTold(to, new RegExp(`Bonjour de ${from.name}`));
  }
  const countdown = await farid.page.$eval(testId("countdown"), (one) => one.textContent);
  assert.match(countdown, /\d+:\d\d$/);
  await inspect(farid, "the meeting in Firefox");
  await farid.screenshot("firefox-meeting-1280");
});

test("after the sitting there is a break, in Firefox as well", async () => {
  await lead.ask({ do: "close" });
  await isTold(farid, /The sitting is closed/);
  await farid.page.goto(`${meeting.link}?debug`);
  await farid.click("join-button");
  await farid.appears("break-left");
  await inspect(farid, "the break in Firefox");
  await farid.screenshot("firefox-break-1280");
  for (const person of [anna, farid]) person.assertNoErrors();
});
