// Rows A8 and A9 of docs/security.md: hostile text in everything that one person writes and another one's browser
// shows. It is shown as the text that it is: nothing runs, nobody else is asked, and the meeting goes on.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { SignalRequest } from "@livekit/protocol";
import { Attendee, testId } from "./lib/attendee.mjs";
import { Canary, Elsewhere } from "./lib/canary.mjs";
import { lineOf, payloads } from "./lib/payloads.mjs";
import { Seat } from "./lib/seat.mjs";
import { Server } from "./lib/server.mjs";
import { dial, joinRequest, upgradeStatus } from "./lib/signalling.mjs";
import { eventually } from "./lib/wait.mjs";

const nameMax = 80;
const titleMax = 200;
const messageMax = 4000;

let server;
let elsewhere;
let meeting;
let all;
/** Who reads: in each of the two browsers somebody who leads, and so is shown everything. */
let readers;

const visible = (text, max) => lineOf(text, max) !== null;
/** What everybody may see of these texts. */
const shown = (texts, max) =>
  texts.filter((text) => visible(text, max)).map((text) => lineOf(text, max));

async function arrive(opening) {
  const person = await opening;
  const canary = await Canary.watch(person.page);
  return Object.assign(person, { canary });
}

/** The texts of all elements that contain nothing but text. A list that is shown in part is asked for more of it. */
const textsIn = (person, part) =>
  person.page.evaluate((selector) => {
    const buttons = [...document.querySelectorAll(`${selector} button`)];
    buttons.find(({ textContent }) => /^Show (more|\d)/.test(textContent))?.click();
    const all = [...document.querySelectorAll(`${selector} *`)];
    return all.filter((one) => one.childElementCount === 0).map((one) => one.textContent);
  }, part);

/** In part of the page there is all of this, letter by letter. */
async function shows(person, part, expected) {
  assert.ok(expected.length > 0);
  await eventually(`${person.name} is shown ${expected.length} texts in ${part}`, async () => {
    // What looks like another one's name carries a number.
    const texts = new Set(
      (await textsIn(person, part)).flatMap((text) => [text, text.replace(/ \(\d+\)$/, "")]),
    );
    const missing = expected.filter((text) => !texts.has(text));
    if (missing.length) throw new Error(`${missing.length} missing: ${JSON.stringify(missing[0])}`);
    return true;
  });
}

const each = (action) => Promise.all(readers.map(action));

async function openPanel(person, panel) {
  if (!(await person.has(`${panel}-panel`))) await person.click(`${panel}-button`);
  await person.appears(`${panel}-panel`);
}

/** So many groups, with something of everything in each. */
const mixed = (list, count) =>
  Array.from({ length: count }, (_, group) => list.filter((_, i) => i % count === group));

/** In groups of this size: an agenda is limited, and so is how fast one person asks. */
function* groupsOf(list, size) {
  for (let start = 0; start < list.length; start += size) yield list.slice(start, start + size);
}

before(async () => {
  elsewhere = await Elsewhere.start();
  all = payloads(elsewhere.origin);
  server = await Server.start(
    "payloads",
    `[limits]
joins_per_minute_per_address = 100000
joins_per_minute = 100000
sign_ins_per_minute_per_address = 100000
sign_ins_per_minute = 100000
`,
  );
  readers = await Promise.all([
    arrive(Attendee.inChromium(null, "Reader in Chromium")),
    arrive(Attendee.inFirefox("Reader in Firefox")),
  ]);
});

after(async () => {
  await Promise.all((readers ?? []).map((person) => person.close()));
  await server?.stop();
  elsewhere?.stop();
});

test("there are more than 300 payloads, and none twice", () => {
  assert.ok(new Set(all.map(({ text }) => text)).size === all.length);
  assert.ok(all.length >= 300, `${all.length} payloads`);
  assert.ok(all.filter(({ text }) => visible(text, nameMax)).length >= 300);
});

