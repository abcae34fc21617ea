// LiveKit's native clients among themselves: presence, sound, data, calls, coming back.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { dispose, RoomEvent, RpcError, SimulateScenarioKind } from "@livekit/rtc-node";
import { eventually, never, sleep } from "../e2e/lib/wait.mjs";
import { record } from "./lib/gaps.mjs";
import { among, Native, patience } from "./lib/native.mjs";
import { paths, Stage } from "./lib/stage.mjs";

let stage;
before(async () => {
  stage = await Stage.open("native");
});
after(async () => {
  await stage?.close();
  await dispose();
});

for (const path of paths) {
  const all = (...identities) => Native.joinAll(stage, identities, { path });

  describe(`rtc-node ${path}`, () => {
    test("everybody sees everybody", async () => {
      await among(await all("ann", "ben", "cat"), async (ann, ben, cat) => {
        await Promise.all([ann.sees("ben", "cat"), ben.sees("ann", "cat"), cat.sees("ann", "ben")]);
      });
    });

    test("the room has one sid for all", async () => {
      await among(await all("ann", "ben"), async (ann, ben) => {
        const sid = await ann.room.getSid();
        assert.match(sid, /^RM_/);
        assert.equal(await ben.room.getSid(), sid);
      });
    });

    for (const [what, frequencies, sampleRate] of [
      ["48 kHz mono", [440], 48_000],
      ["48 kHz stereo", [440, 440], 48_000],
      ["24 kHz mono", [440], 24_000],
    ]) {
      test(`sound arrives at its pitch, ${what}`, async () => {
        await among(await all("ann", "ben"), async (ann, ben) => {
          await ann.sound(frequencies, { sampleRate });
          await ben.hears("ann", 440);
        });
      });
    }

    test("sound goes both ways", async () => {
      await among(await all("ann", "ben"), async (ann, ben) => {
        await Promise.all([ann.sound([440]), ben.sound([620])]);
        await Promise.all([ann.hears("ben", 620), ben.hears("ann", 440)]);
      });
    });

    test("an empty stage and a late comer: what was published before is heard", async () => {
      const room = stage.room();
      const ann = await Native.join(stage, room, "ann", { path });
      await among([ann], async () => {
        await ann.sound([440]);
        const ben = await Native.join(stage, room, "ben", { path });
        await among([ben], () => ben.hears("ann", 440));
      });
    });

    for (const reliable of [true, false]) {
      const topic = reliable ? "reliable" : "lossy";
      test(`${topic} data to everybody and to one`, async () => {
        await among(await all("ann", "ben", "cat"), async (ann, ben, cat) => {
          await ann.sees("ben", "cat");
          const send = (text, options) =>
            ann.room.localParticipant.publishData(Buffer.from(text), {
              reliable,
              topic,
              ...options,
            });
          // A lossy message before the channel is open is lost by right: it is said until heard.
          await eventually(
            "all hear it",
            async () => {
              await send("to all");
              return [ben, cat].every((person) =>
                person.data.some((data) => data.text === "to all"),
              );
            },
            patience,
          );
          await eventually(
            "ben hears his own",
            async () => {
              await send("to ben", { destination_identities: ["ben"] });
              return ben.data.some((data) => data.text === "to ben");
            },
            patience,
          );
          assert.deepEqual(
            { from: ben.data[0].from, topic: ben.data[0].topic },
            { from: "ann", topic },
          );
          assert.ok(!cat.data.some((data) => data.text === "to ben"), "cat overhears");
          assert.equal(ann.data.length, 0, "one hears oneself");
        });
      });
    }

    test("reliable data comes in order, each once", async () => {
      await among(await all("ann", "ben"), async (ann, ben) => {
        await ann.sees("ben");
        const texts = Array.from({ length: 200 }, (_, i) => `message ${i}`);
        for (const text of texts) {
          await ann.room.localParticipant.publishData(Buffer.from(text), { reliable: true });
        }
        await eventually("all there", () => ben.data.length >= texts.length, patience);
        assert.deepEqual(
          ben.data.map((data) => data.text),
          texts,
        );
      });
    });

    test("encrypted data is read with the key only", async () => {
      const room = stage.room();
      const join = (identity, key) =>
        Native.join(stage, room, identity, {
          path,
          encryption: { keyProviderOptions: { sharedKey: new TextEncoder().encode(key) } },
        });
      const people = await Promise.all([
        join("ann", "a shared secret"),
        join("ben", "a shared secret"),
        join("eve", "another secret"),
      ]);
      await among(people, async (ann, ben, eve) => {
        for (const person of people) person.room.e2eeManager.setEnabled(true);
        await ann.sees("ben", "eve");
        await ann.room.localParticipant.publishData(Buffer.from("hush"), { reliable: true });
        await eventually(
          "ben reads it",
          () => ben.data.some((data) => data.text === "hush"),
          patience,
        );
        await never("eve reads it", () => eve.data.some((data) => data.text === "hush"), {
          forMs: 500,
        });
      });
    });

    test("calls: a result, an error, no such method, no answer in time, nobody there", async () => {
      await among(await all("ann", "ben"), async (ann, ben) => {
        await ann.sees("ben");
        const { localParticipant } = ben.room;
        localParticipant.registerRpcMethod("greet", async ({ payload, callerIdentity }) => {
          return `${payload}, ${callerIdentity}`;
        });
        localParticipant.registerRpcMethod("refuse", async () => {
          throw new RpcError(4711, "not today", "come back");
        });
        localParticipant.registerRpcMethod("sleep", () => sleep(3000).then(() => "late"));
        const call = (method, options) =>
          ann.room.localParticipant.performRpc({
            destinationIdentity: "ben",
            method,
            payload: "hello",
            ...options,
          });
        const failsWith = async (code, promise) =>
          assert.rejects(promise, (error) => {
            assert.equal(error.code, code, error.message);
            return true;
          });
        assert.equal(await call("greet"), "hello, ann");
        const long = "é".repeat(7000);
        assert.equal(await call("greet", { payload: long }), `${long}, ann`);
        await assert.rejects(call("refuse"), {
          code: 4711,
          message: "not today",
          data: "come back",
        });
        await failsWith(RpcError.ErrorCode.UNSUPPORTED_METHOD, call("unheard of"));
        await failsWith(
          RpcError.ErrorCode.RESPONSE_TIMEOUT,
          call("sleep", { responseTimeout: 1000 }),
        );
      });
    });

    test("leaving is noticed, with what was published", async () => {
      await among(await all("ann", "ben"), async (ann, ben) => {
        await ann.sound([440]);
        await ben.hears("ann", 440);
        await ann.leave();
        await ben.happens(RoomEvent.ParticipantDisconnected, (person) => person.identity === "ann");
        await ben.sees();
        assert.ok(ben.events.some(({ event }) => event === RoomEvent.TrackUnsubscribed));
      });
    });

    test("several leave at once", async () => {
      await among(await all("ann", "ben", "cat", "dan", "eve"), async (ann, ...others) => {
        await ann.sees("ben", "cat", "dan", "eve");
        await Promise.all(others.map((person) => person.leave()));
        await ann.sees();
      });
    });

    test("a resume keeps the sound", async () => {
      await among(await all("ann", "ben"), async (ann, ben) => {
        await ann.sound([440]);
        await ben.hears("ann", 440);
        const before = ben.publications("ann").map(({ sid }) => sid);
        ben.ear("ann").forgetGaps();
        await ann.room.simulateScenario(SimulateScenarioKind.SIMULATE_SIGNAL_RECONNECT);
        await sleep(1500);
        await ben.hears("ann", 440);
        assert.deepEqual(
          ben.publications("ann").map(({ sid }) => sid),
          before,
        );
        record({
          client: "rtc-node",
          path,
          scenario: "signal-reconnect",
          sentMs: ben.ear("ann").longestGapMs,
        });
        // The session goes on: what needs signalling works.
        await ann.room.localParticipant.publishData(Buffer.from("back"), { reliable: true });
        await eventually("data", () => ben.data.some(({ text }) => text === "back"), patience);
      });
    });

    test("a full reconnect ends with exactly one publication", async () => {
      await among(await all("ann", "ben"), async (ann, ben) => {
        await ann.sound([440]);
        await ben.hears("ann", 440);
        const [before] = ben.publications("ann");
        ben.ear("ann").forgetGaps();
        await ann.room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
        await ann.happens(RoomEvent.Reconnected);
        await eventually(
          "a new publication",
          () => {
            const now = ben.publications("ann");
            return now.length === 1 && now[0].sid !== before.sid && now[0].subscribed;
          },
          patience,
        );
        await ben.hears("ann", 440);
        assert.equal(ben.publications("ann").length, 1);
        assert.equal(ann.room.localParticipant.trackPublications.size, 1);
        record({
          client: "rtc-node",
          path,
          scenario: "full-reconnect",
          sentMs: ben.ear("ann").longestGapMs,
        });
      });
    });
  });
}
