// Text and byte streams between LiveKit's native clients: what is written comes out, whatever its size and kind.
import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { dispose } from "@livekit/rtc-node";
import { eventually } from "../e2e/lib/wait.mjs";
import { among, Native, patience } from "./lib/native.mjs";
import { paths, Stage } from "./lib/stage.mjs";

let stage;
before(async () => {
  stage = await Stage.open("streams");
});
after(async () => {
  await stage?.close();
  await dispose();
});

const textOf = (reader) => reader.readAll();
const bytesOf = async (reader) => Buffer.concat(await reader.readAll());

/** Resolves with what the first stream on the topic carried: {info, from, content}. */
function received(person, kind, topic, read = kind === "text" ? textOf : bytesOf) {
  const take = { text: "registerTextStreamHandler", bytes: "registerByteStreamHandler" }[kind];
  return new Promise((resolve, reject) => {
    const impatience = setTimeout(() => reject(new Error(`no stream on ${topic}`)), 20_000);
    person.room[take](topic, async (reader, { identity }) => {
      try {
        resolve({ info: reader.info, from: identity, content: await read(reader) });
      } catch (error) {
        reject(error);
      } finally {
        clearTimeout(impatience);
      }
    });
  });
}

const letters = [..."abcdefghijklmnopqrstuvwxyz éßñ漢字🙂"];
const randomText = (length) =>
  Array.from({ length }, () => letters[randomInt(letters.length)]).join("");

for (const path of paths) {
  const pair = async (story) => {
    const people = await Native.joinAll(stage, ["ann", "ben"], { path });
    await among(people, async (ann, ben) => {
      await ann.sees("ben");
      await story(ann.room.localParticipant, ben, ann);
    });
  };

  describe(`rtc-node streams ${path}`, () => {
    for (const [what, text] of [
      ["short", "hello"],
      ["empty", ""],
      ["multi-byte", "déjà vu, 漢字, 🙂 ".repeat(4000)],
      ["large and compressible", "all work and no play ".repeat(20_000)],
      ["large and random", randomText(150_000)],
    ]) {
      test(`text, ${what}`, () =>
        pair(async (ann, ben) => {
          const arrives = received(ben, "text", "letters");
          await ann.sendText(text, { topic: "letters", attributes: { tone: "kind" } });
          const { info, from, content } = await arrives;
          assert.equal(content, text);
          assert.equal(from, "ann");
          assert.equal(info.topic, "letters");
          assert.equal(info.attributes.tone, "kind");
        }));
    }

    test("text that may not be compressed", () =>
      pair(async (ann, ben) => {
        const text = "again and ".repeat(10_000);
        const arrives = received(ben, "text", "plain");
        await ann.sendText(text, { topic: "plain", compress: false });
        assert.equal((await arrives).content, text);
      }));

    test("text written in pieces", () =>
      pair(async (ann, ben) => {
        const arrives = received(ben, "text", "pieces", async (reader) => {
          const pieces = [];
          for await (const piece of reader) pieces.push(piece);
          return pieces;
        });
        const writer = await ann.streamText({ topic: "pieces" });
        const pieces = Array.from({ length: 20 }, (_, i) => `piece ${i}, `);
        for (const piece of pieces) await writer.write(piece);
        await writer.close();
        assert.equal((await arrives).content.join(""), pieces.join(""));
      }));

    for (const [what, bytes] of [
      ["a few", Buffer.from([0, 1, 2, 255])],
      ["large and compressible", Buffer.alloc(500_000, "abc")],
      ["large and random", randomBytes(500_000)],
    ]) {
      test(`bytes, ${what}`, () =>
        pair(async (ann, ben) => {
          const arrives = received(ben, "bytes", "parcel");
          const writer = await ann.streamBytes({ topic: "parcel", name: "parcel.bin" });
          await writer.write(bytes);
          await writer.close();
          const { info, content } = await arrives;
          assert.ok(content.equals(bytes), "other bytes than were sent");
          assert.equal(info.name, "parcel.bin");
        }));
    }

    test("a file", () =>
      pair(async (ann, ben) => {
        const folder = mkdtempSync(join(tmpdir(), "conclave-interop-"));
        try {
          const file = join(folder, "letter.bin");
          const bytes = randomBytes(70_000);
          writeFileSync(file, bytes);
          const arrives = received(ben, "bytes", "files");
          await ann.sendFile(file, { topic: "files", name: "letter.bin" });
          assert.ok((await arrives).content.equals(bytes));
        } finally {
          rmSync(folder, { recursive: true });
        }
      }));

    test("to one person only", async () => {
      const people = await Native.joinAll(stage, ["ann", "ben", "cat"], { path });
      await among(people, async (ann, ben, cat) => {
        await ann.sees("ben", "cat");
        let overheard = 0;
        cat.room.registerTextStreamHandler("secret", () => (overheard += 1));
        const send = (text, destinationIdentities) =>
          ann.room.localParticipant.sendText(text, { topic: "secret", destinationIdentities });
        const arrives = received(ben, "text", "secret");
        await send("for ben", ["ben"]);
        assert.equal((await arrives).content, "for ben");
        // What comes later is there: so what came before would be.
        await send("for all");
        await eventually("cat hears what is for all", () => overheard > 0, patience);
        assert.equal(overheard, 1);
      });
    });

    test("many at once do not mix", () =>
      pair(async (ann, ben) => {
        const texts = Array.from({ length: 10 }, (_, i) => `${i} `.repeat(20_000));
        const arrived = [];
        ben.room.registerTextStreamHandler("many", async (reader) =>
          arrived.push(await reader.readAll()),
        );
        await Promise.all(texts.map((text) => ann.sendText(text, { topic: "many" })));
        await eventually("all are there", () => arrived.length === texts.length, patience);
        assert.deepEqual(arrived.sort(), [...texts].sort());
      }));

    test("a reader that gives up hinders nobody", () =>
      pair(async (ann, ben) => {
        const abandoned = received(ben, "bytes", "long", async (reader) => {
          for await (const piece of reader) {
            if (piece.length > 0) break;
          }
        });
        const writer = await ann.streamBytes({ topic: "long" });
        const writing = writer.write(randomBytes(300_000)).then(() => writer.close());
        await abandoned;
        await writing;
        const arrives = received(ben, "text", "after");
        await ann.sendText("still there?", { topic: "after" });
        assert.equal((await arrives).content, "still there?");
      }));

    test("a sender that leaves ends its stream with an error", () =>
      pair(async (ann, ben, annHerself) => {
        let began;
        const hasBegun = new Promise((resolve) => (began = resolve));
        const arrives = received(ben, "bytes", "cut", async (reader) => {
          for await (const piece of reader) began(piece);
        });
        const fails = assert.rejects(arrives, /unexpectedly disconnected|abnormally/);
        const writer = await ann.streamBytes({ topic: "cut", totalSize: 1_000_000 });
        await writer.write(randomBytes(30_000));
        await hasBegun;
        await annHerself.leave();
        await fails;
      }));
  });
}