test("on a page that takes text for markup they run and ask others: that is noticed", async () => {
  const policy = (await fetch(server.plainUrl)).headers.get("Content-Security-Policy");
  elsewhere.pages.set("/apply.js", {
    headers: { "Content-Type": "text/javascript" },
    body: `for (const text of ${JSON.stringify(all.map(({ text }) => text))}) {
      const box = document.body.appendChild(document.createElement("div"));
      box.innerHTML = text;
      if (/^javascript:/i.test(text)) {
        const link = box.appendChild(document.createElement("a"));
        link.href = text;
        link.click();
      }
    }`,
  });
  const body = "<body><script src=/apply.js></script>";
  const sung = (canary, song) => canary.sung(elsewhere.origin, song);
  elsewhere.pages.set("/guarded", { body, headers: { "Content-Security-Policy": policy } });
  elsewhere.pages.set("/open", { body });
  await each(async ({ canary, page, name, errors }) => {
    // Some payloads lead the page away: what they began may get between.
    const visit = (address) =>
      eventually(`${name} is at ${address}`, () => page.goto(address).then(() => true));
    await visit(`${elsewhere.origin}/guarded`);
    await eventually(`${name}: the policy is broken`, () => sung(canary, "policy").length >= 10);
    assert.deepEqual(sung(canary, "ran"), [], "and what the policy forbids does not run");
    await visit(`${elsewhere.origin}/open`);
    await eventually(`${name}: they run`, () => {
      return new Set(sung(canary, "ran").map(({ song }) => song)).size >= 40;
    });
    await eventually(`${name}: they ask`, () => canary.strangers([server.url]).length >= 8);
    await visit("about:blank");
    canary.songs.length = 0;
    errors.length = 0;
    canary.requests.clear();
  });
  assert.ok(elsewhere.hits.length >= 8);
  elsewhere.hits.length = 0;
});

test("names that hide, reorder or do not fit are refused at the door", async () => {
  meeting = await server.openMeeting("Lecture", { lobby: "guests" });
  const refused = all.filter(({ text }) => !visible(text, nameMax));
  assert.ok(refused.filter(({ kind }) => kind === "hidden").length >= 40);
  for (const { text } of refused) {
    const { status } = await server.call("POST", `/api/v1/meetings/${meeting.id}/join`, {
      body: { name: text },
    });
    assert.equal(status, 400, JSON.stringify(text));
  }
});

test("two readers lead the meeting", async () => {
  await each(async (person) => {
    await person.page.goto(`${meeting.link}?debug`);
    await person.fill("name-field", person.name);
    await person.click("join-button");
    await person.appears("waiting");
  });
  await eventually("both wait", () => meeting.chair.meeting.lobby?.length === 2);
  await meeting.chair.ask({ do: "admit" });
  await each(async (person) => {
    await person.appears("leave-button");
    const id = await meeting.chair.idOf(person.name);
    await meeting.chair.ask({ do: "set_role", person: id, role: "deputy" });
    await person.appears("console-button");
  });
});

/** A LiveKit connection without media: a tile. It may not say more about itself than its name. */
async function connectMedia(seat, hostile) {
  const { token } = seat.meeting;
  const metadata = JSON.stringify({ __proto__: null, polluted: hostile });
  const attributes = { ["__proto__"]: hostile, [hostile]: hostile };
  const told = joinRequest({ metadata, participantAttributes: attributes });
  assert.equal(await upgradeStatus(dial(server, token, told)), 401);
  const socket = dial(server, token);
  socket.on("error", () => {});
  await once(socket, "open");
  const update = { case: "updateMetadata", value: { name: hostile, metadata, attributes } };
  socket.send(new SignalRequest({ message: update }).toBinary());
  return socket;
}

