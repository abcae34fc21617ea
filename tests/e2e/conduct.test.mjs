// How a meeting is held: the door, the floor, what is written, the clock, and the chair who leads all that from
// the console. Three people in Chromium, each with a colour and a tone of its own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Attendee, testId } from "./lib/attendee.mjs";
import { Server } from "./lib/server.mjs";
import { eventually, never } from "./lib/wait.mjs";

let server;
let anna;
let bruno;
let chloe;
let meeting;
const open = [];

async function arrive(look, name) {
  const attendee = await Attendee.inChromium(look, name);
  open.push(attendee);
  return attendee;
}

async function knock(person, link) {
  await person.page.goto(`${link}?debug`);
  // An agent is known by name; a guest's browser remembers it.
  if (person !== anna) {
    await person.appears("name-field");
    await person.page.fill(testId("name-field"), person.name);
  }
  await person.click("join-button");
}

const waits = (person, reason) =>
  eventually(`${person.name} waits: ${reason}`, async () => {
    return (await person.attribute("waiting", "data-reason")) === reason;
  });

const isHeard = (person, text) =>
  eventually(`${person.name} is told: ${text}`, async () => text.test(await person.text()));

const badge = (person, button, value) =>
  eventually(`${person.name} sees ${value} at ${button}`, async () => {
    return (await person.attribute(button, "data-badge")) === value;
  });

const microphone = (person, state) =>
  eventually(`the microphone of ${person.name} is ${state}`, async () => {
    return (await person.attribute("mic-button", "data-state")) === state;
  });

/** Of one row of a list: a button in it. */
const inRow = (person, list, name, button) =>
  person.page.locator(`${testId(list)}[data-name="${name}"] ${testId(button)}`).click();

const queueOf = (person) =>
  person.page.evaluate(
    (rows) => [...document.querySelectorAll(rows)].map((row) => row.dataset.name),
    testId("queue-row"),
  );

async function mode(person, label) {
  await person.page.getByRole("radio", { name: label, exact: true }).click({ force: true });
  await eventually("the rule is told", async () => {
    return (await person.attribute("floor-mode", "data-mode")) !== null || label === "Open";
  });
}

before(async () => {
  server = await Server.start("conduct");
  [anna, bruno, chloe] = await Promise.all([
    arrive("red", "Administrator"),
    arrive("green", "Bruno"),
    arrive("blue", "Chloé"),
  ]);
  const link = (await server.command("sign-in-link")).trim();
  await anna.page.goto(link.replace("/sign-in#", "/sign-in?debug#"));
  await anna.appears("title-field");
});

after(async () => {
  await Promise.all(open.map((attendee) => attendee.close()));
  await server?.stop();
});

test("nobody is in a meeting before its chair, and all go in by themselves", async () => {
  const early = await server.createMeeting("Point du lundi");
  await knock(bruno, early.link);
  await waits(bruno, "start");
  await bruno.appears("preview");
  await bruno.screenshot("waiting-start-1280");
  await knock(anna, early.link);
  await anna.appears("leave-button");
  await bruno.appears("leave-button");
  await bruno.hears([anna]);
  for (const person of [anna, bruno]) {
    await person.click("leave-button");
    await person.appears("rejoin-button");
  }
});

test("a guest waits until the chair lets them in, and knows nothing meanwhile", async () => {
  meeting = await server.createMeeting("Comité de suivi", { lobby: "guests" });
  await knock(anna, meeting.link);
  await anna.appears("leave-button");
  await knock(bruno, meeting.link);
  await waits(bruno, "admission");
  assert.ok(!/Administrator/.test(await bruno.text()));
  await badge(anna, "console-button", "1");
  await anna.click("console-button");
  await anna.click("admit-button");
  await bruno.appears("leave-button");
  await isHeard(bruno, /You are entering the meeting/);
  await bruno.hears([anna]);
});

test("whoever is refused is told so, and may knock again", async () => {
  await knock(chloe, meeting.link);
  await waits(chloe, "admission");
  await anna.click("refuse-button");
  await chloe.appears("rejoin-button");
  assert.match(await chloe.text(), /You were not let in/);
  await chloe.screenshot("refused-1280");
  await chloe.click("rejoin-button");
  await waits(chloe, "admission");
  // A page that is reloaded waits on, at the same place.
  await chloe.page.reload();
  await waits(chloe, "admission");
  assert.equal(await anna.page.locator(testId("lobby-person")).count(), 1);
  await anna.click("admit-button");
  await chloe.appears("leave-button");
  await chloe.hears([anna, bruno]);
});

