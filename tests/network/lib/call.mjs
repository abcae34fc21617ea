// A meeting of people each behind a link of their own, in Conclave's own client, and how long they did not hear
// each other.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { eventually, sleep } from "../../e2e/lib/wait.mjs";
import { Link } from "./link.mjs";
import { inChromium, inFirefox, silencesOf, statesOf, watch } from "./people.mjs";
import { SiteServer } from "./server.mjs";
import { Space } from "./spaces.mjs";

/** A shorter silence is what any machine and any network have now and then. */
const gapMs = 250;
const looks = ["red", "green", "blue", "magenta"];

export class Call {
  people = [];
  spaces = [];
  links = [];

  /** `browsers` names one for each person: "chromium" or "firefox". `link` is everybody's, or a list. */
  static async open(name, { browsers, link, folder, server = {}, prepare = () => ({}) }) {
    const call = new Call();
    call.folder = join(folder, name);
    mkdirSync(call.folder, { recursive: true });
    call.server = await SiteServer.open(name, server);
    call.meeting = await call.server.openMeeting(name);
    for (const [i, browser] of browsers.entries()) {
      const space = Space.make();
      call.spaces.push(space);
      call.links.push(Link.start(space, Array.isArray(link) ? link[i] : link));
      const more = prepare(space, browser);
      const options = { folder: call.folder, look: looks[i], ...more };
      const who = `${browser === "firefox" ? "Flora" : ["Anna", "Bruno", "Carla", "David"][i]}`;
      call.people.push(await (browser === "firefox" ? inFirefox : inChromium)(space, who, options));
    }
    return call;
  }

  async enter() {
    for (const person of this.people) await person.enter(this.meeting.link);
  }

  /** Everybody sees and hears everybody, and from now on every silence is noted. */
  async meet() {
    await this.enter();
    for (const person of this.people) {
      const others = this.people.filter((one) => one !== person);
      for (const other of others) await person.sees(other);
      await person.hears(others);
    }
    for (const person of this.people) await watch(person, { longMs: 60 });
  }

  /** Those in the room, as each page lists them: nobody twice, nobody missing. */
  async isComplete() {
    for (const person of this.people) {
      const names = (await person.tiles())
        .filter(({ source }) => source === "camera")
        .map(({ name }) => name);
      const all = this.people.map(({ name }) => name);
      if (names.sort().join() !== all.sort().join()) return false;
    }
    return true;
  }

  /** Everybody has been hearing others for the last `steadyMs`. */
  async isSteady(steadyMs = 1000) {
    const now = Date.now();
    for (const person of this.people) {
      const last = await person.page.evaluate(() => window.__watch.lastPlayed());
      if (now - last > 500) return false;
      const silences = await silencesOf(person);
      if (silences.some(({ from, to }) => to - from > gapMs && now - to < steadyMs)) return false;
    }
    return true;
  }

  /**
   * Does something to the network, waits until all is well again, and says of each person the longest silence since:
   * `{ Anna: 640, Bruno: 580 }`, in milliseconds, and how long after it sound was back for the last of them.
   */
  async disturb(what, { settleMs = 3000, withinMs = 60_000, since = null } = {}) {
    const at = Date.now();
    await what();
    const from = since ? since() : at;
    await sleep(settleMs);
    await eventually("everybody hears the others again", () => this.isSteady(), {
      timeoutMs: withinMs,
    });
    const gaps = {};
    let backAt = from;
    for (const person of this.people) {
      const silences = (await silencesOf(person)).filter(({ to }) => to > at);
      gaps[person.name] = Math.max(0, ...silences.map(({ from: a, to }) => to - a));
      for (const one of silences) if (one.to - one.from > gapMs) backAt = Math.max(backAt, one.to);
    }
    return { gaps, at, backAt, backMs: backAt - from };
  }

  async states() {
    return Object.fromEntries(
      await Promise.all(this.people.map(async (one) => [one.name, await statesOf(one)])),
    );
  }

  isBusy() {
    return this.links.some((link) => link.isLate());
  }

  async close() {
    for (const person of this.people) await person.close().catch(() => {});
    this.meeting?.chair.close();
    for (const link of this.links) if (!link.totals) await link.stop();
    for (const space of this.spaces) space.remove();
    await this.server?.stop();
  }
}