test("everything that people write is read as text, by both", async (t) => {
  const guests = all.map(({ kind, number, text }) => {
    return { kind, text, name: visible(text, nameMax) ? text : `Guest ${number}` };
  });
  for (const group of mixed(guests, 10)) {
    const names = shown(
      group.map(({ name }) => name),
      nameMax,
    );
    const texts = group.map(({ text }) => text);
    const seats = await Promise.all(group.map(({ name }) => Seat.guest(server, meeting, name)));

    await each(async (person) => {
      await openPanel(person, "console");
      await shows(person, testId("lobby"), names);
    });
    await meeting.chair.ask({ do: "admit" });
    await Promise.all(seats.map((seat) => eventually("all are in", () => seat.meeting)));
    const queued = seats.map((seat, i) => [seat, group[i].name]).filter((_, i) => i % 4 === 0);
    await Promise.all(queued.map(([seat]) => seat.ask({ do: "raise_hand" })));
    const queue = shown(
      queued.map(([, name]) => name),
      nameMax,
    );
    await each((person) => shows(person, testId("console-panel"), queue));
    await meeting.chair.ask({ do: "give_floor" });
    const media = await Promise.all(
      seats.slice(0, 6).map((seat, i) => connectMedia(seat, texts[i])),
    );
    await each(async (person) => {
      await eventually("there are tiles", async () => (await person.tiles()).length > 3);
      await openPanel(person, "participants");
      await shows(person, testId("participants-panel"), names);
    });

    const to = await Promise.all(readers.map(({ name }) => meeting.chair.idOf(name)));
    const accepted = texts.filter((text) => visible(text, messageMax));
    await Promise.all(
      seats.map(async (seat, i) => {
        // No JSON that holds it is well-formed: refused before it is read, so without a number.
        if (!texts[i].isWellFormed()) return;
        for (const wish of [{}, { to: to[i % to.length] }]) {
          const said = seat.ask({ do: "say", text: texts[i], ...wish });
          if (visible(texts[i], messageMax)) await said;
          else await assert.rejects(said, /say: /, JSON.stringify(texts[i]));
        }
      }),
    );
    await each(async (person) => {
      await openPanel(person, "chat");
      await shows(person, testId("chat-panel"), shown(accepted, messageMax));
    });
    await readers[0].page.click(`${testId("chat-to")} button`);
    await eventually("each can be written to", async () => {
      const options = new Set(
        await readers[0].page
          .getByRole("option")
          .evaluateAll((all) => all.map((one) => one.textContent.replace(/ \(\d+\)$/, ""))),
      );
      return names.every((name) => options.has(name) || options.has(name.replace(/ \(\d+\)$/, "")));
    });
    await readers[0].page.keyboard.press("Escape");
    for (const socket of media) socket.terminate();
    await Promise.all(seats.map((seat) => seat.ask({ do: "leave" }).catch(() => {})));
    // And once more, as a page that was reloaded is told all of it at once.
    await each(async (person) => {
      await person.page.reload();
      await person.appears("leave-button");
    });
  }
  t.diagnostic(`payloads=${all.length} readers=${readers.length}`);
});

test("agenda, reasons and agents' names are read as text", async () => {
  const { chair } = meeting;
  const titles = all.filter(({ text }) => visible(text, titleMax)).map(({ text }) => text);
  await each(async (person) => {
    await openPanel(person, "console");
    await person.click("console-agenda");
  });
  for (const group of groupsOf(titles, 50)) {
    await chair.ask({ do: "set_agenda", items: group.map((title) => ({ title, length: 0 })) });
    await each((person) => shows(person, testId("console-panel"), shown(group, titleMax)));
  }
  const refused = all.filter(({ text }) => !visible(text, titleMax));
  for (const { text } of refused.slice(0, 5)) {
    await assert.rejects(chair.ask({ do: "set_agenda", items: [{ title: text, length: 0 }] }));
    await assert.rejects(chair.ask({ do: "extend", length: 60_000, reason: text }));
  }
  await chair.ask({ do: "extend", length: 60_000, reason: titles[0] });

  const named = all.filter(({ text, number }) => {
    return number % 25 === 0 && visible(text, nameMax) && !text.startsWith("-");
  });
  const agents = [];
  for (const [i, { text }] of named.entries()) {
    await server.command("user", "add", text, "--email", `agent${i}@ville.fr`);
    const link = (await server.command("user", "link", `agent${i}@ville.fr`)).trim();
    const secret = link.slice(link.indexOf("#") + 1);
    const { cookie } = await server.call("POST", "/api/v1/session", { body: { secret } });
    agents.push(await Seat.of(server, { id: meeting.id, cookie }));
  }
  await each(async (person) => {
    await openPanel(person, "participants");
    await shows(
      person,
      testId("participants-panel"),
      shown(
        named.map(({ text }) => text),
        nameMax,
      ),
    );
  });
  for (const agent of agents) agent.close();
});

