// Layers: what a subscriber gets follows the size of its tile, what nobody looks at is not sent.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sleep } from "../e2e/lib/wait.mjs";
import { Browser, browsers } from "./lib/client.mjs";
import { among } from "./lib/native.mjs";
import { paths, Stage } from "./lib/stage.mjs";

// Three layers: a third, two thirds and all of it.
const film = { width: 960, height: 540, videoCodec: "vp8" };
const tiles = {
  small: { width: 300, height: 168 },
  middle: { width: 620, height: 348 },
  large: { width: 960, height: 540 },
};
const widths = { small: 320, middle: 640, large: 960 };
// The first estimate of the uplink starts low: the top layers take their time.
const timing = { timeoutMs: 40_000 };

let stage;
let opened = {};
before(async () => {
  stage = await Stage.open("layers");
  opened = await Browser.openAll();
});
after(async () => {
  for (const browser of Object.values(opened)) await browser.close();
  await stage?.close();
});

const resize = (person, size) =>
  person.do((room, tile, interop) => interop.resize(room, tile), tiles[size]);

const seesAt = (person, size) =>
  person.sees("ann", "camera", (now) => now.width === widths[size], timing);

/** Names of the encodings that still send frames. */
async function alive(person) {
  const before = await person.sent("camera");
  await sleep(1000);
  const now = await person.sent("camera");
  const before_ = (rid) => before.find((one) => one.rid === rid)?.frames ?? 0;
  return now
    .filter((one) => one.frames > before_(one.rid))
    .map((one) => one.rid)
    .sort();
}

async function sends(person, rids) {
  const wanted = [...rids].sort().join();
  for (let tries = 0; ; tries++) {
    const now = await alive(person);
    if (now.join() === wanted) return;
    assert.ok(tries < 30, `sends ${now.join() || "nothing"} instead of ${wanted || "nothing"}`);
  }
}

for (const browser of browsers) {
  for (const path of paths) {
    const trio = async (story, options) => {
      const room = stage.room();
      const people = [];
      for (const identity of ["ann", "ben", "cat"]) {
        people.push(
          await opened[browser].join(stage, room, identity, { path, options: options[identity] }),
        );
      }
      await among(people, story);
    };
    const adaptive = { adaptiveStream: true };

    describe(`livekit-client ${browser} ${path}`, () => {
      test("layers follow the size of the tile, for each subscriber", () =>
        trio(
          async (ann, ben, cat) => {
            await resize(ben, "large");
            await resize(cat, "small");
            await ann.film(film);
            await Promise.all([seesAt(ben, "large"), seesAt(cat, "small")]);
            await resize(cat, "middle");
            await seesAt(cat, "middle");
            await resize(cat, "large");
            await resize(ben, "small");
            await Promise.all([seesAt(cat, "large"), seesAt(ben, "small")]);
          },
          { ben: adaptive, cat: adaptive },
        ));

      test("layers follow the quality that is asked for", () =>
        trio(async (ann, ben) => {
          await ann.film(film);
          await ben.sees("ann");
          for (const [quality, size] of [
            [0, "small"],
            [1, "middle"],
            [2, "large"],
            [0, "small"],
          ]) {
            await ben.do(
              (room, wish, interop) =>
                interop.publication(room, "ann", "camera").setVideoQuality(wish),
              quality,
            );
            await seesAt(ben, size);
          }
        }, {}));

      test("a hidden tile gets nothing until it is shown", () =>
        trio(
          async (ann, ben) => {
            await ann.film(film);
            await ben.sees("ann");
            const setHidden = (display) =>
              ben.do((room, value, interop) => {
                const { track } = interop.publication(room, "ann", "camera");
                for (const video of track.attachedElements) video.style.display = value;
              }, display);
            await setHidden("none");
            await ben.until("the frames stop", async (room, _, interop) => {
              const { packets } = await interop.received(room, "ann", "camera");
              await interop.pause(1000);
              return (await interop.received(room, "ann", "camera")).packets === packets;
            });
            await setHidden("block");
            await ben.sees("ann");
          },
          { ben: adaptive },
        ));

      test(
        "dynacast: what nobody looks at is not sent",
        { skip: browser === "firefox" && "Firefox does not pause encodings" },
        () =>
          trio(
            async (ann, ben, cat) => {
              await resize(ben, "large");
              await resize(cat, "small");
              await ann.film(film);
              await seesAt(ben, "large");
              await sends(ann, ["q", "h", "f"]);
              await resize(ben, "small");
              await sends(ann, ["q"]);
              await Promise.all([seesAt(ben, "small"), seesAt(cat, "small")]);
              await resize(cat, "middle");
              await seesAt(cat, "middle");
              await sends(ann, ["q", "h"]);
              for (const person of [ben, cat]) {
                await person.do((room, _, interop) =>
                  interop.publication(room, "ann", "camera").setSubscribed(false),
                );
              }
              await sends(ann, []);
              await ben.do((room, _, interop) =>
                interop.publication(room, "ann", "camera").setSubscribed(true),
              );
              await seesAt(ben, "small");
            },
            { ann: { dynacast: true }, ben: adaptive, cat: adaptive },
          ),
      );
    });
  }
}
