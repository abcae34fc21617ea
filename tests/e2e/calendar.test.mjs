// A meeting is planned, people are invited by mail, and who was invited comes in by the link of their letter.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Attendee, testId } from "./lib/attendee.mjs";
import { check } from "./lib/inspect.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

let server;
let anna;
const open = [];

async function visit(name, url, options = { locale: "fr-FR" }) {
  const person = await Attendee.inChromium("green", name, options);
  open.push(person);
  await person.page.goto(url);
  return person;
}

function mails() {
  const folder = join(server.folder, "data/spool");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".eml"))
    .sort()
    .map((name) => readFileSync(join(folder, name), "latin1"));
}

/** The mails that come once this is done, each with its calendar. */
async function mailsAfter(count, work) {
  const before = mails().length;
  await work();
  await eventually("the mails are there", () => mails().length === before + count);
  return mails()
    .slice(before)
    .map((text) => ({ text, to: /^To: <(.+)>\r$/m.exec(text)[1], calendar: calendarOf(text) }));
}

/** Name to value, of an unfolded calendar (RFC 5545 3.1). */
function calendarOf(mail) {
  const part = mail.slice(mail.indexOf("Content-Type: text/calendar"));
  const body = part.slice(part.indexOf("\r\n\r\n") + 4, part.indexOf("\r\n--"));
  const text = Buffer.from(body, "base64").toString("utf8");
  assert.ok(text.startsWith("BEGIN:VCALENDAR\r\n") && text.endsWith("END:VCALENDAR\r\n"), text);
  return linesOf(text);
}

function linesOf(text) {
  const lines = text.replaceAll("\r\n ", "").trimEnd().split("\r\n");
  return new Map(lines.map((line) => [/^[^:;]+/.exec(line)[0], line.slice(line.indexOf(":") + 1)]));
}

const says = (person, text) =>
  eventually(`the page says ${text}`, async () => text.test(await person.text()));
const valueOf = (person, id) => person.page.locator(testId(id)).inputValue();
const twoDaysAhead = () => {
  const day = new Date(Date.now() + 2 * 24 * 3_600_000);
  const two = (number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
};

async function planAt(time, title) {
  await anna.fill("title-field", title);
  await anna.page.getByText("Plus tard", { exact: true }).first().click();
  await anna.page.fill(testId("plan-date"), twoDaysAhead());
  await anna.appears("plan-slot");
  if (time) await anna.page.fill(testId("plan-time"), time);
}

before(async () => {
  server = await Server.start(
    "calendar",
    `[sign_in]\nemail_codes = true\nemail_domains = ["ville.fr"]\n`,
  );
  await server.command("user", "add", "Bob", "--email", "bob@ville.fr");
  anna = await visit("Anna", server.signInLink);
  await anna.appears("title-field");
});

after(async () => {
  await Promise.all(open.map((person) => person.close()));
  await server?.stop();
});

test("a meeting is planned in the slot that is proposed", async () => {
  await planAt(null, "Comité budgétaire");
  await eventually("a full hour is proposed", async () =>
    /:00$/.test(await valueOf(anna, "plan-time")),
  );
  assert.equal(await valueOf(anna, "plan-time"), "08:00");
  await check(anna, "plan-form");
  await anna.click("create-button");
  await anna.appears("meeting-link");
  await says(anna, /Réunion planifiée/);
  await anna.appears("day-later");
  await check(anna, "plan-list");
});

test("a meeting without a break before it is refused, with the next free slot", async () => {
  await planAt("08:42", "Trop tôt");
  await anna.click("create-button");
  await anna.appears("too-close");
  await check(anna, "plan-too-close");
  await anna.click("take-slot");
  assert.equal(await valueOf(anna, "plan-time"), "09:00");
  await anna.click("create-button");
  await says(anna, /Réunion planifiée.*Trop tôt/);
});

test("an agent gets the meeting's link, a guest one of their own", async () => {
  await anna.page.locator(testId("meeting-menu")).first().click();
  await anna.click("menu-invite");
  await anna.appears("invite-emails");
  await anna.fill("invite-emails", "bob@ville.fr, Éva <eva@ailleurs.fr>\npas-une-adresse@");
  const sent = await mailsAfter(2, () => anna.click("invite-send"));
  await says(anna, /eva@ailleurs\.fr\s: invitation envoyée/);
  await says(anna, /cette adresse n’est pas valable/);
  await check(anna, "invite-dialog");

  const of = (address) => sent.find(({ to }) => to === address);
  for (const { text, calendar } of sent) {
    assert.match(text, /Content-Language: fr/);
    assert.equal(calendar.get("METHOD"), "REQUEST");
    assert.equal(calendar.get("SUMMARY"), "Comité budgétaire");
    assert.match(calendar.get("DTSTART"), /^\d{8}T\d{6}Z$/);
    assert.equal(calendar.get("TRIGGER"), "-PT5M");
  }
  assert.match(of("bob@ville.fr").calendar.get("URL"), /\/m\/[^#]+$/);
  assert.match(of("eva@ailleurs.fr").calendar.get("URL"), /\/m\/[^#]+#.{43}$/);

  const file = await anna.page.request.get(
    `${of("bob@ville.fr").calendar.get("URL").replace("/m/", "/api/v1/meetings/")}/calendar.ics`,
  );
  const lines = linesOf(await file.text());
  assert.equal(lines.get("UID"), of("bob@ville.fr").calendar.get("UID"));
  assert.equal(lines.get("METHOD"), "PUBLISH");
});

test("the guest comes in by their link, and nobody else does by it", async () => {
  const link = mails()
    .map(calendarOf)
    .map((calendar) => calendar.get("URL"))
    .find((url) => url.includes("#"));
  const owner = await visit("Anna", (await server.command("sign-in-link")).trim());
  await owner.appears("title-field");
  await owner.page.goto(link.split("#")[0]);
  await owner.click("join-button");
  await owner.appears("leave-button");

  const eva = await visit("Éva", link);
  await eva.appears("name-field");
  await eva.fill("name-field", "Éva");
  await eva.click("join-button");
  const thief = await visit("Max", link);
  await thief.appears("name-field");
  await thief.fill("name-field", "Max");
  await thief.click("join-button");
  await says(thief, /invitation/i);
  assert.equal(await thief.has("leave-button"), false);

  await owner.click("participants-button");
  await owner.click("invite-button");
  await owner.appears("invitation");
  await says(owner, /utilisée par Éva/);
  await check(owner, "invite-in-call");
  await owner.close();
});

test("who is taken from the list is told, and so is everybody when it is cancelled", async () => {
  await anna.page.reload();
  await anna.appears("meeting");
  await anna.page.locator(testId("meeting-menu")).first().click();
  await anna.click("menu-invite");
  await anna.appears("invitation");
  const row = anna.page.locator(testId("invitation"), { hasText: "bob@ville.fr" });
  const [revoked] = await mailsAfter(1, () => row.getByRole("button").click());
  assert.equal(revoked.to, "bob@ville.fr");
  assert.equal(revoked.calendar.get("METHOD"), "CANCEL");
  await says(anna, /Invitation retirée/);
  await anna.page.keyboard.press("Escape");
});
