// What a meeting looks like while it is held: every panel, page and question, in both languages and schemes, at the
// width of a desk and of a phone.
import { after, before, test } from "node:test";
import { Attendee, testId } from "./lib/attendee.mjs";
import { check, looks, nameOf } from "./lib/inspect.mjs";
import { Seat } from "./lib/seat.mjs";
import { Server } from "./lib/server.mjs";

let server;

async function arrive(t, name, look) {
  const attendee = await Attendee.inChromium(null, name, look);
  t.after(() => attendee.close());
  return attendee;
}

async function knock(guest, meeting) {
  await guest.page.goto(`${meeting.link}?debug`);
  await guest.appears("name-field");
  await guest.page.fill(testId("name-field"), guest.name);
  await guest.click("join-button");
}

before(async () => {
  server = await Server.start("conduct-pages");
});

after(async () => {
  await server?.stop();
});

for (const look of looks) {
  const suffix = nameOf(look);

  test(`a meeting is accessible to all who hold it: ${suffix}`, async (t) => {
    const [chair, guest] = await Promise.all([
      arrive(t, "Chair", look),
      arrive(t, "Zoé Lefèvre", look),
    ]);
    const sees = (person, name) => check(person, `${name}-${suffix}`);
    const meeting = await server.createMeeting("Comité de suivi", { lobby: "guests" });
    await chair.page.goto((await server.command("sign-in-link")).trim());
    await chair.appears("title-field");
    await chair.click("create-options");
    await sees(chair, "create-options");
    await chair.page.goto(`${meeting.link}?debug`);
    await chair.click("join-button");
    await chair.appears("leave-button");

    await knock(guest, meeting);
    await guest.appears("waiting");
    await sees(guest, "waiting");
    await Seat.guest(server, meeting, "Marc-Antoine de Saint-Exupéry-Villeneuve");
    await chair.click("console-button");
    await chair.appears("admit-all-button");
    await sees(chair, "console-lobby");
    await chair.click("admit-all-button");
    await guest.appears("leave-button");

    await guest.click("hand-button");
    await chair.appears("queue-row");
    for (const id of ["microphones", "rules", "time", "agenda", "airtime", "room"]) {
      await chair.click(`console-${id}`);
    }
    await sees(chair, "console");
    await chair.click("edit-agenda-button");
    await chair.click("agenda-add");
    await chair.fill("agenda-title", "Budget");
    await sees(chair, "agenda-editor");
    await chair.click("agenda-save");
    await chair.click("pause-5");
    await chair.click("chat-button");
    await chair.page.fill(testId("chat-field"), "Bonjour à tous");
    await chair.click("chat-send");
    await guest.click("chat-button");
    await guest.appears("chat-message");
    await sees(guest, "chat-paused");
    await chair.click("participants-button");
    await sees(chair, "participants");
    await chair.page.locator(testId("person-menu")).first().click();
    await chair.page.getByRole("menuitem").last().click();
    await chair.appears("person-confirm");
    await sees(chair, "ban-dialog");
    await chair.page.keyboard.press("Escape");

    await chair.click("console-button");
    await chair.click("console-room");
    await chair.click("close-button");
    await sees(chair, "close-dialog");
    await chair.click("close-confirm");
    await guest.appears("home-button");
    await sees(guest, "closed");
    await knock(guest, meeting);
    await guest.appears("break");
    await sees(guest, "break");
    chair.assertNoErrors();
    guest.assertNoErrors();
  });

  test(`a webinar is accessible to its viewers: ${suffix}`, async (t) => {
    const viewer = await arrive(t, "Zoé Lefèvre", look);
    const meeting = await server.openMeeting("Présentation", { format: "webinar" });
    await knock(viewer, meeting);
    await viewer.appears("waiting");
    await meeting.chair.ask({ do: "go_live" });
    await viewer.appears("leave-button");
    await viewer.click("questions-button");
    await viewer.fill("question-field", "Quand ?");
    await viewer.click("question-send");
    await viewer.appears("question");
    await viewer.click("hand-button");
    await meeting.chair.ask({ do: "give_floor" });
    await viewer.appears("your-turn-banner");
    await check(viewer, `viewer-${suffix}`);
    viewer.assertNoErrors();
    meeting.chair.close();
  });
}
