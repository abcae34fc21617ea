// A server with no time for one more: said in plain words, and tried again without a click. What makes it so is
// tested beside the code; here the answer at the door is that of such a server, until it has time.
import { after, before, test } from "node:test";
import { Attendee } from "./lib/attendee.mjs";
import { check, looks, nameOf } from "./lib/inspect.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

const words = {
  "fr-FR": /très sollicité.*nouvel essai se fait tout seul/,
  "en-US": /very busy right now.*tries again by itself/,
};

let server;
let meeting;

before(async () => {
  server = await Server.start("overload");
  meeting = await server.openMeeting("Conseil de service");
});

after(async () => {
  meeting?.chair.close();
  await server?.stop();
});

for (const look of looks) {
  test(`who is refused is told, and comes in when there is time: ${nameOf(look)}`, async () => {
    const person = await Attendee.inChromium("blue", "Inès", look);
    let hasTime = false;
    let refusals = 0;
    await person.browser.context.route("**/api/v1/meetings/*/join", (route) => {
      if (hasTime) return route.continue();
      refusals += 1;
      return route.fulfill({
        status: 503,
        headers: { "Retry-After": refusals === 1 ? "1" : "12" },
        contentType: "application/problem+json",
        body: JSON.stringify({ status: 503, code: "server_overloaded" }),
      });
    });
    await person.page.goto(`${meeting.link}?debug`);
    await person.fill("name-field", person.name);
    await person.click("join-button");
    await eventually("it was tried again by itself", () => refusals === 2);
    await eventually("the page says why", async () => words[look.locale].test(await person.text()));
    await check(person, `overload-${nameOf(look)}`);
    hasTime = true;
    await person.appears("leave-button");
    await person.close();
  });
}
