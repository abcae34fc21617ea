// What people arrange for themselves in a meeting, by keyboard: who is large, sound without pictures, and talking
// while a key is held. Two people in Chromium; the meeting's owner sits in it without media.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Attendee, testId } from "./lib/attendee.mjs";
import { check, inspect } from "./lib/inspect.mjs";
import { Server } from "./lib/server.mjs";
import { eventually, sleep } from "./lib/wait.mjs";

let server;
let meeting;
let anna;
let bruno;
const open = [];

async function visit(look, name, options) {
  const person = await Attendee.inChromium(look, name, options);
  open.push(person);
  return person;
}

/** Tab as far as the control that the selector means. */
async function focus({ page }, selector) {
  for (let presses = 0; presses < 60; presses++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab never reaches ${selector}`);
}

const pinOf = ({ name }) => `[data-name="${name}"] ${testId("pin-button")}`;
const pressed = ({ page }, selector) =>
  page.evaluate((s) => document.querySelector(s)?.getAttribute("aria-pressed"), selector);

function large(person, name) {
  return eventually(`${name ?? "nobody"} is large for ${person.name}`, async () => {
    return (await person.attribute("stage", "data-large")) === name;
  });
}

function says(person, pattern) {
  return eventually(`the page says ${pattern}`, async () => pattern.test(await person.text()));
}

async function menu(person, entry) {
  await person.click("more-button");
  await person.click(`menu-${entry}`);
}

/** Of the pictures that come over the network. */
function videoBytes({ page }) {
  return page.evaluate(async () => {
    let bytes = 0;
    const { pcManager } = window.__conclave_room.engine;
    for (const transport of [pcManager.publisher, pcManager.subscriber]) {
      const report = await transport?.getStats();
      for (const entry of report?.values() ?? []) {
        if (entry.type === "inbound-rtp" && entry.kind === "video") bytes += entry.bytesReceived;
      }
    }
    return bytes;
  });
}

/** What arrived within two seconds. */
async function flow(person) {
  const start = await videoBytes(person);
  await sleep(2000);
  return (await videoBytes(person)) - start;
}

before(async () => {
  server = await Server.start("comfort");
  meeting = await server.openMeeting("Point d’équipe");
  anna = await visit("red", "Anna");
  bruno = await visit("green", "Bruno");
  await anna.enter(meeting.link);
  await bruno.enter(meeting.link);
  await anna.sees(bruno);
  await bruno.sees(anna);
});

after(async () => {
  await Promise.all(open.map((person) => person.close()));
  meeting?.chair.close();
  await server?.stop();
});

test("a person is pinned and freed by keyboard, and the keyboard stays on them", async () => {
  await large(anna, null);
  await focus(anna, pinOf(bruno));
  await anna.page.keyboard.press("Enter");
  await large(anna, "Bruno");
  await says(anna, /Bruno stays large/);
  assert.equal(await pressed(anna, pinOf(bruno)), "true");
  await anna.sees(bruno);
  await eventually("the focus is on the same button", () =>
    anna.page.evaluate((s) => document.activeElement?.matches(s), pinOf(bruno)),
  );
  await anna.screenshot("comfort-pinned-1280");
  await anna.page.keyboard.press("Enter");
  await large(anna, null);
  await says(anna, /Bruno no longer stays large/);
  await eventually("the focus is still there", () =>
    anna.page.evaluate((s) => document.activeElement?.matches(s), pinOf(bruno)),
  );
});

test("a layout is chosen by key or in the menu, said, and remembered", async () => {
  await anna.page.keyboard.press("l");
  await says(anna, /everyone in the same size/);
  await anna.page.keyboard.press("l");
  await says(anna, /The speaker large/);
  await large(anna, "Bruno");
  await anna.page.reload();
  await anna.appears("leave-button");
  await large(anna, "Bruno");
  await anna.click("more-button");
  const chosen = await anna.page.getByRole("menuitemradio", { checked: true }).textContent();
  assert.match(chosen, /Speaker large/);
  await anna.screenshot("comfort-menu-1280");
  await anna.click("menu-layout-auto");
  await large(anna, null);
});

test("in audio only no picture arrives or is sent, and all come back", async () => {
  await anna.sees(bruno);
  await bruno.sees(anna);
  await eventually("pictures arrive", async () => (await flow(anna)) > 1000);
  await menu(anna, "audio-only");
  await anna.appears("audio-only-banner");
  await eventually("no picture arrives", async () => (await flow(anna)) === 0);
  await eventually("none is sent", async () => !(await bruno.tile("Anna")).picture);
  await anna.hears([bruno]);
  await bruno.hears([anna]);
  await anna.screenshot("comfort-audio-only-1280");

  await bruno.click("share-button");
  await says(anna, /Bruno is sharing their screen/);
  assert.equal(await flow(anna), 0, "nor does a screen that is shown meanwhile");
  await bruno.click("share-button");
  await says(anna, /Bruno stopped sharing/);

  await anna.page.reload();
  await anna.appears("audio-only-banner");
  await anna.hears([bruno]);
  await eventually("it holds for the meeting", async () => (await flow(anna)) === 0);
  await anna.click("camera-button");
  await says(anna, /Show pictures again first/);

  await anna.click("pictures-button");
  await anna.sees(bruno);
  await bruno.sees(anna);
});

test("a held space bar is heard, and its end too", async () => {
  const { keyboard } = anna.page;
  await anna.click("mic-button");
  await bruno.hears([]);
  // The button that was clicked has the focus, and does not need the key.
  await keyboard.down("Space");
  await anna.appears("talking-mark");
  await bruno.hears([anna]);
  await anna.screenshot("comfort-talking-1280");
  await keyboard.up("Space");
  await bruno.hears([]);
  assert.ok(!(await anna.has("talking-mark")));
  assert.equal(await anna.attribute("mic-button", "data-state"), "off");

  await anna.click("chat-button");
  await anna.page.getByRole("textbox").last().click();
  await keyboard.down("Space");
  await sleep(500);
  assert.ok(!(await anna.has("talking-mark")), "a field keeps its space");
  await keyboard.up("Space");
  await anna.click("chat-button");
});

test("who turned it off in the settings is not heard", async () => {
  const { keyboard } = anna.page;
  await menu(anna, "settings");
  await anna.click("push-to-talk");
  await anna.screenshot("comfort-settings-1280");
  await keyboard.press("Escape");
  await anna.page.evaluate(() => document.activeElement?.blur());
  await keyboard.down("Space");
  await sleep(500);
  assert.ok(!(await anna.has("talking-mark")));
  await keyboard.up("Space");
  await anna.click("mic-button");
  await bruno.hears([anna]);
});

test("an unplugged microphone is replaced and said so, and taken again with one click", async () => {
  const { page } = anna;
  await menu(anna, "settings");
  const { id, label } = await page.evaluate(async () => {
    const all = await navigator.mediaDevices.enumerateDevices();
    const { deviceId, label } = all.findLast(({ kind }) => kind === "audioinput");
    return { id: deviceId, label };
  });
  const used = () => page.evaluate(() => window.__conclave_room.getActiveDevice("audioinput"));
  await anna.choose("microphone-select", label);
  await eventually("it is used", async () => (await used()) === id);
  await page.keyboard.press("Escape");

  await page.evaluate((gone) => {
    const { mediaDevices } = navigator;
    const list = mediaDevices.enumerateDevices.bind(mediaDevices);
    mediaDevices.enumerateDevices = async () =>
      (await list()).filter(({ deviceId }) => window.isPlugged || deviceId !== gone);
    const { localParticipant } = window.__conclave_room;
    const { mediaStreamTrack } = localParticipant.getTrackPublication("microphone").track;
    mediaStreamTrack.stop();
    mediaStreamTrack.dispatchEvent(new Event("ended"));
    mediaDevices.dispatchEvent(new Event("devicechange"));
  }, id);
  await says(anna, /unplugged. Another one replaces it/);
  await eventually("another is used", async () => (await used()) !== id);
  await bruno.hears([anna]);
  assert.equal(await anna.attribute("mic-button", "data-state"), "on");

  await page.evaluate(() => {
    window.isPlugged = true;
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  });
  await anna.appears("offer-banner");
  await anna.screenshot("comfort-offer-1280");
  await anna.click("take-offer");
  await eventually("it is used again", async () => (await used()) === id);
  await bruno.hears([anna]);
});

test("the small window shows who is large, also after the tiles moved", async () => {
  // A browser that puts only pictures on top.
  await anna.page.evaluate(() =>
    Object.defineProperty(window, "documentPictureInPicture", { value: undefined }),
  );
  await menu(anna, "small-window");
  const isOpen = () => anna.page.evaluate(() => document.pictureInPictureElement !== null);
  await eventually("it is open", isOpen);
  await anna.page.keyboard.press("l");
  await sleep(1000);
  assert.ok(await isOpen());
  await menu(anna, "small-window");
  await eventually("it is closed", async () => !(await isOpen()));
  await anna.page.reload();
  await anna.appears("leave-button");
  await anna.sees(bruno);
});

/** The page's window on top of all others, looked at and pressed from within the page. */
const inWindow = ({ page }, id, press = false) =>
  page.evaluate(
    ([selector, isPressed]) => {
      const found = window.documentPictureInPicture.window?.document.querySelector(selector);
      if (found && isPressed) found.click();
      return found && { text: found.textContent, state: found.dataset.state ?? null };
    },
    [testId(id), press],
  );

test("the window on top shows speaker, time and microphone, and takes what one needs at once", async () => {
  const { chair } = meeting;
  await menu(anna, "small-window");
  await eventually("it is open", () => inWindow(anna, "floating-call"));
  assert.match((await inWindow(anna, "countdown")).text, /\d:\d\d/);
  await eventually("it looks like the page", () =>
    anna.page.evaluate(() => {
      const { document: inside } = window.documentPictureInPicture.window;
      const { backgroundColor } = getComputedStyle(inside.querySelector("main"));
      const video = inside.querySelector("video");
      return backgroundColor !== "rgba(0, 0, 0, 0)" && video?.videoWidth > 0 && !video.paused;
    }),
  );
  const inside = anna.browser.context.pages().at(-1);
  await inspect({ page: inside }, "the window on top");
  assert.equal((await inWindow(anna, "floating-mic")).state, "on");
  await inWindow(anna, "floating-mic", true);
  await bruno.hears([]);
  await eventually(
    "it says so",
    async () => (await inWindow(anna, "floating-mic")).state === "off",
  );
  await inWindow(anna, "floating-mic", true);
  await bruno.hears([anna]);

  await inWindow(anna, "floating-hand", true);
  const person = await chair.idOf("Anna");
  await eventually("the chair sees the hand", () =>
    chair.meeting.floor.queue.some((hand) => hand.person === person),
  );
  await chair.ask({ do: "give_floor", person: await chair.idOf("Bruno") });
  await eventually("it says who has the floor", async () =>
    /Bruno/.test((await inWindow(anna, "floating-speaker")).text),
  );
  await inWindow(anna, "floating-hand", true);
  await eventually("the hand is down", () => chair.meeting.floor.queue.length === 0);
  await bruno.click("hand-button");

  await menu(anna, "small-window");
  await eventually("it is closed", () =>
    anna.page.evaluate(() => window.documentPictureInPicture.window === null),
  );
  await menu(anna, "small-window");
  await eventually("it is open again", () => inWindow(anna, "floating-leave"));
  await inWindow(anna, "floating-leave", true);
  await anna.appears("rejoin-button");
  await eventually("it goes with the meeting", () =>
    anna.page.evaluate(() => window.documentPictureInPicture.window === null),
  );
  await anna.click("rejoin-button");
  await anna.appears("leave-button");
  await bruno.hears([anna]);
});

test("a person is pinned from the list of people, by keyboard", async () => {
  const row = `[data-testid="participant"][data-name="Bruno"] ${testId("pin-row")}`;
  await anna.click("participants-button");
  await focus(anna, row);
  await anna.page.keyboard.press("Enter");
  await large(anna, "Bruno");
  assert.equal(await pressed(anna, row), "true");
  await eventually("the focus stays in the list", () =>
    anna.page.evaluate((s) => document.activeElement?.matches(s), row),
  );
  await check(anna, "comfort-people");
  await anna.page.keyboard.press("Enter");
  await large(anna, null);
  await anna.click("participants-button");
});

test("a message is announced, but not to who has the chat open", async () => {
  const announced = () =>
    anna.page.evaluate(() => document.querySelector('[data-kind="message"]') !== null);
  await meeting.chair.ask({ do: "say", text: "Premier message" });
  await eventually("it is announced", announced);
  await anna.click("chat-button");
  await eventually("the announcement goes when the chat opens", async () => !(await announced()));
  await meeting.chair.ask({ do: "say", text: "Second message" });
  await says(anna, /Second message/);
  assert.ok(!(await announced()));
  await anna.click("chat-button");
});

/** What the page played, as the frequencies of its tones. */
function listenForTones({ page }) {
  return page.evaluate(() => {
    window.tonesPlayed = [];
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (...when) {
      window.tonesPlayed.push(Math.round(this.frequency.value));
      return start.apply(this, when);
    };
  });
}
const tonesPlayed = ({ page }) => page.evaluate(() => window.tonesPlayed);

test("one hears that the floor is one's own and when the turn is over, and nothing once it is off", async () => {
  const { chair } = meeting;
  const person = await chair.idOf("Anna");
  await listenForTones(anna);
  await listenForTones(bruno);
  await chair.ask({ do: "set_floor", turn_limit: 2000 });
  await chair.ask({ do: "give_floor", person });
  await eventually("two tones up, then two down", async () => {
    return (await tonesPlayed(anna)).join() === "523,784,587,392";
  });
  await says(anna, /Your speaking time is over/);
  assert.deepEqual(await tonesPlayed(bruno), [], "it does not concern Bruno");
  await anna.click("hand-button");
  await menu(anna, "settings");
  await anna.click("sounds");
  await check(anna, "comfort-settings");
  await anna.page.keyboard.press("Escape");
  await chair.ask({ do: "give_floor", person });
  await says(anna, /You have the floor/);
  await sleep(500);
  assert.equal((await tonesPlayed(anna)).length, 4);
  await anna.click("hand-button");
  await chair.ask({ do: "set_floor", turn_limit: 0 });
});

test("single-letter shortcuts can be turned off for good, and the help says so", async () => {
  const { page } = anna;
  const state = () => anna.attribute("mic-button", "data-state");
  await menu(anna, "help");
  await anna.click("letter-keys");
  await says(anna, /turned off in this browser/);
  await check(anna, "comfort-help-off");
  await page.keyboard.press("Escape");
  await page.reload();
  await anna.appears("mic-button");
  const before = await state();
  await page.keyboard.press("m");
  await sleep(500);
  assert.equal(await state(), before);
  assert.equal(await anna.attribute("mic-button", "aria-keyshortcuts"), null);
  await menu(anna, "help");
  await anna.click("letter-keys");
  await page.keyboard.press("Escape");
  await page.keyboard.press("m");
  await eventually("the key works again", async () => (await state()) !== before);
});

test("no page met an error", () => {
  for (const person of open) person.assertNoErrors();
});
