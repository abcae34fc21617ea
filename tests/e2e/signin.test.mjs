// The doors by which agents sign in, in a browser: passwords.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Attendee, testId } from "./lib/attendee.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

const password = "Kx7#mQ2!vB9$";
let server;
let meeting;
const open = [];

async function visit(path, options = { locale: "fr-FR" }) {
  const person = await Attendee.inChromium("green", "Ada", options);
  open.push(person);
  await person.page.goto(server.url + path);
  return person;
}

const says = (person, text) =>
  eventually(`the page says ${text}`, async () => text.test(await person.text()));
const at = (person, path) =>
  eventually(`the page is ${path}`, () => new URL(person.page.url()).pathname === path);

before(async () => {
  server = await Server.start("signin");
  meeting = await server.createMeeting("Conseil");
  await server.command("user", "add", "Ada Lovelace", "--email", "ada@ville.fr");
  await server.feed(password, "user", "password", "ada@ville.fr", "--password-stdin");
});

after(async () => {
  await Promise.all(open.map((person) => person.close()));
  await server?.stop();
});

test("a password signs in by keyboard and leads back to the meeting", async () => {
  const person = await visit(`/m/${meeting.id}`);
  await person.click("sign-in");
  await at(person, "/sign-in");
  await person.fill("email-field", "ada@ville.fr");
  await person.page.keyboard.press("Tab");
  await person.page.keyboard.type("not this one");
  await person.page.keyboard.press("Enter");
  await says(person, /n’est pas le bon/);
  const focused = () => person.page.evaluate(() => document.activeElement?.dataset.testid);
  await eventually(
    "the wrong field has the focus",
    async () => (await focused()) === "password-field",
  );
  await person.page.keyboard.type(password);
  await person.page.keyboard.press("Enter");
  await at(person, `/m/${meeting.id}`);
  await says(person, /Vous rejoignez la réunion sous le nom de Ada Lovelace/);
  assert.equal(new URL(person.page.url()).search, "");
  person.assertNoErrors();
});

test("fields are what a password manager looks for", async () => {
  const person = await visit("/sign-in", { locale: "en-US" });
  await person.appears("password-field");
  assert.equal(await person.attribute("email-field", "autocomplete"), "username");
  assert.equal(await person.attribute("email-field", "type"), "email");
  assert.equal(await person.attribute("password-field", "autocomplete"), "current-password");
  assert.equal(await person.attribute("password-field", "type"), "password");
  const labels = await person.page.evaluate(
    (ids) => ids.map((id) => document.querySelector(id).labels[0].textContent),
    [testId("email-field"), testId("password-field")],
  );
  assert.deepEqual(labels, ["E-mail address", "Password"]);
});

test("a sign-in never leads to another site", async () => {
  for (const next of [
    "//evil.example",
    "/%5Cevil.example",
    "%5Cevil.example",
    "https:evil.example",
  ]) {
    const person = await visit(`/sign-in?next=${next}`);
    await person.fill("email-field", "ada@ville.fr");
    await person.fill("password-field", password);
    await person.click("password-button");
    await person.appears("title-field");
    assert.equal(person.page.url(), `${server.url}/`);
    await person.close();
  }
});

test("a revoked session is refused at once, and a disabled account opens nothing", async () => {
  const person = await visit("/sign-in");
  await person.fill("email-field", "ada@ville.fr");
  await person.fill("password-field", password);
  await person.click("password-button");
  await person.appears("title-field");
  await server.command("user", "revoke", "ada@ville.fr");
  await person.page.reload();
  await person.appears("home-sign-in");
  await server.command("user", "disable", "ada@ville.fr");
  await person.click("home-sign-in");
  await person.fill("email-field", "ada@ville.fr");
  await person.fill("password-field", password);
  await person.click("password-button");
  await says(person, /n’est pas le bon/);
  await server.command("user", "enable", "ada@ville.fr");
  person.assertNoErrors();
});
