// Single sign-on with a provider that keeps to the standard (npm's oidc-provider), in a browser.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Attendee } from "./lib/attendee.mjs";
import { GoodProvider, oidcSettings } from "./lib/identity_provider.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

const people = {
  ada: { name: "Ada Lovelace", email: "ada@ville.fr", email_verified: true },
  bob: { name: "Bob", email: "bob@elsewhere.example", email_verified: true },
  eve: { name: "Eve", email: "eve@ville.fr", email_verified: false },
  max: { name: "Max", email: "max@ville.fr", email_verified: true },
};
const folder = mkdtempSync(join(tmpdir(), "conclave-oidc-"));
const secretFile = join(folder, "secret");
writeFileSync(secretFile, `${GoodProvider.secret}\n`);

let provider;
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
  eventually(`the page is ${path}`, () => {
    const { origin, pathname } = new URL(person.page.url());
    if (origin + pathname !== server.url + path) throw new Error(person.page.url());
    return true;
  });

/** At the provider: any password does, then the consent. */
async function signInAtProvider(person, login) {
  await person.page.fill("input[name=login]", login);
  await person.page.fill("input[name=password]", "x");
  await person.page.click("button[type=submit]");
  await person.page.waitForSelector("input[name=login]", { state: "detached" });
  if (person.page.url().startsWith(provider.issuer)) await person.page.click("button[type=submit]");
}

before(async () => {
  provider = await GoodProvider.start(people);
  server = await Server.start(
    "oidc",
    `${oidcSettings(provider.issuer, secretFile, 'label = "Ville"\nemail_domains = ["ville.fr"]\n')}
[sign_in]
email_codes = true
email_domains = ["ville.fr"]
[limits]
sign_ins_per_minute_per_address = 1000
`,
  );
  provider.serve(server);
  meeting = await server.createMeeting("Conseil");
});

after(async () => {
  await Promise.all(open.map((person) => person.close()));
  await server?.stop();
  await provider?.stop();
  rmSync(folder, { recursive: true });
});

test("single sign-on leads to where one wanted to go, and a logout there ends the session here", async () => {
  const person = await visit(`/m/${meeting.id}`);
  await person.click("sign-in");
  await person.appears("sso-button");
  assert.match(await person.text(), /Continuer avec Ville/);
  await person.screenshot("sso-1280");
  await person.page.setViewportSize({ width: 390, height: 844 });
  await person.screenshot("sso-390");
  await person.click("sso-button");
  await signInAtProvider(person, "ada");
  await at(person, `/m/${meeting.id}`);
  await says(person, /Vous rejoignez la réunion sous le nom de Ada Lovelace/);
  const cookies = await person.page.context().cookies(server.url);
  assert.deepEqual(
    cookies.map(({ name }) => name),
    ["__Host-conclave"],
    "what the way there needed is gone",
  );
  assert.match(await server.command("user", "sessions", "ada@ville.fr"), /by single_sign_on/);

  await person.page.goto(`${provider.issuer}/session/end?client_id=conclave`);
  await person.page.click("button[name=logout], button[value=yes]");
  await eventually("the session is over", async () => {
    return (await server.command("user", "sessions", "ada@ville.fr")) === "";
  });
  await person.page.goto(server.url);
  await person.appears("home-sign-in");
  person.assertNoErrors();
});

test("whoever signs out there as well is asked for a password when they come again", async () => {
  const person = await visit("/sign-in");
  await person.click("sso-button");
  await signInAtProvider(person, "ada");
  await person.click("account-button");
  await person.appears("sign-out-there");
  await says(person, /Ici et chez Ville/);
  await person.screenshot("sign-out-there-1280");
  const asked = person.page.waitForRequest((request) =>
    request.url().startsWith(`${provider.issuer}/session/end`),
  );
  await person.click("sign-out-there");
  const url = new URL((await asked).url());
  assert.equal(url.searchParams.get("post_logout_redirect_uri"), `${server.url}/sign-in`);
  assert.equal(url.searchParams.get("id_token_hint").split(".").length, 3);
  assert.equal(await server.command("user", "sessions", "ada@ville.fr"), "", "out here already");
  await person.page.click("button[name=logout], button[value=yes]");
  await at(person, "/sign-in");
  await says(person, /hors session, ici et auprès du service d’identité/);
  await person.screenshot("signed-out-there-1280");
  await person.click("sso-button");
  await person.page.waitForSelector("input[name=login]");
});

test("the account is the subject's, with keys that were turned and claims from userinfo", async () => {
  const first = await visit("/sign-in");
  await first.click("sso-button");
  await signInAtProvider(first, "max");
  await first.appears("title-field");
  const accounts = await server.command("user", "list");
  people.max.email = "maximilian@ville.fr";
  provider.serve(server, { alg: "ES256", claimsInIdToken: false });
  await new Promise((resolve) => setTimeout(resolve, 5500));
  const second = await visit("/sign-in");
  await second.click("sso-button");
  await signInAtProvider(second, "max");
  await second.appears("title-field");
  await says(second, /Bonjour Max/);
  assert.equal(await server.command("user", "list"), accounts, "no second account");
});

test("who has no verified address of the configured domains stays outside", async () => {
  for (const login of ["bob", "eve"]) {
    const person = await visit("/sign-in", { locale: "en-US" });
    await person.click("sso-button");
    await signInAtProvider(person, login);
    await at(person, "/sign-in");
    await person.appears("sign-in-problem");
    await says(person, /known, but it does not open this service/);
    const { body } = await server.call("GET", "/api/v1/session");
    assert.equal(body.account, null);
    if (login === "bob") await person.screenshot("sso-not-allowed-1280");
  }
});

test("a disabled account stays outside, whatever the provider says", async () => {
  await server.command("user", "disable", "ada@ville.fr");
  const person = await visit("/sign-in");
  await person.click("sso-button");
  await signInAtProvider(person, "ada");
  await person.appears("sign-in-problem");
  await server.command("user", "enable", "ada@ville.fr");
});

test("an account of the same address is not taken over", async () => {
  await server.command("user", "add", "Zoe", "--email", "zoe@ville.fr");
  people.zoe = { name: "Other Zoe", email: "zoe@ville.fr", email_verified: true };
  const person = await visit("/sign-in");
  await person.click("sso-button");
  await signInAtProvider(person, "zoe");
  await person.appears("sign-in-problem");
  assert.equal(await server.command("user", "sessions", "zoe@ville.fr"), "");
});
