// "My account" in a browser: where one is signed in, and one's password.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Attendee } from "./lib/attendee.mjs";
import { check, looks, nameOf } from "./lib/inspect.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

const password = "Kx7#mQ2!vB9$";
const newPassword = "t9)Wd4&zRp0;";
let server;
const open = [];

const says = (person, text) =>
  eventually(`the page says ${text}`, async () => text.test(await person.text()));
const rows = (person) =>
  person.page.evaluate(() => document.querySelectorAll('[data-testid="session"]').length);

async function signedIn(options = { locale: "fr-FR" }, word = password) {
  const person = await Attendee.inChromium("green", "Ada", options);
  open.push(person);
  await person.page.goto(`${server.url}/sign-in`);
  await person.fill("email-field", "ada@ville.fr");
  await person.fill("password-field", word);
  await person.click("password-button");
  await person.appears("title-field");
  return person;
}

before(async () => {
  server = await Server.start("account");
  await server.command("user", "add", "Ada Lovelace", "--email", "ada@ville.fr");
  await server.feed(password, "user", "password", "ada@ville.fr", "--password-stdin");
});

after(async () => {
  await Promise.all(open.map((person) => person.close()));
  await server?.stop();
});

test("other browsers are listed, ended one by one or all at once, and out at once", async () => {
  const here = await signedIn();
  const others = [await signedIn(), await signedIn(), await signedIn()];
  await here.click("account-button");
  await eventually("four sessions", async () => (await rows(here)) === 4);
  await says(here, /Chrome sous Linux\s*Ici/);
  assert.doesNotMatch(await here.text(), /127\.0\.0\.1/, "no addresses");
  await here.click("end-session");
  await says(here, /ce navigateur n’ouvre plus votre compte/);
  await eventually("three sessions", async () => (await rows(here)) === 3);
  await here.click("end-others");
  await eventually("one session", async () => (await rows(here)) === 1);
  for (const other of others) {
    await other.page.reload();
    await other.appears("home-sign-in");
  }
  await here.page.reload();
  await eventually("still in", async () => (await rows(here)) === 1);
  here.assertNoErrors();
});

test("who is signed out elsewhere is out of the meeting within a second", async () => {
  const meeting = await server.openMeeting("Conseil");
  const away = await signedIn();
  await away.page.goto(`${meeting.link}?debug`);
  await away.click("join-button");
  await away.appears("leave-button");
  const here = await signedIn();
  await here.page.goto(`${server.url}/account`);
  const began = Date.now();
  await here.click("end-others");
  await eventually("the meeting is left", async () => !(await away.has("leave-button")), {
    everyMs: 50,
  });
  process.stdout.write(`account: left_ms=${Date.now() - began}\n`);
});

test("the old password is asked for, by keyboard, and the new one opens", async () => {
  const other = await signedIn();
  const here = await signedIn();
  await here.page.goto(`${server.url}/account`);
  await here.fill("current-password-field", "not this one");
  await here.page.keyboard.press("Tab");
  await here.page.keyboard.type("short");
  await here.page.keyboard.press("Enter");
  await says(here, /trop facile à deviner/);
  await here.page.keyboard.type(newPassword);
  await here.page.keyboard.press("Enter");
  await says(here, /n’est pas votre mot de passe actuel/);
  const focused = () => here.page.evaluate(() => document.activeElement?.dataset.testid);
  assert.equal(await focused(), "current-password-field");
  await here.page.keyboard.type(password);
  await here.page.keyboard.press("Enter");
  await says(here, /Votre mot de passe est changé/);
  await other.page.reload();
  await other.appears("home-sign-in");
  await signedIn({ locale: "fr-FR" }, newPassword);
  here.assertNoErrors();
});

for (const look of looks) {
  test(`the page of the account suits everybody (${nameOf(look)})`, async () => {
    const person = await signedIn(look, newPassword);
    await person.click("account-button");
    await person.appears("end-others");
    await check(person, `account-${nameOf(look)}`);
    await person.click("end-others");
    await person.appears("session-done");
    await check(person, `account-ended-${nameOf(look)}`);
    person.assertNoErrors();
  });
}
