// The connection test: by whoever comes, in both browsers; over IPv4 and over IPv6; and on a network without UDP.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { after, before, test } from "node:test";
import { Attendee, testId } from "./lib/attendee.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

let server;
const open = [];

before(async () => {
  server = await Server.start("network-page");
});

after(async () => {
  await Promise.all(open.map((person) => person.close()));
  await server?.stop();
});

async function visit(person, where = server) {
  open.push(person);
  await person.page.goto(`${where.url}/network`);
  return person;
}

async function finish(person) {
  await person.click("network-start");
  await eventually(`${person.name} is told the verdict`, () => person.has("network-verdict"), {
    timeoutMs: 120_000,
  });
  // Firefox calls it an error of the page when one of the ways that are tried is blocked.
  person.errors = person.errors.filter((error) => !error.includes("ICE failed"));
  person.assertNoErrors();
  return {
    verdict: await person.attribute("network-verdict", "data-code"),
    report: await person.page.evaluate(
      (selector) => document.querySelector(selector).textContent,
      testId("network-report"),
    ),
    state: (step) => person.attribute(`network-${step}`, "data-state"),
  };
}

const visitors = {
  Chromium: () => Attendee.inChromium("green", "Zoé", { locale: "fr-FR" }),
  Firefox: () => Attendee.inFirefox("Fox"),
};
for (const [browser, arrive] of Object.entries(visitors)) {
  test(`all is well on loopback, in ${browser}`, async () => {
    const person = await visit(await arrive());
    const { verdict, report, state } = await finish(person);
    for (const step of ["server", "socket", "udp", "quality", "devices"])
      assert.equal(await state(step), "good", `${step}\n${report}`);
    assert.equal(verdict, "good", report);
    assert.match(report, new RegExp(`:${server.mediaPort}|:${server.mediaPort + 1}`));
    assert.match(report, /\d+ kbit\/s/);
    assert.match(report, browser === "Firefox" ? /Firefox\/\d+/ : /Chrome\/\d+/);
  });
}

test("the report is in the language of the page, holds no secret, and can be copied and kept", async () => {
  const [person] = open;
  const { page } = person;
  const shown = await page.locator(testId("network-report")).textContent();
  assert.match(shown, /Tout va bien/);
  assert.doesNotMatch(shown, /eyJ/, "no token");
  assert.doesNotMatch(shown, /network-test-|test-[A-Za-z0-9]{12}/, "no room and no identity");
  for (const { address } of Object.values(networkInterfaces()).flat())
    if (!address.startsWith("127.") && address !== "::1")
      assert.doesNotMatch(shown, new RegExp(`srflx.*${address}`), "not one's own address");
  await person.browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await person.click("copy-button");
  await eventually("the report is in the clipboard", async () => {
    return (await page.evaluate(() => navigator.clipboard.readText())) === shown;
  });
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    person.click("network-download"),
  ]);
  assert.equal(file.suggestedFilename(), "conclave-test-reseau.txt");
  assert.equal(readFileSync(await file.path(), "utf8"), shown);
});

test("a keyboard and a screen reader are enough", async () => {
  const person = await visit(await Attendee.inChromium("blue", "Max", { locale: "en-US" }));
  const { keyboard } = person.page;
  for (let presses = 0; presses < 20; presses++) {
    const isThere = await person.page.evaluate(
      (selector) => document.activeElement?.matches(selector),
      testId("network-start"),
    );
    if (isThere) break;
    await keyboard.press("Tab");
  }
  await keyboard.press("Enter");
  const status = person.page.getByRole("status").first();
  await eventually("the step is told", async () => /Testing: /.test(await status.textContent()));
  assert.equal(await person.page.getByRole("progressbar").count(), 1);
  await eventually("it is over", () => person.has("network-verdict"), { timeoutMs: 120_000 });
  assert.match(await status.textContent(), /over/);
  assert.ok(
    await person.page.evaluate(() => document.activeElement?.tagName === "H2"),
    "the verdict has the focus",
  );
});

test("a network without UDP is said to be one", async () => {
  const flags = ["--webrtc-ip-handling-policy=disable_non_proxied_udp"];
  const person = await visit(
    await Attendee.inChromium("green", "Behind", { locale: "en-US", flags }),
  );
  const { verdict, report, state } = await finish(person);
  assert.equal(await state("socket"), "good");
  assert.ok(["no_media", "only_tcp", "only_tls"].includes(verdict), report);
  assert.match(report, /Sound and pictures over UDP \[(failed|worth a look)\]\s+Blocked/);
});

test("over IPv6 alone", async (t) => {
  const hasIpv6 = Object.values(networkInterfaces())
    .flat()
    .some(({ address }) => address === "::1");
  if (!hasIpv6) return t.skip("this machine has no IPv6 loopback");
  const six = await Server.start("network-page-ipv6", "", 'public_addresses = ["::1"]');
  t.after(() => six.stop());
  const person = await visit(await Attendee.inChromium("green", "Six", { locale: "en-US" }), six);
  const { verdict, report } = await finish(person);
  assert.equal(verdict, "good", report);
  assert.match(report, /to \[::1\]:/);
  assert.match(report, /IPv6, /);
  await person.close();
  open.splice(open.indexOf(person), 1);
});

test("it is one click from a meeting's door, and the door stays open", async () => {
  const meeting = await server.createMeeting("Point du lundi");
  const person = await Attendee.inChromium("green", "Zoé", { locale: "fr-FR" });
  open.push(person);
  await person.page.goto(meeting.link);
  await person.appears("network-link");
  const [opened] = await Promise.all([
    person.browser.context.waitForEvent("page"),
    person.click("network-link"),
  ]);
  await opened.locator(testId("network-start")).waitFor();
  assert.ok(await person.has("name-field"));
});

test("where it is switched off the page says so", async (t) => {
  const without = await Server.start("network-page-off", "[limits]\nnetwork_tests = 0\n");
  t.after(() => without.stop());
  const person = await visit(await Attendee.inChromium("green", "Zoé"), without);
  const { verdict } = await finish(person);
  assert.equal(verdict, "off");
  await person.close();
  open.splice(open.indexOf(person), 1);
});