test("a reloaded page reads all that again, and the next message still arrives", async () => {
  await each(async (person) => {
    await person.page.reload();
    await person.appears("leave-button");
    await openPanel(person, "chat");
  });
  await meeting.chair.ask({ do: "say", text: "Still here?" });
  await each((person) => shows(person, testId("chat-panel"), ["Still here?"]));
});

test("questions are read as text", async () => {
  const webinar = await server.openMeeting("Questions", { format: "webinar" });
  await webinar.chair.ask({ do: "go_live" });
  const texts = all.map(({ text }) => text).filter((text) => visible(text, messageMax));
  await each(async (person) => {
    await person.page.goto(`${webinar.link}?debug`);
    await person.click("join-button");
    await person.appears("leave-button");
    const id = await webinar.chair.idOf(person.name);
    await webinar.chair.ask({ do: "set_role", person: id, role: "deputy" });
    // The buttons move when there is one more: a click must not aim at where one was.
    await person.appears("console-button");
    await openPanel(person, "questions");
  });
  for (const group of groupsOf(texts, 25)) {
    const seat = await Seat.guest(server, webinar, group[0].slice(0, 20));
    await eventually("the viewer is in", () => seat.meeting);
    for (const text of group) await seat.ask({ do: "ask", text });
    seat.close();
  }
  await each((person) => shows(person, testId("questions-panel"), shown(texts, messageMax)));
  webinar.chair.close();
});

test("titles are read as text, in the list and at the door", async () => {
  const titles = all.filter(({ text }) => visible(text, titleMax)).map(({ text }) => text);
  const link = (await server.command("sign-in-link")).trim();
  const { cookie } = await server.call("POST", "/api/v1/session", {
    body: { secret: link.slice(link.indexOf("#") + 1) },
  });
  const doors = [];
  for (const title of titles) {
    const { status, body } = await server.call("POST", "/api/v1/meetings", {
      body: { title },
      cookie,
    });
    assert.equal(status, 201, JSON.stringify(title));
    doors.push(body.id);
  }
  await each(async (person) => {
    await person.page.goto((await server.command("sign-in-link")).trim());
    await person.appears("title-field");
    await shows(person, "main", shown(titles.slice(-50), titleMax));
    for (const i of titles.keys()) {
      if (i % 30 !== 0) continue;
      await person.page.goto(`${server.url}/m/${doors[i]}`);
      await person.appears("join-button");
      const heading = await person.page.evaluate(() => document.querySelector("h1").textContent);
      assert.equal(heading, lineOf(titles[i], titleMax));
    }
  });
});

/** What anybody may write into an address that they send to somebody. */
const addresses = [
  (text) => `/${encodeURIComponent(text)}`,
  (text) => `/m/${encodeURIComponent(text)}`,
  (text) => `/sign-in?next=${encodeURIComponent(text)}&problem=${encodeURIComponent(text)}`,
  (text) => `/?${encodeURIComponent(text)}=${encodeURIComponent(text)}`,
  (text) => `/#${text}`,
  (text) => `/m/${meeting.id}?x=${encodeURIComponent(text)}#${text}`,
  (text) => `/sign-in#${text}`,
];

test("addresses are read as nothing but addresses", async () => {
  const some = all.filter(({ text, number }) => number % 12 === 0 && text.isWellFormed());
  await each(async (person) => {
    for (const [i, { text }] of some.entries()) {
      const address = addresses[i % addresses.length](text);
      // A page that changes its own address meanwhile is not always told to have arrived, in Firefox.
      const options = { waitUntil: "domcontentloaded", timeout: 10_000 };
      await person.page.goto(server.url + address, options).catch(() => {});
      assert.equal(await person.page.evaluate(() => location.origin), server.url, address);
    }
    await person.page.goto(server.url);
    await person.appears("title-field");
  });
});

test("nothing ran, nobody else was asked, and no page met an error", async () => {
  for (const person of readers) {
    person.canary.assertSilent([server.url], elsewhere.origin);
    assert.equal(await person.page.evaluate(() => window.__pollution()), "");
    assert.equal(await person.page.evaluate(() => ({}).polluted), undefined);
    person.assertNoErrors();
  }
  assert.deepEqual(elsewhere.hits, []);
});