test("in strict mode only the chair and whoever has the floor are heard", async () => {
  await anna.click("console-rules");
  await mode(anna, "One at a time");
  await bruno.hears([anna]);
  await chloe.hears([anna]);
  await bruno.appears("not-heard");
  await bruno.screenshot("not-heard-1280");
  await bruno.page.keyboard.press("h");
  await badge(bruno, "hand-button", "1");
  await chloe.click("hand-reasons-button");
  await chloe.page.getByRole("menuitem", { name: "Raise your hand: question" }).click();
  await badge(chloe, "hand-button", "2");
  await isHeard(chloe, /you are number 2/);
  await eventually("the chair sees both", async () => {
    return (await queueOf(anna)).join() === "Bruno,Chloé";
  });
  await inRow(anna, "queue-row", "Chloé", "queue-up");
  await badge(chloe, "hand-button", "1");
  await badge(bruno, "hand-button", "2");
  await anna.screenshot("console-queue-1280");
  await anna.click("give-next-button");
  await chloe.appears("floor-holder");
  await bruno.hears([anna, chloe]);
  await badge(bruno, "hand-button", "1");
  assert.ok(!(await chloe.has("not-heard")));
});

test("the floor is given back, and taken back", async () => {
  await chloe.click("hand-button");
  await bruno.hears([anna]);
  await anna.click("give-next-button");
  await isHeard(bruno, /You have the floor/);
  await chloe.hears([anna, bruno]);
  await anna.click("take-floor-button");
  await isHeard(bruno, /You no longer have the floor/);
  await chloe.hears([anna]);
  await mode(anna, "Open");
  await chloe.hears([anna, bruno]);
});

test("the chair's mute is seen, is real, and can be undone by its owner", async () => {
  await anna.click("console-microphones");
  await anna.click("mute-all-button");
  for (const person of [bruno, chloe]) await microphone(person, "off");
  await isHeard(bruno, /The chair muted your microphone/);
  await anna.hears([]);
  await bruno.click("mic-button");
  await microphone(bruno, "on");
  await anna.hears([bruno]);
});

test("a forbidden microphone stays off until it is allowed or its owner has the floor", async () => {
  await anna.click("block-all-button");
  await microphone(bruno, "off");
  await anna.hears([]);
  await bruno.click("mic-button");
  await isHeard(bruno, /raise your hand to speak/);
  await never("he is on again", async () => {
    return (await bruno.attribute("mic-button", "data-state")) === "on";
  });
  await bruno.page.keyboard.press("h");
  await anna.click("give-next-button");
  await isHeard(bruno, /microphone is allowed again/);
  await bruno.click("mic-button");
  await anna.hears([bruno]);
  await anna.click("take-floor-button");
  await anna.click("participants-button");
  await inRow(anna, "participant", "Chloé", "person-menu");
  await anna.page.getByRole("menuitem", { name: "Allow the microphone again" }).click();
  await isHeard(chloe, /microphone is allowed again/);
  await chloe.click("mic-button");
  await anna.hears([bruno, chloe]);
});

test("messages go to all or to one, and are erased", async () => {
  await bruno.click("chat-button");
  await bruno.page.fill(testId("chat-field"), "Bonjour à tous <b>!</b> https://example.org");
  await bruno.page.keyboard.press("Enter");
  await badge(chloe, "chat-button", "1");
  await chloe.click("chat-button");
  await isHeard(chloe, /Bonjour à tous <b>!<\/b> https:\/\/example\.org/);
  await badge(chloe, "chat-button", null);
  await chloe.choose("chat-to", "Bruno");
  await chloe.page.fill(testId("chat-field"), "entre nous");
  await chloe.click("chat-send");
  await isHeard(bruno, /entre nous/);
  await bruno.screenshot("chat-1280");
  await anna.click("chat-button");
  await isHeard(anna, /Bonjour à tous/);
  assert.ok(!/entre nous/.test(await anna.text()), "what is private stays between two");
  await anna.click("erase-message");
  await eventually("it is gone for all", async () => !/Bonjour/.test(await chloe.text()));
});

test("the word /hand raises the hand like the button", async () => {
  await chloe.choose("chat-to", "The whole meeting");
  await chloe.page.fill(testId("chat-field"), "/hand");
  await chloe.page.keyboard.press("Enter");
  await badge(chloe, "hand-button", "1");
  await chloe.click("hand-button");
  await badge(chloe, "hand-button", null);
});

test("reactions are seen and pass", async () => {
  await bruno.click("reactions-button");
  await bruno.page.getByRole("menuitem", { name: "Applause" }).click();
  const shown = () => chloe.page.locator(`${testId("reactions")} li`).count();
  await eventually("it is seen", async () => (await shown()) === 1);
  await eventually("it passes", async () => (await shown()) === 0);
});

test("all see the time that is left, and the chair extends and pauses it", async () => {
  const left = (person) =>
    person.page.evaluate((id) => {
      const [, minutes] = /(\d+):\d\d$/.exec(document.querySelector(id).textContent);
      return Number(minutes);
    }, testId("countdown"));
  const first = await left(bruno);
  assert.ok(first > 30 && first < 40, `${first} minutes of 40`);
  await anna.click("console-button");
  await anna.click("console-time");
  await anna.click("extend-button");
  await isHeard(anna, /Write a few words/);
  await anna.fill("extend-reason", "Le budget n’est pas voté");
  await anna.click("extend-button");
  await isHeard(bruno, /extended by 5 minutes/);
  await eventually("it is later", async () => (await left(bruno)) > first + 3);
  await anna.click("pause-5");
  await bruno.appears("paused-banner");
  await bruno.hears([anna]);
  await anna.click("continue-button");
  await bruno.hears([anna, chloe]);
});

