// Every page: nothing for assistive technology to stumble over, usable by keyboard and at the width of a
// phone, and no request to anybody else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Attendee, testId } from "./lib/attendee.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const wide = { width: 1280, height: 720 };
const narrow = { width: 390, height: 844 };
const looks = [
  { locale: "fr-FR", colorScheme: "light" },
  { locale: "fr-FR", colorScheme: "dark" },
  { locale: "en-US", colorScheme: "light" },
  { locale: "en-US", colorScheme: "dark" },
];

let server;
let meeting;
const requests = new Set();
const open = [];

/** Everything the browser asks for is written down, and looked at in the last test. */
async function visit(name, options) {
  const person = await Attendee.inChromium("green", name, options);
  open.push(person);
  person.page.on("request", (request) => requests.add(request.url()));
  person.page.on("websocket", (socket) => requests.add(socket.url()));
  return person;
}

async function inspect(person, name) {
  await person.page.evaluate(axe);
  const { violations, passes } = await person.page.evaluate(() => window.axe.run());
  assert.ok(passes.length > 5, `${name} was looked at`);
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
  assert.deepEqual(serious, [], name);
}

/** At both widths: a picture for people to look at, and nothing that must be scrolled sideways. */
async function photograph(person, name) {
  for (const size of [narrow, wide]) {
    await person.page.setViewportSize(size);
    await eventually("the page fits its width", () =>
      person.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
    );
    await person.screenshot(`${name}-${size.width}`);
  }
}

before(async () => {
  // Every door there is; the provider is shown, not asked.
  server = await Server.start(
    "pages",
    `[sign_in]
email_codes = true
email_domains = ["ville.fr"]
[oidc]
issuer = "http://127.0.0.1:9"
client_id = "conclave"
label = "Ville"
`,
  );
  meeting = await server.openMeeting("Conseil d’école");
});

after(async () => {
  await Promise.all(open.map((person) => person.close()));
  await server?.stop();
});

for (const look of looks) {
  const suffix = `${look.locale.slice(0, 2)}-${look.colorScheme}`;
  test(`pages are accessible: ${suffix}`, async () => {
    const person = await visit("Zoé", look);
    const check = async (page) => {
      await inspect(person, `${page} ${suffix}`);
      await photograph(person, `${page}-${suffix}`);
    };
    await person.page.goto(`${server.url}/?debug`);
    await person.appears("link-field");
    await check("home");

    await person.page.goto(`${server.url}/sign-in`);
    await person.appears("sso-button");
    await check("sign-in");
    await person.fill("email-field", "zoe@ville.fr");
    await person.click("ask-code-button");
    await person.appears("code-field");
    await check("sign-in-code");
    await person.click("other-email-button");
    await person.click("other-door-button");
    await person.click("password-button");
    await eventually("the page says what is missing", async () =>
      /en entier|in full/.test(await person.text()),
    );
    await check("sign-in-refused");

    await person.page.goto(`${server.url}/m/doesnotexist`);
    await eventually("the page says that there is no meeting", async () =>
      /n’existe pas|n'existe pas|does not exist/.test(await person.text()),
    );
    await check("not-found");

    await person.page.goto(`${meeting.link}?debug`);
    await person.appears("name-field");
    await person.appears("mic-level");
    await check("pre-join");

    await person.fill("name-field", person.name);
    await person.click("join-button");
    await person.appears("leave-button");
    await check("call");
    await person.click("participants-button");
    await person.appears("participant");
    await check("call-participants");

    await person.click("leave-button");
    await person.appears("rejoin-button");
    await check("ended");

    const link = (await server.command("sign-in-link")).trim();
    await person.page.goto(link);
    await person.appears("title-field");
    await person.fill("title-field", "Réunion de rentrée");
    await person.click("create-button");
    await person.appears("meeting-link");
    await check("home-agent");
    await person.click("end-button");
    await person.appears("end-confirm");
    await check("end-dialog");
    await person.click("end-confirm");
    await person.appears("ended-meeting");
    await check("home-agent-ended");
    person.assertNoErrors();
  });
}

test("a meeting can be entered, muted and left by keyboard", async () => {
  const person = await visit("Max", { locale: "en-US" });
  const { keyboard } = person.page;
  const focus = async (id) => {
    for (let presses = 0; presses < 40; presses++) {
      if (await person.page.evaluate((s) => document.activeElement?.matches(s), testId(id))) return;
      await keyboard.press("Tab");
    }
    assert.fail(`Tab never reaches ${id}`);
  };
  await person.page.goto(`${meeting.link}?debug`);
  await person.appears("name-field");
  await focus("name-field");
  await keyboard.type("Max");
  await keyboard.press("Enter");
  await person.appears("leave-button");
  const microphone = (state) =>
    eventually(`the microphone is ${state}`, async () => {
      return (await person.attribute("mic-button", "data-state")) === state;
    });
  await microphone("on");
  await keyboard.press("m");
  await microphone("off");
  await focus("mic-button");
  await keyboard.press("Space");
  await microphone("on");
  await focus("leave-button");
  await keyboard.press("Enter");
  await person.appears("rejoin-button");
  person.assertNoErrors();
});

test("browsers asked nobody but this server", () => {
  const own = [new URL(server.url).host];
  const foreign = [...requests].filter((url) => {
    const { protocol, host } = new URL(url);
    return !["blob:", "data:"].includes(protocol) && !own.includes(host);
  });
  assert.deepEqual(foreign, []);
  assert.ok(
    [...requests].some((url) => url.startsWith("wss:")),
    "the signalling was seen",
  );
});
