// One meeting from the first start of the server to the last person leaving: three people in Chromium and one
// in Firefox, each with a colour and a tone of its own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Attendee } from "./lib/attendee.mjs";
import { record } from "./lib/figures.mjs";
import { Network } from "./lib/network.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

let server;
let anna;
let bruno;
let chloe;
let farid;
let network;
let link;
const open = [];

async function join(promise) {
  const attendee = await promise;
  open.push(attendee);
  return attendee;
}

const others = (person) => open.filter((other) => other !== person);

async function allSeeAndHearAll() {
  await Promise.all(
    open.map(async (person) => {
      for (const other of others(person)) await person.sees(other);
      await person.hears(others(person));
    }),
  );
}

before(async () => {
  server = await Server.start("meeting");
  network = await Network.before(server);
});

after(async () => {
  await Promise.all(open.map((attendee) => attendee.close()));
  network?.close();
  await server?.stop();
});

test("the first start prints a link that signs an administrator in", async () => {
  anna = await join(Attendee.inChromium("red", "Administrator"));
  await anna.page.goto(server.signInLink.replace("/sign-in#", "/sign-in?debug#"));
  await anna.appears("title-field");
  assert.ok(!anna.page.url().includes("#"), "the secret is out of the address");
  await anna.screenshot("home-agent-1280");
});

test("the link works once", async () => {
  const thief = await Attendee.inChromium(null, "Thief");
  try {
    await thief.page.goto(server.signInLink);
    await eventually("the link is refused", async () => /no longer/.test(await thief.text()));
    assert.ok(!(await thief.has("title-field")));
    await thief.screenshot("sign-in-refused-1280");
  } finally {
    await thief.close();
  }
});

test("a meeting is created and entered", async () => {
  await anna.fill("title-field", "Comité de pilotage");
  await anna.click("create-options");
  await anna.choose("create-lobby", "For nobody");
  await anna.click("create-button");
  await anna.appears("meeting-link");
  link = (
    await anna.page.evaluate(
      () => document.querySelector('[data-testid="meeting-link"]').textContent,
    )
  ).trim();
  assert.ok(link.startsWith(`${server.url}/m/`));
  const clicks = anna.clicks;
  await anna.click("enter-button");
  await anna.click("join-button");
  await anna.appears("leave-button");
  assert.equal(anna.clicks - clicks, 2);
});

test("guests enter by link with a name and one click", async (t) => {
  const path = new URL(link).pathname;
  [bruno, chloe, farid] = await Promise.all([
    join(Attendee.inChromium("green", "Bruno")),
    join(Attendee.inChromium("blue", "Chloé")),
    join(Attendee.inFirefox("Farid")),
  ]);
  await bruno.enter(link);
  const start = Date.now();
  const first = {};
  await Promise.all([
    bruno.hears([anna]).then(() => (first.audio = Date.now() - start)),
    bruno.sees(anna).then(() => (first.video = Date.now() - start)),
  ]);
  await Promise.all([chloe.enter(network.url + path), farid.enter(link)]);
  for (const guest of [bruno, chloe, farid]) {
    assert.equal(guest.fields, 1);
    assert.equal(guest.clicks, 1);
  }
  record("join click to first remote audio", first.audio);
  record("join click to first remote video", first.video);
  t.diagnostic(
    `simplicity: clicks=${bruno.clicks} fields=${bruno.fields} ` +
      `first_audio_ms=${first.audio} first_video_ms=${first.video}`,
  );
});

test("everybody sees and hears everybody else", async () => {
  await allSeeAndHearAll();
  await anna.screenshot("call-1280");
  await farid.screenshot("call-firefox-1280");
});

test("a mute silences, shows, and ends", async () => {
  const silent = anna.silentAt(bruno);
  await bruno.click("mic-button");
  record("mute click to silence", (await silent) - (await bruno.clickedAt()));
  for (const person of [anna, chloe, farid]) {
    await person.hears(others(person).filter((other) => other !== bruno));
    await eventually(
      "the tile says it",
      async () => (await person.tile("Bruno")).microphone === "off",
    );
  }
  await bruno.click("mic-button");
  for (const person of [anna, chloe, farid]) {
    await person.hears(others(person));
    await eventually(
      "the tile says it",
      async () => (await person.tile("Bruno")).microphone === "on",
    );
  }
});

