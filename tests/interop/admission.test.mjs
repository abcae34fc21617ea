// A server where only the application makes rooms, and a client that says hello and nothing more.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DisconnectReason } from "@livekit/protocol";
import { dispose } from "@livekit/rtc-node";
import { RoomServiceClient } from "livekit-server-sdk";
import { among, Native } from "./lib/native.mjs";
import { address, Signal } from "./lib/signal.mjs";
import { paths, Stage } from "./lib/stage.mjs";

let stage;
before(async () => {
  stage = await Stage.open("admission", () => "[rooms]\nauto_create = false\n");
});
after(async () => {
  await stage?.close();
  await dispose();
});

// A minute for one test: both paths wait at once, and other files run meanwhile.
describe("only the application makes rooms", { concurrency: true }, () => {
  for (const path of paths) {
    test(`a room has to be there, ${path}`, async () => {
      const room = stage.room();
      const token = await stage.token(room, "ann");
      const refusal = await Signal.open(stage, path, token);
      assert.equal(refusal.status, 404);
      const validation = await fetch(address(stage, path, token, { isValidation: true }));
      assert.equal(validation.status, 404);
      // The words by which livekit-client knows that trying the other path is of no use.
      assert.match(await validation.text(), /requested room does not exist/);

      const service = new RoomServiceClient(stage.url, stage.api.key, stage.api.secret);
      await service.createRoom({ name: room });
      const people = await Promise.all(
        ["ann", "ben"].map((identity) => Native.join(stage, room, identity, { path })),
      );
      await among(people, (ann) => ann.sees("ben"));
    });

    test(`who never connects the media is removed, ${path}`, async () => {
      const service = new RoomServiceClient(stage.url, stage.api.key, stage.api.secret);
      const room = stage.room();
      await service.createRoom({ name: room });
      const silent = await Signal.open(stage, path, await stage.token(room, "ann"));
      // With two connections the server offers, and misses the answer sooner.
      const expected = { v1: DisconnectReason.JOIN_FAILURE, v0: DisconnectReason.STATE_MISMATCH };
      const { reason } = await silent.answer("leave", { timeoutMs: 90_000, everyMs: 500 });
      assert.equal(reason, expected[path]);
    });
  }
});
