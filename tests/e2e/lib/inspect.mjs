// A page as somebody with a screen reader, a keyboard or a phone has it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { eventually } from "./wait.mjs";

const axe = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

export const wide = { width: 1280, height: 720 };
export const narrow = { width: 390, height: 844 };

/** Both languages in both schemes. */
export const looks = [
  { locale: "fr-FR", colorScheme: "light" },
  { locale: "fr-FR", colorScheme: "dark" },
  { locale: "en-US", colorScheme: "light" },
  { locale: "en-US", colorScheme: "dark" },
];

export const nameOf = ({ locale, colorScheme }) => `${locale.slice(0, 2)}-${colorScheme}`;

/** No colour is on its way to another one: those in between are nobody's to read. */
const comesToRest = (person) =>
  eventually("the page comes to rest", () =>
    person.page.evaluate(() =>
      document
        .getAnimations()
        .filter(({ effect }) => effect.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
        .every(({ playState }) => playState !== "running"),
    ),
  );

/** Nothing that assistive technology stumbles over. */
export async function inspect(person, name) {
  await comesToRest(person);
  await person.page.evaluate(axe);
  const { violations, passes } = await person.page.evaluate(() => window.axe.run());
  assert.ok(passes.length > 5, `${name} was looked at`);
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
  assert.deepEqual(serious, [], name);
}

/** At this size, with nothing that must be scrolled sideways. */
export async function fits(person, size) {
  await person.page.setViewportSize(size);
  await eventually("the page fits its width", () =>
    person.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
  );
}

/** At both widths: accessible, nothing that must be scrolled sideways, and a picture for people to look at. */
export async function check(person, name) {
  for (const size of [narrow, wide]) {
    await fits(person, size);
    await inspect(person, `${name} at ${size.width}`);
    await person.screenshot(`${name}-${size.width}`);
  }
}
