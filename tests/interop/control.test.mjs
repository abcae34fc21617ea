// Everything beside media that livekit-client offers: who one is, who may do what, messages, calls, streams.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { RoomServiceClient } from "livekit-server-sdk";
import { never } from "../e2e/lib/wait.mjs";
import { Browser, browsers } from "./lib/client.mjs";
import { among } from "./lib/native.mjs";
import { paths, Stage } from "./lib/stage.mjs";

let stage;
let service;
let opened = {};
before(async () => {
  stage = await Stage.open("control");
  service = new RoomServiceClient(stage.url, stage.api.key, stage.api.secret);
  opened = await Browser.openAll();
});
after(async () => {
  for (const browser of Object.values(opened)) await browser.close();
  await stage?.close();
});

for (const browser of browsers) {
  for (const path of paths) {
    const join = async (room, identity, { grant, ...options } = {}) => {
      const token = await stage.token(room, identity, { grant });
      return opened[browser].join(stage, room, identity, { path, token, ...options });
    };
    const gather = async (identities, story, options = {}) => {
      const room = stage.room();
      const people = [];
      for (const identity of identities) {
        people.push(await join(room, identity, options[identity]));
      }
      await among(people, story);
    };
    const setSubscribed = (person, source, isWanted) =>
      person.do(
        (room, [what, wish], interop) => interop.publication(room, "ann", what).setSubscribed(wish),
        [source, isWanted],
      );
    const isSilent = (person, source) =>
      person.until(
        `${source} stops`,
        async (room, what, interop) => {
          const before = await interop.received(room, "ann", what);
          await interop.pause(500);
          return (await interop.received(room, "ann", what))?.packets === before?.packets;
        },
        source,
      );

    describe(`livekit-client ${browser} ${path}`, { concurrency: 3 }, () => {
      test("name, metadata and attributes reach the others, when allowed", () =>
        gather(
          ["ann", "ben"],
          async (ann, ben) => {
            await ann.do(async (room) => {
              const person = room.localParticipant;
              await person.setName("Ann the First");
              await person.setMetadata("queen");
              await person.setAttributes({ mood: "good", hat: "crown" });
              await person.setAttributes({ hat: "" });
            });
            await ben.until("ann's changes", (room) => {
              const { name, metadata, attributes } = room.remoteParticipants.get("ann");
              const all = [name, metadata, attributes.mood, attributes.hat];
              return all.join() === "Ann the First,queen,good,";
            });
            const refusal = await ben.do((room) =>
              room.localParticipant.setMetadata("king").then(
                () => "allowed",
                (error) => error.message,
              ),
            );
            assert.notEqual(refusal, "allowed");
          },
          { ann: { grant: { canUpdateOwnMetadata: true } } },
        ));

      test("selective subscription: only what is asked for, and not any longer", () =>
        gather(
          ["ann", "ben"],
          async (ann, ben) => {
            await ann.film({ simulcast: false });
            await ann.speak();
            await ben.until("both are published", (room) => {
              return room.remoteParticipants.get("ann")?.trackPublications.size === 2;
            });
            await never(
              "ben gets something",
              () =>
                ben.do((room) =>
                  [...room.remoteParticipants.get("ann").trackPublications.values()].some(
                    (one) => one.track,
                  ),
                ),
              { forMs: 700 },
            );
            for (let round = 0; round < 2; round++) {
              await setSubscribed(ben, "camera", true);
              await ben.sees("ann");
              await setSubscribed(ben, "camera", false);
              await ben.until("the camera is gone", (room, _, interop) => {
                return !interop.publication(room, "ann", "camera").track;
              });
            }
            await setSubscribed(ben, "microphone", true);
            await ben.hears("ann");
          },
          { ben: { connect: { autoSubscribe: false } } },
        ));

      test("a disabled track pauses and goes on", () =>
        gather(["ann", "ben"], async (ann, ben) => {
          await ann.film({ simulcast: false });
          await ben.sees("ann");
          const enable = (isOn) =>
            ben.do(
              (room, wish, interop) => interop.publication(room, "ann", "camera").setEnabled(wish),
              isOn,
            );
          await enable(false);
          await isSilent(ben, "camera");
          await enable(true);
          await ben.sees("ann");
        }));

      test("subscription permissions: only the chosen ones, until all may", () =>
        gather(["ann", "ben", "cat"], async (ann, ben, cat) => {
          await ann.speak();
          await Promise.all([ben.hears("ann"), cat.hears("ann")]);
          const permit = (all, some) =>
            ann.do(
              (room, [everybody, chosen]) =>
                room.localParticipant.setTrackSubscriptionPermissions(everybody, chosen),
              [all, some],
            );
          await permit(false, [{ participantIdentity: "ben", allowAll: true }]);
          await cat.until("cat may not", (room, _, interop) => {
            const publication = interop.publication(room, "ann", "microphone");
            return publication.permissionStatus === "not_allowed" && !publication.isSubscribed;
          });
          await ben.hears("ann");
          await permit(true, []);
          await cat.hears("ann");
        }));

      test("permissions that the server changes count at once", () =>
        gather(["ann", "ben"], async (ann, ben) => {
          await ann.speak();
          await ben.hears("ann");
          const room = ann.name.split("/")[0];
          const allow = (canPublish) =>
            service.updateParticipant(room, "ann", {
              permission: { canPublish, canSubscribe: true, canPublishData: true },
            });
          await allow(false);
          await ann.until(
            "ann knows",
            (here) => here.localParticipant.permissions.canPublish === false,
          );
          await ben.until("what she published is gone", (here) => {
            return here.remoteParticipants.get("ann").trackPublications.size === 0;
          });
          await allow(true);
          await ann.until("ann may again", (here) => here.localParticipant.permissions.canPublish);
          await ann.speak();
          await ben.hears("ann");
        }));

      test("who speaks is announced", () =>
        gather(["ann", "ben"], async (ann, ben) => {
          await ann.speak();
          await ben.until("ann speaks", (room) =>
            room.activeSpeakers.some((person) => person.identity === "ann"),
          );
          await ben.until("the connection is judged", (room) => {
            const { connectionQuality } = room.localParticipant;
            return connectionQuality === "excellent" || connectionQuality === "good";
          });
        }));

      test("somebody hidden sees and is not seen", () =>
        gather(
          ["ann", "spy"],
          async (ann, spy) => {
            await ann.speak();
            await spy.hears("ann");
            assert.equal(await ann.do((room) => room.remoteParticipants.size), 0);
          },
          { spy: { grant: { hidden: true, canPublish: false } } },
        ));

      test("the same identity again replaces the former one", async () => {
        const room = stage.room();
        const ann = await join(room, "ann");
        const witness = await join(room, "ben");
        await among([witness], async () => {
          const name = `${room}/first`;
          await ann.do((here, other, interop) => interop.rooms.set(other, here), name);
          const again = await join(room, "ann");
          ann.name = name;
          await among([again, ann], async () => {
            const { reason } = await ann.happens("disconnected");
            assert.equal(reason, 2, "DUPLICATE_IDENTITY");
            await again.speak();
            await witness.hears("ann");
          });
        });
      });

      test("data, reliable and lossy, to all and to one", () =>
        gather(["ann", "ben", "cat"], async (ann, ben, cat) => {
          for (const reliable of [true, false]) {
            const topic = reliable ? "reliable" : "lossy";
            const send = (text, to) =>
              ann.do(
                (room, [words, options]) =>
                  room.localParticipant.publishData(new TextEncoder().encode(words), options),
                [text, { reliable, topic, ...(to && { destinationIdentities: [to] }) }],
              );
            const arrives = (person, text, again) =>
              person
                .until(
                  `${topic} ${text}`,
                  (room, wanted) =>
                    room.happened.some(
                      (entry) =>
                        entry.event === "data" &&
                        entry.from === "ann" &&
                        `${entry.topic} ${entry.text}` === wanted,
                    ),
                  `${topic} ${text}`,
                )
                .catch(again);
            await send("to ben", "ben");
            await send("to all");
            await Promise.all([
              arrives(ben, "to ben"),
              arrives(ben, "to all"),
              arrives(cat, "to all"),
            ]);
            const overheard = await cat.do((room) =>
              room.happened.some((entry) => entry.text === "to ben"),
            );
            assert.equal(overheard, false);
          }
        }));

      test("calls, text and bytes", () =>
        gather(["ann", "ben"], async (ann, ben) => {
          await ben.do((room) => {
            room.registerRpcMethod("greet", async ({ payload, callerIdentity }) => {
              return `${payload}, ${callerIdentity}`;
            });
            room.registerRpcMethod("refuse", async () => {
              throw new window.LivekitClient.RpcError(4711, "not today");
            });
            room.registerTextStreamHandler("text", async (reader, { identity }) => {
              room.happened.push({ event: "text", from: identity, text: await reader.readAll() });
            });
            room.registerByteStreamHandler("bytes", async (reader, { identity }) => {
              const parts = await reader.readAll();
              const sum = parts.flatMap((part) => [...part]).reduce((all, value) => all + value, 0);
              room.happened.push({ event: "bytes", from: identity, sum });
            });
          });
          const results = await ann.do(async (room) => {
            const person = room.localParticipant;
            const call = (method) =>
              person
                .performRpc({ destinationIdentity: "ben", method, payload: "hello" })
                .catch((error) => error.code);
            const answers = [await call("greet"), await call("refuse"), await call("unknown")];
            await person.sendText("déjà vu ".repeat(20_000), { topic: "text" });
            const file = new File([new Uint8Array(100_000).fill(3)], "three.bin");
            await person.sendFile(file, { topic: "bytes" });
            return answers;
          });
          assert.deepEqual(results, ["hello, ann", 4711, 1400]);
          const { text } = await ben.happens("text", { from: "ann" });
          assert.equal(text, "déjà vu ".repeat(20_000));
          await ben.happens("bytes", { from: "ann", sum: 300_000 });
        }));

      test("data tracks: published, received, withdrawn", () =>
        gather(["ann", "ben"], async (ann, ben) => {
          await ben.do((room) => {
            const { RoomEvent } = window.LivekitClient;
            room.on(RoomEvent.DataTrackPublished, async (track) => {
              room.happened.push({ event: "dataTrack", name: track.info.name });
              const reader = track.subscribe().getReader();
              for (;;) {
                const { done, value } = await reader.read();
                if (done) return;
                room.happened.push({
                  event: "frame",
                  first: value.payload[0],
                  size: value.payload.length,
                });
              }
            });
            room.on(RoomEvent.DataTrackUnpublished, () =>
              room.happened.push({ event: "dataTrackGone" }),
            );
          });
          await ann.do(async (room) => {
            room.position = await room.localParticipant.publishDataTrack({ name: "position" });
          });
          await ben.happens("dataTrack", { name: "position" });
          // A subscription takes a moment, and frames are as lossy as lossy data is.
          await ann.do((room) => {
            room.timer = setInterval(() => {
              room.position.tryPush({ payload: new Uint8Array(5000).fill(7) });
            }, 50);
          });
          await ben.happens("frame", { first: 7, size: 5000 });
          await ann.do(async (room) => {
            clearInterval(room.timer);
            await room.position.unpublish();
          });
          await ben.happens("dataTrackGone");
        }));

      test("what is published while the signalling is away arrives", () =>
        gather(["ann", "ben"], async (ann, ben) => {
          await ann.speak();
          await ben.hears("ann");
          await ann.do(async (room, _, interop) => {
            const { RoomEvent } = window.LivekitClient;
            const track = interop.drawing(320, 180);
            const publish = () =>
              room.localParticipant.publishTrack(track, { source: "camera", simulcast: false });
            // When the resume becomes a full reconnect, the client cancels what was on its way.
            const published = new Promise((resolve, reject) => {
              room.once(RoomEvent.SignalReconnecting, () => {
                const again = () => new Promise((done) => room.once(RoomEvent.Reconnected, done));
                publish().then(resolve, () => again().then(publish).then(resolve, reject));
              });
            });
            await room.simulateScenario("signal-reconnect");
            await published;
          });
          await ben.sees("ann");
          await ben.hears("ann");
        }));
    });
  }
}