test("a shared screen is the largest picture for all", async () => {
  await bruno.click("share-button");
  const start = Date.now();
  for (const person of [anna, chloe, farid]) {
    await eventually(`${person.name} sees the screen large`, async () => {
      const tiles = await person.tiles();
      const screen = tiles.find((tile) => tile.source === "screen" && tile.name === "Bruno");
      return (
        screen?.picture && tiles.every((tile) => tile === screen || tile.area * 2 < screen.area)
      );
    });
  }
  record("share click to seen by all", Date.now() - start);
  await anna.screenshot("call-screen-1280");
  await bruno.click("share-button");
  for (const person of [anna, chloe, farid]) {
    await eventually(`${person.name} sees the screen end`, async () => {
      return !(await person.tile("Bruno", "screen"));
    });
  }
});

test("a reloaded page is back without a click", async () => {
  const clicks = bruno.clicks;
  const start = Date.now();
  await bruno.page.reload();
  await bruno.appears("leave-button");
  assert.equal(bruno.clicks, clicks);
  await anna.sees(bruno);
  record("reload to seen again", Date.now() - start);
  await eventually("there is one of him", async () => {
    const tiles = await anna.tiles();
    return tiles.length === 4 && tiles.filter((tile) => tile.name === "Bruno").length === 1;
  });
  const sounds = await anna.page.evaluate(() => document.querySelectorAll("audio").length);
  assert.equal(sounds, 3, "what he said before is no longer played");
  await allSeeAndHearAll();
});

test("media outlives the signalling connection, which comes back by itself", async () => {
  network.cut();
  await eventually(
    "the page says so",
    async () => (await chloe.attribute("connection-state", "data-state")) === "reconnecting",
  );
  await chloe.keepsReceiving();
  await chloe.hears(others(chloe));
  await anna.sees(chloe);
  network.mend();
  const start = Date.now();
  await eventually("the session resumes", async () => {
    return (await chloe.attribute("connection-state", "data-state")) === "steady";
  });
  record("network back to session resumed", Date.now() - start);
  await allSeeAndHearAll();
  await chloe.click("mic-button");
  await anna.hears([bruno, farid]);
  await chloe.click("mic-button");
  await anna.hears([bruno, chloe, farid]);
});

test("who leaves is gone for the others", async () => {
  await chloe.click("leave-button");
  await chloe.appears("rejoin-button");
  await chloe.screenshot("ended-1280");
  for (const person of [anna, bruno, farid]) {
    await eventually("the tile is gone", async () => !(await person.tile("Chloé")));
    await person.hears([anna, bruno, farid].filter((other) => other !== person));
  }
});

test("a wrong meeting address says so", async () => {
  await chloe.page.goto(`${server.url}/m/doesnotexist`);
  await eventually("the page says it", async () => /does not exist/.test(await chloe.text()));
  await chloe.screenshot("not-found-1280");
});

test("the owner ends the meeting for all, and its link opens nothing any more", async () => {
  await anna.click("leave-button");
  await anna.click("home-button");
  await anna.click("meeting-menu");
  await anna.click("menu-end");
  await anna.click("end-confirm");
  await anna.appears("done-meeting");
  assert.equal(
    await anna.page.evaluate(() => document.activeElement.dataset.testid),
    "done-meeting",
    "where the keyboard goes on",
  );
  assert.ok(!(await anna.has("meeting")), "it is in the list no more");
  for (const person of [bruno, farid]) {
    await eventually("it is over", async () => /meeting is over/.test(await person.text()));
    assert.ok(!(await person.has("rejoin-button")));
  }
  await chloe.page.goto(link);
  await eventually("the page says it", async () => /does not exist/.test(await chloe.text()));
});

test("no page met an error", () => {
  for (const attendee of open) attendee.assertNoErrors();
});