test("the agenda is written, shown and moved on", async () => {
  await anna.click("console-agenda");
  await anna.click("edit-agenda-button");
  await anna.click("agenda-add");
  await anna.fill("agenda-title", "Budget");
  await anna.fill("agenda-minutes", "10");
  await anna.click("agenda-add");
  await anna.page.locator(testId("agenda-title")).nth(1).fill("Questions diverses");
  await anna.click("agenda-save");
  await isHeard(bruno, /Item 1 of 2: Budget/);
  await anna.click("next-item-button");
  await isHeard(bruno, /Item 2 of 2: Questions diverses/);
});

test("the console is led by keyboard alone", async () => {
  const { keyboard } = anna.page;
  const reach = async (id, key = "Tab") => {
    for (let presses = 0; presses < 80; presses++) {
      if (await anna.page.evaluate((s) => document.activeElement?.matches(s), testId(id))) return;
      await keyboard.press(key);
    }
    assert.fail(`${key} never reaches ${id}`);
  };
  await keyboard.press("Escape");
  await eventually("the panel is closed", async () => !(await anna.has("console-panel")));
  await bruno.page.evaluate(() => document.activeElement.blur());
  await bruno.page.keyboard.press("h");
  await badge(bruno, "hand-button", "1");
  await keyboard.press("a");
  await anna.appears("console-panel");
  await reach("give-next-button");
  await keyboard.press("Enter");
  await bruno.appears("floor-holder");
  await reach("take-floor-button", "Shift+Tab");
  await keyboard.press("Enter");
  await eventually("it is taken back", async () => !(await anna.has("console-holder")));
  await reach("console-room");
  await keyboard.press("Enter");
  await reach("lock-button");
  await keyboard.press("Enter");
  await isHeard(anna, /The meeting is locked/);
});

test("who is removed may ask again, who is banned may not", async () => {
  await anna.click("participants-button");
  await inRow(anna, "participant", "Chloé", "person-menu");
  await anna.page.getByRole("menuitem", { name: "Remove from the meeting…" }).click();
  await anna.click("person-confirm");
  await chloe.appears("rejoin-button");
  assert.match(await chloe.text(), /You were removed/);
  await chloe.click("rejoin-button");
  await waits(chloe, "admission");
  await anna.click("console-button");
  await anna.click("admit-button");
  await chloe.appears("leave-button");
  await anna.click("participants-button");
  await inRow(anna, "participant", "Chloé", "person-menu");
  await anna.page.getByRole("menuitem", { name: "Ban for good…" }).click();
  await anna.click("person-confirm");
  await isHeard(chloe, /You cannot enter this meeting any more/);
  assert.ok(!(await chloe.has("rejoin-button")));
});

test("the chair closes the sitting for all, and a break follows", async () => {
  await anna.click("console-button");
  await anna.click("console-room");
  await anna.click("close-button");
  await anna.click("close-confirm");
  for (const person of [anna, bruno]) await isHeard(person, /The sitting is closed/);
  await knock(bruno, meeting.link);
  await bruno.appears("break-left");
  await bruno.screenshot("break-1280");
  await knock(anna, meeting.link);
  await anna.appears("break-left");
  await anna.click("ask-skip-break");
  await anna.click("skip-break");
  await anna.appears("leave-button");
  await anna.click("leave-button");
});

test("a webinar: rehearsal, questions, and a viewer who speaks for one turn", async () => {
  meeting = await server.createMeeting("Présentation", { format: "webinar" });
  await knock(anna, meeting.link);
  await anna.appears("rehearsal-banner");
  await knock(bruno, meeting.link);
  await waits(bruno, "rehearsal");
  await anna.click("go-live-button");
  await bruno.appears("leave-button");
  assert.ok(!(await bruno.has("mic-button")), "a viewer has nothing to publish with");
  await bruno.hears([anna]);
  await bruno.click("questions-button");
  await bruno.fill("question-field", "Quand le décret paraîtra-t-il ?");
  await bruno.click("question-send");
  await isHeard(bruno, /went to those who chair/);
  await badge(anna, "questions-button", "1");
  await anna.click("questions-button");
  await anna.click("question-shown");
  await isHeard(bruno, /Shown/);
  await bruno.click("hand-button");
  await anna.click("console-button");
  await anna.click("give-next-button");
  await bruno.appears("your-turn-banner");
  await anna.hears([]);
  await bruno.click("speak-button");
  await anna.hears([bruno]);
  await bruno.screenshot("viewer-speaks-1280");
  await anna.click("take-floor-button");
  await anna.hears([]);
  await eventually("the button is gone", async () => !(await bruno.has("mic-button")));
});

test("no page met an error", () => {
  for (const attendee of open) attendee.assertNoErrors();
});
