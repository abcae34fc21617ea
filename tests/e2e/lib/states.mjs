// Every page and every state of a meeting, as stories that lead from one to the next. What is done in a state is the
// caller's: tests look whether it is accessible, `make screenshots` takes a picture. A new page is a few lines here.
import { Attendee, testId } from "./attendee.mjs";
import { Seat } from "./seat.mjs";
import { Server } from "./server.mjs";
import { eventually } from "./wait.mjs";

/** Every door there is; the provider is shown, not asked. */
export const startServer = (name) =>
  Server.start(
    name,
    `[sign_in]
email_codes = true
email_domains = ["ville.fr"]
[oidc]
issuer = "http://127.0.0.1:9"
client_id = "conclave"
label = "Ville"
[limits]
sign_ins_per_minute_per_address = 1000
`,
  );

async function knock(guest, meeting) {
  await guest.page.goto(`${meeting.link}?debug`);
  await guest.appears("name-field");
  await guest.page.fill(testId("name-field"), guest.name);
  await guest.click("join-button");
}

const says = (person, text) =>
  eventually(`the page says ${text}`, async () => text.test(await person.text()));

async function strangersPages({ server, arrive, see }) {
  const person = await arrive("Zoé");
  await person.page.goto(`${server.url}/?debug`);
  await person.appears("link-field");
  await see(person, "home");

  await person.page.goto(`${server.url}/sign-in`);
  await person.appears("sso-button");
  await see(person, "sign-in");
  await person.fill("email-field", "zoe@ville.fr");
  await person.click("ask-code-button");
  await person.appears("code-field");
  await see(person, "sign-in-code");
  await person.click("other-email-button");
  await person.click("other-door-button");
  await person.click("password-button");
  await says(person, /en entier|in full/);
  await see(person, "sign-in-refused");
  await person.page.goto(`${server.url}/sign-in?problem=sso_not_allowed`);
  await person.appears("sign-in-problem");
  await see(person, "sign-in-problem");

  await person.page.goto(`${server.url}/m/doesnotexist`);
  await says(person, /n’existe pas|does not exist/);
  await see(person, "not-found");

  await knock(person, await server.createMeeting("Point du lundi"));
  await person.appears("waiting");
  await see(person, "waiting-start");
}

async function callFromDoorToEnd({ server, arrive, see }) {
  const meeting = await server.openMeeting("Conseil d’école");
  const person = await arrive("Zoé");
  await person.page.goto(`${meeting.link}?debug`);
  await person.appears("name-field");
  await person.appears("mic-level");
  await see(person, "pre-join");
  await person.fill("name-field", person.name);
  await person.click("join-button");
  await person.appears("leave-button");
  await see(person, "call");
  await person.click("participants-button");
  await person.appears("participant");
  await see(person, "call-participants");
  await person.click("leave-button");
  await person.appears("rejoin-button");
  await see(person, "ended");
  meeting.chair.close();
}

async function callAsOneLikesIt({ server, arrive, see }) {
  const meeting = await server.openMeeting("Point d’équipe");
  const [person, other] = [await arrive("Zoé"), await arrive("Marc")];
  await other.enter(meeting.link);
  await person.enter(meeting.link);
  await person.sees(other);
  await see(person, "call-two");
  for (const layout of ["grid", "speaker"]) {
    await person.click("more-button");
    if (layout === "grid") await see(person, "menu");
    await person.click(`menu-layout-${layout}`);
    await see(person, `call-${layout}`);
  }
  await other.click("share-button");
  await eventually("a screen is shown", () => person.tile("Marc", "screen"));
  await see(person, "call-screen");
  await other.click("share-button");
  for (const dialog of ["settings", "help"]) {
    await person.click("more-button");
    await person.click(`menu-${dialog}`);
    await person.page.getByRole("dialog").waitFor();
    await see(person, dialog);
    await person.page.keyboard.press("Escape");
  }
  await person.click("more-button");
  await person.click("menu-audio-only");
  await person.appears("audio-only-banner");
  await see(person, "call-audio-only");
  meeting.chair.close();
}

async function agentsHome({ server, arrive, see }) {
  const person = await arrive("Administrator");
  await person.page.goto((await server.command("sign-in-link")).trim());
  await person.appears("title-field");
  await person.click("create-options");
  await see(person, "create-options");
  await person.fill("title-field", "Réunion de rentrée");
  await person.click("create-button");
  await person.appears("meeting-link");
  await see(person, "home-agent");
  await person.page
    .getByText(/^(Plus tard|Later)$/)
    .first()
    .click();
  await person.appears("plan-date");
  await see(person, "home-agent-plan");
  await person.click("meeting-menu");
  await person.click("menu-invite");
  await person.appears("invite-send");
  await see(person, "invite-dialog");
  await person.page.keyboard.press("Escape");
  await person.click("meeting-menu");
  await person.click("menu-end");
  await person.appears("end-confirm");
  await see(person, "end-dialog");
  await person.click("end-confirm");
  await person.appears("done-meeting");
  await see(person, "home-agent-ended");
}

