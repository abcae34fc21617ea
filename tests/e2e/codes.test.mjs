// The doors by which agents sign in, in a browser: codes by e-mail, read from the spool folder.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Attendee, testId } from "./lib/attendee.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

let server;
const open = [];

async function visit(path, options = { locale: "fr-FR" }) {
  const person = await Attendee.inChromium("green", "Ada", options);
  open.push(person);
  await person.page.goto(server.url + path);
  return person;
}

function mails() {
  const folder = join(server.folder, "data/spool");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".eml"))
    .sort()
    .map((name) => readFileSync(join(folder, name), "latin1"));
}

/** The code of the mail that comes once this is done. */
async function codeAfter(work) {
  const before = mails().length;
  await work();
  await eventually("a mail is there", () => mails().length > before);
  return /^ {4}(\d{4} \d{4})\r$/m.exec(mails().at(-1))[1];
}

const says = (person, text) =>
  eventually(`the page says ${text}`, async () => text.test(await person.text()));
const focused = (person) => person.page.evaluate(() => document.activeElement?.dataset.testid);

before(async () => {
  server = await Server.start(
    "codes",
    `[sign_in]\nemail_codes = true\nemail_domains = ["ville.fr"]\ncreate_accounts = true\n`,
  );
});

after(async () => {
  await Promise.all(open.map((person) => person.close()));
  await server?.stop();
});

test("a code by e-mail signs in by keyboard, and makes the account", async () => {
  const person = await visit("/sign-in");
  const { keyboard } = person.page;
  await person.appears("email-field");
  assert.equal(await person.has("password-field"), false, "one form is open at a time");
  const code = await codeAfter(async () => {
    await person.fill("email-field", "jeanne.le-goff@ville.fr");
    await keyboard.press("Enter");
  });
  assert.match(mails().at(-1), /Content-Language: fr/);
  await person.appears("code-field");
  await eventually("what to do is read out", async () => (await focused(person)) === "code-sent");
  await person.screenshot("code-step-1280");
  await person.page.setViewportSize({ width: 390, height: 844 });
  await person.screenshot("code-step-390");
  assert.equal(await person.attribute("code-field", "autocomplete"), "one-time-code");
  assert.equal(await person.attribute("code-field", "inputmode"), "numeric");
  await keyboard.press("Tab");
  await keyboard.type("00000000");
  await keyboard.press("Enter");
  await says(person, /Ce code n’est pas le bon/);
  await eventually("the field has the focus", async () => (await focused(person)) === "code-field");
  await keyboard.type(code);
  await keyboard.press("Enter");
  await person.appears("title-field");
  await says(person, /Bonjour Jeanne Le-Goff/);
  person.assertNoErrors();
});

test("a code is worth nothing on another browser", async () => {
  const victim = await visit("/sign-in", { locale: "en-US" });
  const code = await codeAfter(async () => {
    await victim.fill("email-field", "ada@ville.fr");
    await victim.click("ask-code-button");
  });
  assert.match(mails().at(-1), /Content-Language: en/);
  const attacker = await visit("/sign-in", { locale: "en-US" });
  await attacker.fill("email-field", "mallory@ville.fr");
  await attacker.click("ask-code-button");
  await attacker.fill("code-field", code);
  await attacker.click("code-button");
  await says(attacker, /This code is not right/);
  await victim.fill("code-field", code.replace(" ", ""));
  await victim.click("code-button");
  await victim.appears("title-field");
});

test("an address that may not sign in sees the same page, and gets no mail", async () => {
  const person = await visit("/sign-in");
  const before = mails().length;
  await person.fill("email-field", "eve@elsewhere.example");
  await person.click("ask-code-button");
  await person.appears("code-field");
  await person.click("other-email-button");
  await eventually("the address can be mended", async () => {
    return (await focused(person)) === "email-field";
  });
  const code = await codeAfter(async () => {
    await person.page.fill(testId("email-field"), "eve@ville.fr");
    await person.click("ask-code-button");
  });
  assert.equal(mails().length, before + 1, "the one that was asked for later");
  await person.fill("code-field", code);
  await person.click("code-button");
  await person.appears("title-field");
});

test("the password form is one button away, and back", async () => {
  const person = await visit("/sign-in");
  await person.click("other-door-button");
  await person.appears("password-field");
  assert.equal(await person.has("ask-code-button"), false);
  await person.screenshot("password-form-1280");
  await person.click("other-door-button");
  await person.appears("ask-code-button");
  assert.equal(await person.has("password-field"), false);
});
