// Every page and state: nothing for assistive technology to stumble over, usable by keyboard and at the width of a
// phone, and no request to anybody else.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Attendee, testId } from "./lib/attendee.mjs";
import { check, looks, nameOf } from "./lib/inspect.mjs";
import { names, startServer, walk } from "./lib/states.mjs";
import { eventually } from "./lib/wait.mjs";

let server;
const requests = new Set();

/** Everything the browser asks for is written down, and looked at in the last test. */
function watch({ page }) {
  page.on("request", (request) => requests.add(request.url()));
  page.on("websocket", (socket) => requests.add(socket.url()));
}

before(async () => {
  server = await startServer("pages");
});

after(async () => {
  await server?.stop();
});

for (const look of looks) {
  for (const story of names) {
    const suffix = nameOf(look);
    test(`accessible: ${story}, ${suffix}`, async () => {
      const see = (person, state) => check(person, `${state}-${suffix}`);
      await walk(story, { server, look, see, meet: watch });
    });
  }
}

test("a meeting can be entered, muted and left by keyboard", async (t) => {
  const meeting = await server.openMeeting("Conseil");
  const person = await Attendee.inChromium("green", "Max", { locale: "en-US" });
  t.after(() => person.close());
  watch(person);
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
