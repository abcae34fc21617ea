// The server dies in the middle of a meeting, as in a power cut. Whoever was in it comes back by themselves, to the
// same roles, queue, clock and chat: what was acknowledged is there, once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Attendee } from "./lib/attendee.mjs";
import { Seat } from "./lib/seat.mjs";
import { Server } from "./lib/server.mjs";
import { eventually, sleep } from "./lib/wait.mjs";

// More for a night: KILLS=200.
const kills = Number(process.env.KILLS ?? 12);

let server;
const open = [];

before(async () => {
  server = await Server.start("crash");
});

after(async () => {
  await Promise.all(open.map((attendee) => attendee.close()));
  await server?.stop();
});

const clockOf = ({ started_at, ends_at }) => ({ started_at, ends_at });
const isHere = (seat) => eventually("the meeting is told", () => seat.meeting);
const textsOf = (seat) => seat.meeting.chat.messages.map(({ text }) => text);

test("browsers are back in the meeting as they were, without a click", async () => {
  const meeting = await server.createMeeting("Cellule de crise");
  const chair = await Seat.of(server, meeting);
  const names = ["Un", "Deux", "Trois", "Quatre", "Cinq"];
  const seats = await Promise.all(names.map((name) => Seat.guest(server, meeting, name)));
  const [anna, bruno] = await Promise.all([
    Attendee.inChromium("red", "Anna"),
    Attendee.inChromium("green", "Bruno"),
  ]);
  open.push(anna, bruno);
  for (const person of [anna, bruno]) {
    await person.enter(meeting.link);
  }
  for (const person of [anna, bruno]) await person.hears(person === anna ? [bruno] : [anna]);
  for (const seat of seats.toReversed()) await seat.ask({ do: "raise_hand" });
  await chair.ask({ do: "set_role", person: await chair.idOf("Bruno"), role: "deputy" });
  await chair.ask({ do: "extend", length: 300_000, reason: "crise" });
  await chair.ask({ do: "say", text: "on continue" });
  await eventually("the chair is told all", () => textsOf(chair).includes("on continue"));
  const before = chair.meeting;

  await server.kill();
  await sleep(500);
  await server.launch();
  await Promise.all([chair, ...seats].map((seat) => seat.back()));
  await isHere(chair);

  assert.deepEqual(chair.meeting.floor.queue, before.floor.queue);
  assert.equal(chair.meeting.floor.queue.length, 5);
  assert.deepEqual(clockOf(chair.meeting.clock), clockOf(before.clock));
  assert.equal(chair.meeting.me.role, "chair");
  assert.deepEqual(textsOf(chair), ["on continue"]);
  const back = await chair.idOf("Bruno");
  assert.equal(chair.people.get(back).role, "deputy");
  for (const person of [anna, bruno]) await person.hears(person === anna ? [bruno] : [anna]);
});

test("what was acknowledged is there after every kill, once", async () => {
  const meeting = await server.createMeeting("Journal");
  const chair = await Seat.of(server, meeting);
  const bob = await Seat.guest(server, meeting, "Bob");
  await isHere(bob);
  const acknowledged = [];
  const asked = [];
  let number = 0;
  for (let kill = 0; kill < kills; ++kill) {
    let isOver = false;
    const talk = async (seat) => {
      while (!isOver) {
        const text = `message ${number++}`;
        asked.push(text);
        try {
          await seat.ask({ do: "say", text });
          acknowledged.push(text);
        } catch (error) {
          if (!/no answer|too_many/.test(error.message)) throw error;
        }
        await sleep(Math.random() * 20);
      }
    };
    const talks = [talk(chair), talk(bob)];
    await sleep(50 + Math.random() * 200);
    await server.kill();
    isOver = true;
    await Promise.all(talks);
    await server.launch();
    await Promise.all([chair.back(), bob.back()]);
    await Promise.all([isHere(chair), isHere(bob)]);
    const kept = textsOf(chair);
    assert.deepEqual(textsOf(bob), kept, "one order for all");
    assert.equal(new Set(kept).size, kept.length, "nothing is there twice");
    for (const text of acknowledged) assert.ok(kept.includes(text), `${text} was acknowledged`);
    for (const text of kept) assert.ok(asked.includes(text), `${text} was asked for`);
  }
  assert.ok(acknowledged.length > kills, "there was something to lose");
});
