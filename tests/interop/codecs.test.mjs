// Codecs in Chromium: what is published in one arrives in it, in the layer that is asked for; whoever cannot
// decode it gets the backup.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Browser, browsers } from "./lib/client.mjs";
import { among } from "./lib/native.mjs";
import { paths, Stage } from "./lib/stage.mjs";

// Encoders in software on two cores: pictures are small and few.
const film = { width: 960, height: 540, framesPerSecond: 10, backupCodec: false };
// Simulcast makes a third of it, spatial layers a quarter.
const lowAndHigh = { vp8: [320, 960], h264: [320, 960], vp9: [240, 960], av1: [240, 960] };
const timing = { timeoutMs: 40_000 };

const isOff = !browsers.includes("chromium");
let stage;
let rich;
let poor;
before(async () => {
  if (isOff) return;
  stage = await Stage.open("codecs");
  rich = await Browser.open("chromium");
  poor = await Browser.open("chromium", { without: ["AV1", "VP9"] });
});
after(async () => {
  await rich?.close();
  await poor?.close();
  await stage?.close();
});

for (const path of paths) {
  describe(`livekit-client chromium ${path}`, { skip: isOff }, () => {
    for (const [codec, [low, high]] of Object.entries(lowAndHigh)) {
      test(`${codec}: decoded, in the layer asked for`, async () => {
        assert.ok(await rich.speaks(codec), `Chromium has no ${codec}`);
        const room = stage.room();
        const join = (identity) => rich.join(stage, room, identity, { path });
        await among([await join("ann"), await join("ben")], async (ann, ben) => {
          await ann.film({ ...film, videoCodec: codec });
          const asks = async (quality, width) => {
            await ben.do(
              (here, wish, interop) =>
                interop.publication(here, "ann", "camera").setVideoQuality(wish),
              quality,
            );
            await ben.sees(
              "ann",
              "camera",
              (now) => now.width === width && now.codec === codec,
              timing,
            );
          };
          await asks(2, high);
          await asks(0, low);
          await asks(2, high);
          assert.equal((await ann.sent("camera"))[0].codec, codec);
        });
      });
    }

    // BackupCodecPolicy: SIMULCAST sends both codecs, REGRESSION the backup alone once somebody needs it.
    for (const codec of ["vp9", "av1"]) {
      for (const [backupCodecPolicy, kept] of [
        [1, codec],
        [2, "vp8"],
      ]) {
        test(`${codec} with a backup of policy ${backupCodecPolicy}: each gets what it can decode`, async () => {
          const room = stage.room();
          const ann = await rich.join(stage, room, "ann", { path });
          const ben = await rich.join(stage, room, "ben", { path });
          await among([ann, ben], async () => {
            const backup = { backupCodec: { codec: "vp8" }, backupCodecPolicy };
            await ann.film({ ...film, videoCodec: codec, ...backup });
            await ben.sees("ann", "camera", (now) => now.codec === codec, timing);
            const cat = await poor.join(stage, room, "cat", { path });
            await among([cat], async () => {
              await cat.sees("ann", "camera", (now) => now.codec === "vp8", timing);
              await ben.sees("ann", "camera", (now) => now.codec === kept, timing);
            });
          });
        });
      }
    }

    test("a codec that nobody here can decode becomes one that everybody can", async () => {
      const room = stage.room();
      const ann = await rich.join(stage, room, "ann", { path });
      const cat = await poor.join(stage, room, "cat", { path });
      await among([ann, cat], async () => {
        await ann.film({ ...film, simulcast: false, videoCodec: "h265" });
        await cat.sees("ann", "camera", (now) => ["vp8", "h264"].includes(now.codec), timing);
      });
    });
  });
}