async function meetingThatIsHeld({ server, arrive, see }) {
  const [chair, guest] = await Promise.all([arrive("Chair"), arrive("Zoé Lefèvre")]);
  const meeting = await server.createMeeting("Comité de suivi", { lobby: "guests" });
  await chair.page.goto((await server.command("sign-in-link")).trim());
  await chair.appears("title-field");
  await chair.page.goto(`${meeting.link}?debug`);
  await chair.click("join-button");
  await chair.appears("leave-button");
  await knock(guest, meeting);
  await guest.appears("waiting");
  await see(guest, "waiting");
  await Seat.guest(server, meeting, "Marc-Antoine de Saint-Exupéry-Villeneuve");
  await chair.click("console-button");
  await chair.appears("admit-all-button");
  await see(chair, "console-lobby");
  await chair.click("admit-all-button");
  await guest.appears("leave-button");

  await guest.click("hand-button");
  await chair.appears("queue-row");
  for (const id of ["microphones", "rules", "time", "agenda", "airtime", "room"]) {
    await chair.click(`console-${id}`);
  }
  await see(chair, "console");
  await chair.click("edit-agenda-button");
  await chair.click("agenda-add");
  await chair.fill("agenda-title", "Budget");
  await see(chair, "agenda-editor");
  await chair.click("agenda-save");
  await chair.click("pause-5");
  await chair.click("chat-button");
  await chair.page.fill(testId("chat-field"), "Bonjour à tous");
  await chair.click("chat-send");
  await guest.click("chat-button");
  await guest.appears("chat-message");
  await see(guest, "chat-paused");
  await chair.click("participants-button");
  await see(chair, "participants");
  await chair.page.locator(testId("person-menu")).first().click();
  await chair.page.getByRole("menuitem").last().click();
  await chair.appears("person-confirm");
  await see(chair, "ban-dialog");
  await chair.page.keyboard.press("Escape");

  await chair.click("console-button");
  await chair.click("console-room");
  await chair.click("close-button");
  await see(chair, "close-dialog");
  await chair.click("close-confirm");
  await guest.appears("home-button");
  await see(guest, "closed");
  await knock(guest, meeting);
  await guest.appears("break");
  await see(guest, "break");
}

async function webinar({ server, arrive, see }) {
  const viewer = await arrive("Zoé Lefèvre");
  const meeting = await server.openMeeting("Présentation", { format: "webinar" });
  await knock(viewer, meeting);
  await viewer.appears("waiting");
  await see(viewer, "waiting-rehearsal");
  await meeting.chair.ask({ do: "go_live" });
  await viewer.appears("leave-button");
  await viewer.click("questions-button");
  await viewer.fill("question-field", "Quand ?");
  await viewer.click("question-send");
  await viewer.appears("question");
  await viewer.click("hand-button");
  await meeting.chair.ask({ do: "give_floor" });
  await viewer.appears("your-turn-banner");
  await see(viewer, "viewer");
  meeting.chair.close();
}

async function connectionTest({ server, arrive, see }) {
  const person = await arrive("Zoé");
  await person.page.goto(`${server.url}/network`);
  await person.appears("network-start");
  await see(person, "network");
  await person.click("network-start");
  await person.appears("network-verdict");
  await see(person, "network-good");
}

/** By what they show. */
const stories = {
  "pages of strangers": strangersPages,
  "the home of an agent": agentsHome,
  "a call from its door to its end": callFromDoorToEnd,
  "a call as one likes it": callAsOneLikesIt,
  "a meeting that is held": meetingThatIsHeld,
  "a webinar": webinar,
  "a connection test": connectionTest,
};

/**
 * Leads people through all states of one story. `see(person, name)` is called in each; `meet(person)` for
 * everybody who comes.
 */
async function walk(story, { server, look, see, meet = () => {} }) {
  const people = [];
  const arrive = async (name) => {
    const person = await Attendee.inChromium("green", name, look);
    people.push(person);
    await meet(person);
    return person;
  };
  try {
    await stories[story]({ server, arrive, see });
    for (const person of people) person.assertNoErrors();
  } finally {
    await Promise.all(people.map((person) => person.close()));
  }
}

export const names = Object.keys(stories);
export { walk };
