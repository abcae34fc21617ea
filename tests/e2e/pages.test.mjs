// Every page: nothing for assistive technology to stumble over, usable by keyboard and at the width of a
// phone, and no request to anybody else.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Attendee, testId } from "./lib/attendee.mjs";
import { check, looks, nameOf } from "./lib/inspect.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

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
  const suffix = nameOf(look);
  test(`pages are accessible: ${suffix}`, async () => {
    const person = await visit("Zoé", look);
    const looked = (page) => check(person, `${page}-${suffix}`);
    await person.page.goto(`${server.url}/?debug`);
    await person.appears("link-field");
    await looked("home");

    await person.page.goto(`${server.url}/sign-in`);
    await person.appears("sso-button");
    await looked("sign-in");
    await person.fill("email-field", "zoe@ville.fr");
    await person.click("ask-code-button");
    await person.appears("code-field");
    await looked("sign-in-code");
    await person.click("other-email-button");
    await person.click("other-door-button");
    await person.click("password-button");
    await eventually("the page says what is missing", async () =>
      /en entier|in full/.test(await person.text()),
    );
    await looked("sign-in-refused");

    await person.page.goto(`${server.url}/m/doesnotexist`);
    await eventually("the page says that there is no meeting", async () =>
      /n’existe pas|n'existe pas|does not exist/.test(await person.text()),
    );
    await looked("not-found");

    await person.page.goto(`${meeting.link}?debug`);
    await person.appears("name-field");
    await person.appears("mic-level");
    await looked("pre-join");

    await person.fill("name-field", person.name);
    await person.click("join-button");
    await person.appears("leave-button");
    await looked("call");
    await person.click("participants-button");
    await person.appears("participant");
    await looked("call-participants");

    await person.click("leave-button");
    await person.appears("rejoin-button");
    await looked("ended");

    const link = (await server.command("sign-in-link")).trim();
    await person.page.goto(link);
    await person.appears("title-field");
    await person.fill("title-field", "Réunion de rentrée");
    await person.click("create-button");
    await person.appears("meeting-link");
    await looked("home-agent");
    await person.click("end-button");
    await person.appears("end-confirm");
    await looked("end-dialog");
    await person.click("end-confirm");
    await person.appears("ended-meeting");
    await looked("home-agent-ended");
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
