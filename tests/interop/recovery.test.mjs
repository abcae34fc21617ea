// Every simulateScenario of livekit-client: the connection comes back, sound goes both ways again, and how long it
// was away is written down. livekit-server 1.11 on such a machine: 0.14 s for a lost signalling socket, 2.0 s for a
// resume with ICE restart, 2.1 s for a full reconnect, a failed node or a migration. After a full reconnect the
// client itself holds back what it receives for 2 s, unless its connection was up before it looked.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sleep } from "../e2e/lib/wait.mjs";
import { Browser, browsers } from "./lib/client.mjs";
import { record } from "./lib/gaps.mjs";
import { among } from "./lib/native.mjs";
import { paths, Stage } from "./lib/stage.mjs";

let stage;
let opened = {};
before(async () => {
  stage = await Stage.open("recovery", () => "[livekit]\nsimulate = true\n");
  opened = await Browser.openAll();
});
after(async () => {
  for (const browser of Object.values(opened)) await browser.close();
  await stage?.close();
});

// What the client reports once it is back; the others go on without a word.
const scenarios = {
  "signal-reconnect": "reconnected",
  "resume-reconnect": "reconnected",
  "full-reconnect": "reconnected",
  "node-failure": "reconnected",
  migration: "reconnected",
  "disconnect-signal-on-resume": "reconnected",
  "disconnect-signal-on-resume-no-messages": "reconnected",
  "leave-full-reconnect": "reconnected",
  "force-tcp": "reconnected",
  "force-tls": "reconnected",
  "fail-on-v1-path": null,
  "subscriber-bandwidth": null,
};

/** Two who speak and hear each other; `story` gets them and the watch over both directions. */
async function conversation(browser, path, story) {
  const room = stage.room();
  const join = (identity) => opened[browser].join(stage, room, identity, { path });
  await among([await join("ann"), await join("ben")], async (ann, ben) => {
    await Promise.all([ann.speak(), ben.speak()]);
    await Promise.all([ann.hears("ben"), ben.hears("ann")]);
    const watch = (person, other) =>
      person.do((here, who, interop) => {
        here.gaps = interop.watchGaps(here, who);
      }, other);
    await Promise.all([watch(ann, "ben"), watch(ben, "ann")]);
    await story(ann, ben);
  });
}

/** Sound has been played out for a while without a break; returns the longest there was. */
async function soundIsBack(person, other) {
  await person.until(`${other} is heard again`, async (room, _, interop) => {
    for (let i = 0; i < 10; i++) {
      if (room.gaps.silentMs() > 400) return false;
      await interop.pause(50);
    }
    return true;
  });
  return person.do((room) => room.gaps.longestMs());
}

for (const browser of browsers) {
  for (const path of paths) {
    describe(`livekit-client ${browser} ${path}`, { concurrency: 3 }, () => {
      for (const [scenario, event] of Object.entries(scenarios)) {
        test(`recovers from ${scenario}`, () =>
          conversation(browser, path, async (ann, ben) => {
            const argument = scenario === "subscriber-bandwidth" ? 500_000 : undefined;
            await ann.do(
              (room, [name, value]) => room.simulateScenario(name, value ?? undefined),
              [scenario, argument],
            );
            // The signalling closes while ICE restarts: Firefox waits 15 s for the lost answer, then begins anew.
            if (event) await ann.happens(event, {}, { timeoutMs: 40_000 });
            await sleep(500);
            const receivedMs = await soundIsBack(ann, "ben");
            const sentMs = await soundIsBack(ben, "ann");
            assert.equal(await ann.do((room) => room.state), "connected");
            const published = (person, who) =>
              person.do((room, identity) => {
                const all = room.remoteParticipants.get(identity).trackPublications;
                return [...all.values()].map((one) => one.source);
              }, who);
            assert.deepEqual(await published(ben, "ann"), ["microphone"]);
            assert.deepEqual(await published(ann, "ben"), ["microphone"]);
            record({ client: browser, path, scenario, sentMs, receivedMs });
          }));
      }

      test("speaker is announced and withdrawn", async () => {
        const room = stage.room();
        const join = (identity) => opened[browser].join(stage, room, identity, { path });
        await among([await join("ann"), await join("ben")], async (ann, ben) => {
          await ann.speak();
          await ben.hears("ann");
          await ann.do((here) => here.localParticipant.setMicrophoneEnabled(false));
          const speaks = (is) =>
            ben.until(
              `ann ${is ? "speaks" : "is silent"}`,
              (here, wanted) => here.remoteParticipants.get("ann").isSpeaking === wanted,
              is,
            );
          await speaks(false);
          await ann.do((here) => here.simulateScenario("speaker"));
          await speaks(true);
          await speaks(false);
        });
      });

      test("server-leave ends the session with its reason", () =>
        conversation(browser, path, async (ann, ben) => {
          await ann.do((room) => room.simulateScenario("server-leave"));
          const { reason } = await ann.happens("disconnected");
          assert.equal(reason, 3, "SERVER_SHUTDOWN");
          await ben.until("ann is gone", (room) => room.remoteParticipants.size === 0);
        }));
    });
  }
}
