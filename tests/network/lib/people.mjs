// Browsers in namespaces of their own, and what their pages noticed.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Attendee } from "../../e2e/lib/attendee.mjs";
import { chromiumPath, firefoxPath, openChromium, openFirefox } from "../../e2e/lib/browsers.mjs";
import { watchScript } from "./watch.mjs";

const fileFlags = ({ video, audio }) => [
  `--use-file-for-fake-video-capture=${video}`,
  `--use-file-for-fake-audio-capture=${audio}`,
];

/** `look` is one of fake_media.mjs; or `media` are files, `{ video, audio }`. */
export async function inChromium(space, name, { look, media, flags = [], folder, ...options }) {
  const home = join(folder, `${space.name}-home`);
  mkdirSync(home, { recursive: true });
  const executablePath = space.wrap(folder, chromiumPath, { HOME: home });
  const own = media ? fileFlags(media) : [];
  const browser = await openChromium({
    look,
    executablePath,
    flags: [...own, ...flags],
    ...options,
  });
  await browser.context.addInitScript(watchScript);
  return new Attendee(browser, look, name);
}

// Only one Firefox at a time is driven: its port is the same in its namespace and here.
const bidiPort = 9222;

/** Firefox is driven over TCP, which does not pass from one namespace to the next: each connection is carried. */
function carry(space) {
  const carrier = createServer((socket) => {
    const words = ["netns", "exec", space.name, "socat", "-", `TCP:127.0.0.1:${bidiPort}`];
    const inside = spawn("ip", words, { stdio: ["pipe", "pipe", "ignore"] });
    socket.pipe(inside.stdin);
    inside.stdout.pipe(socket);
    for (const end of [socket, inside.stdin]) end.on("error", () => inside.kill());
    socket.on("close", () => inside.kill());
  });
  return carrier.listen(bidiPort, "127.0.0.1");
}

export async function inFirefox(space, name, { folder, preferences, ...options }) {
  const executablePath = space.wrap(folder, firefoxPath, { HOME: join(folder, "home") });
  const carrier = carry(space);
  const browser = await openFirefox({
    executablePath,
    debuggingPort: bidiPort,
    preferences,
    ...options,
  });
  await browser.page.evaluateOnNewDocument(watchScript);
  const close = browser.close;
  browser.close = async () => {
    await close();
    carrier.close();
  };
  return new Attendee(browser, "firefox", name);
}

export const watch = (person, options = {}) =>
  person.page.evaluate((how) => window.__watch.start(how), options);
export const watched = (person) => person.page.evaluate(() => window.__watch.stop());
export const silencesOf = (person) => person.page.evaluate(() => window.__watch.silences());
export const statesOf = (person) => person.page.evaluate(() => window.__watch.states());
export const glance = (person) => person.page.evaluate(() => window.__watch.look());
