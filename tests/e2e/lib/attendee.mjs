// Somebody in front of a page of Conclave: clicks and types (and counts it), looks and listens.
import assert from "node:assert/strict";
import { join } from "node:path";
import { audibleDb, differ, hasHueOf, looksIn, tones } from "./analysis.mjs";
import { openChromium, openFirefox } from "./browsers.mjs";
import { looks } from "./fake_media.mjs";
import { artifacts } from "./server.mjs";
import { eventually, sleep } from "./wait.mjs";

export const testId = (id) => `[data-testid="${id}"]`;

export class Attendee {
  clicks = 0;
  fields = 0;

  constructor(browser, look, name) {
    this.browser = browser;
    this.page = browser.page;
    this.look = look;
    this.name = name;
    this.errors = [];
    this.page.on("pageerror", (error) => this.errors.push(String(error)));
  }

  static async inChromium(look, name, options = {}) {
    return new Attendee(await openChromium({ look, ...options }), look, name);
  }

  static async inFirefox(name) {
    return new Attendee(await openFirefox(), "firefox", name);
  }

  close() {
    return this.browser.close();
  }

  async appears(id) {
    await eventually(`${this.name} sees ${id}`, () => this.has(id));
  }

  has(id) {
    return this.page.evaluate((selector) => document.querySelector(selector) !== null, testId(id));
  }

  async click(id) {
    await this.appears(id);
    await this.page.click(testId(id));
    this.clicks += 1;
  }

  async fill(id, text) {
    await this.appears(id);
    await this.page.type(testId(id), text);
    this.fields += 1;
  }

  /** From a list that opens: the one entry that is called so. */
  async choose(id, label) {
    await this.appears(id);
    await this.page.click(`${testId(id)} button`);
    await this.page.getByRole("option", { name: label, exact: true }).click();
    this.clicks += 2;
  }

  attribute(id, name) {
    return this.page.evaluate(
      ([selector, key]) => document.querySelector(selector)?.getAttribute(key) ?? null,
      [testId(id), name],
    );
  }

  text() {
    return this.page.evaluate(() => document.body.textContent);
  }

  /** As a guest: the link, a name, one button. */
  async enter(link) {
    await this.page.goto(`${link}?debug`);
    await this.fill("name-field", this.name);
    await this.click("join-button");
    await this.appears("leave-button");
  }

  tiles() {
    return this.page.evaluate(() => window.__probe.tiles());
  }

  async tile(name, source = "camera") {
    return (await this.tiles()).find((tile) => tile.name === name && tile.source === source);
  }

  /** A picture of this person, of the right colour, that moves. */
  async sees(other) {
    await eventually(`${this.name} sees ${other.name}`, async () => {
      const before = (await this.tile(other.name))?.picture;
      if (!before) return null;
      if (!hasHueOf(before, other.look)) throw new Error(`hue ${before.hue}`);
      await sleep(other.look === "firefox" ? 1500 : 300);
      const after = (await this.tile(other.name))?.picture;
      return after && differ(before, after);
    });
  }

  async heardLooks() {
    return looksIn(await this.page.evaluate((all) => window.__probe.heard(all), tones));
  }

  /** Exactly these people, and so nobody else and not oneself. */
  async hears(others, options) {
    const wanted = others.map((other) => other.look).sort();
    await eventually(
      `${this.name} hears ${wanted.join(", ") || "nobody"}`,
      async () => {
        const heard = (await this.heardLooks()).sort();
        if (heard.join() !== wanted.join())
          throw new Error(`hears ${heard.join(", ") || "nobody"}`);
        return true;
      },
      options,
    );
  }

  /** On this machine's clock: when the other's tone was gone here, and when the last click happened. */
  silentAt(other) {
    return this.page.evaluate(
      ([hz, belowDb]) => window.__probe.silentAt(hz, belowDb),
      [looks[other.look].tone, audibleDb],
    );
  }

  clickedAt() {
    return this.page.evaluate(() => window.__probe.clickedAt());
  }

  /** What the room's engine says about what arrived, by participant and kind. */
  framesDecoded() {
    return this.page.evaluate(async () => {
      let frames = 0;
      for (const person of window.__conclave_room.remoteParticipants.values()) {
        for (const { track } of person.trackPublications.values()) {
          const report = await track?.getRTCStatsReport?.();
          for (const entry of report?.values() ?? []) frames += entry.framesDecoded ?? 0;
        }
      }
      return frames;
    });
  }

  async keepsReceiving() {
    const before = await this.framesDecoded();
    await eventually(
      `${this.name} goes on receiving frames`,
      async () => (await this.framesDecoded()) > before + 5,
    );
  }

  async screenshot(name) {
    await this.page.screenshot({ path: join(artifacts, `${name}.png`) });
  }

  assertNoErrors() {
    assert.deepEqual(this.errors, [], `script errors in the page of ${this.name}`);
  }
}
