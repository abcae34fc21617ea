// What people ask of the chair and decide together: more time, in a secret vote. And all microphones allowed again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Attendee, testId } from "./lib/attendee.mjs";
import { check, looks, nameOf } from "./lib/inspect.mjs";
import { Seat } from "./lib/seat.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

// So short that its last ten minutes have begun when it begins.
const short = { lobby: "nobody", length: 10 * 60_000 };
let server;

async function arrive(t, name, meeting, look = {}) {
  const attendee = await Attendee.inChromium(null, name, look);
  t.after(() => attendee.close());
  await attendee.page.goto(`${meeting.link}?debug`);
  await attendee.fill("name-field", name);
  await attendee.click("join-button");
  await attendee.appears("leave-button");
  return attendee;
}

/** The owner, in a browser. */
async function chairOf(t, meeting, look = {}) {
  const chair = await Attendee.inChromium(null, "Chair", look);
  t.after(() => chair.close());
  await chair.page.goto((await server.command("sign-in-link")).trim());
  await chair.appears("title-field");
  await chair.page.goto(`${meeting.link}?debug`);
  await chair.click("join-button");
  await chair.appears("leave-button");
  return chair;
}

const isTold = (person, text) =>
  eventually(`${person.name} is told: ${text}`, async () => text.test(await person.text()));

async function askForTime(person) {
  await person.click("ask-time-button");
  await person.fill("extend-reason", "The last item");
  await person.click("ask-time-confirm");
}

before(async () => {
  server = await Server.start("vote");
});

after(async () => {
  await server?.stop();
});

test("more time is asked for, voted on in secret, and given", async (t) => {
  const meeting = await server.createMeeting("Budget", short);
  const chair = await chairOf(t, meeting, { locale: "en-US" });
  const guest = await arrive(t, "Bruno", meeting, { locale: "en-US" });
  const others = await Promise.all(["Eve", "Kim"].map((name) => Seat.guest(server, meeting, name)));
  const [eve, kim] = others;
  t.after(() => {
    for (const other of others) other.close();
  });
  await askForTime(guest);
  await guest.appears("motion-banner");
  await isTold(chair, /Bruno asks for 5 more minutes/);
  assert.ok(!(await chair.has("ask-time-button")), "who leads extends");
  await assert.rejects(eve.ask({ do: "call_vote" }), /not_allowed/);
  await chair.click("put-to-vote-button");
  await guest.appears("vote-banner");
  await isTold(guest, /Vote: extend the meeting by 5 minutes\?/);
  await guest.page.focus(testId("vote-no"));
  await guest.page.keyboard.press("Enter");
  const pressed = (id) => async () => (await guest.attribute(id, "aria-pressed")) === "true";
  await eventually("the vote is cast", pressed("vote-no"));
  await guest.click("vote-yes");
  await eventually("the vote is changed", pressed("vote-yes"));
  await guest.page.reload();
  await guest.appears("leave-button");
  await eventually("the vote outlives a reload", pressed("vote-yes"));
  await eve.ask({ do: "vote", yes: true });
  await kim.ask({ do: "vote", yes: false });
  assert.equal(eve.meeting.motion.yes + eve.meeting.motion.no, 0, "how it stands is nobody's");
  await isTold(chair, /The vote is in favour: 2 yes, 1 no/);
  assert.ok(!(await guest.has("vote-banner")));
  assert.equal(eve.meeting.motion.stage, "carried");
  assert.equal(eve.meeting.meeting.extension_left, 15 * 60_000);
  chair.assertNoErrors();
  guest.assertNoErrors();
});

test("the chair allows all microphones at once", async (t) => {
  const meeting = await server.createMeeting("Micros", { lobby: "nobody" });
  const chair = await chairOf(t, meeting, { locale: "en-US" });
  const guest = await arrive(t, "Bruno", meeting, { locale: "en-US" });
  await chair.click("console-button");
  await chair.click("console-microphones");
  await chair.click("block-all-button");
  await isTold(chair, /1 microphone is forbidden/);
  await isTold(guest, /The chair muted your microphone/);
  await chair.page.focus(testId("allow-all-button"));
  await chair.page.keyboard.press("Enter");
  await isTold(guest, /Your microphone is allowed again/);
  await guest.click("mic-button");
  await eventually("the microphone is on", async () => {
    return (await guest.attribute("mic-button", "data-state")) === "on";
  });
});

for (const look of looks) {
  const suffix = nameOf(look);

  test(`asking and voting are accessible: ${suffix}`, async (t) => {
    const meeting = await server.createMeeting("Comité de suivi", short);
    const chair = await chairOf(t, meeting, look);
    const guest = await arrive(t, "Zoé Lefèvre", meeting, look);
    await guest.click("ask-time-button");
    await check(guest, `ask-time-${suffix}`);
    await guest.fill("extend-reason", "Il reste à arbitrer la ligne 14 du budget");
    await guest.click("ask-time-confirm");
    await chair.appears("put-to-vote-button");
    await check(chair, `more-time-${suffix}`);
    await chair.click("console-button");
    for (const id of ["microphones", "time", "airtime"]) await chair.click(`console-${id}`);
    await check(chair, `console-time-${suffix}`);
    await chair.click("console-button");
    await chair.click("put-to-vote-button");
    await guest.click("vote-yes");
    await check(guest, `vote-${suffix}`);
  });
}
