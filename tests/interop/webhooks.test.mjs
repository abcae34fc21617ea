// Webhooks: the story of a room in its order, verified by livekit-server-sdk, told again when nobody took it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { dispose } from "@livekit/rtc-node";
import { RoomServiceClient, WebhookReceiver } from "livekit-server-sdk";
import { eventually } from "../e2e/lib/wait.mjs";
import { Native, patience } from "./lib/native.mjs";
import { Signal } from "./lib/signal.mjs";
import { paths, Stage } from "./lib/stage.mjs";

let stage;
let application;
let receiver;
/** {body, authorization, type, event}; `event` once verified. */
const told = [];
/** How many more are refused. */
let refusals = 0;

before(async () => {
  application = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const { authorization, "content-type": type } = request.headers;
    told.push({ body, authorization, type });
    response.writeHead(refusals > 0 ? 503 : 200).end();
    refusals = Math.max(0, refusals - 1);
  }).listen(0, "127.0.0.1");
  await once(application, "listening");
  const url = `http://127.0.0.1:${application.address().port}/hook`;
  stage = await Stage.open(
    "webhooks",
    ({ key }) => `[webhooks]\nurls = ["${url}"]\nkey = "${key}"\n`,
  );
  receiver = new WebhookReceiver(stage.api.key, stage.api.secret);
});
after(async () => {
  await stage?.close();
  application?.close();
  await dispose();
});

/** The verified events of a room, oldest first, each once. */
async function eventsOf(room) {
  const events = new Map();
  for (const { body, authorization } of told) {
    const event = await receiver.receive(body, authorization);
    if (event.room?.name === room) events.set(event.id, event);
  }
  return [...events.values()];
}

function happens(room, name) {
  return eventually(
    name,
    async () => {
      const events = await eventsOf(room);
      const found = events.find((event) => event.event === name);
      if (!found) throw new Error(events.map((event) => event.event).join());
      return found;
    },
    patience,
  );
}

for (const path of paths) {
  describe(`webhooks, people on ${path}`, () => {
    test("a join, a track, a farewell: in this order", async () => {
      const room = stage.room();
      const service = new RoomServiceClient(stage.url, stage.api.key, stage.api.secret);
      const ann = await Native.join(stage, room, "ann", { path });
      const { sid } = ann.room.localParticipant;
      const publication = await ann.sound([440]);
      const track = publication.sid;
      await happens(room, "track_published");
      await ann.room.localParticipant.unpublishTrack(track);
      await happens(room, "track_unpublished");
      await ann.leave();
      await happens(room, "participant_left");
      await service.deleteRoom(room);
      await happens(room, "room_finished");

      const events = await eventsOf(room);
      assert.deepEqual(
        events.map((event) => event.event),
        [
          "room_started",
          "participant_joined",
          "track_published",
          "track_unpublished",
          "participant_left",
          "room_finished",
        ],
      );
      assert.equal(new Set(events.map((event) => event.room.sid)).size, 1);
      assert.equal(events[1].participant.sid, sid);
      assert.equal(events[2].track.sid, track);
      assert.equal(events[3].track.sid, track);
      assert.equal(events[4].participant.identity, "ann");
      assert.ok(events.every((event) => event.id && event.createdAt > 0n));
      assert.ok(told.every(({ type }) => type === "application/webhook+json"));
    });

    test("somebody who never had media was not there", async () => {
      const room = stage.room();
      const signal = await Signal.open(stage, path, await stage.token(room, "ghost"));
      await signal.answer("join");
      signal.send({ case: "leave", value: {} });
      const { participant } = await happens(room, "participant_connection_aborted");
      assert.equal(participant.identity, "ghost");
      assert.ok(!(await eventsOf(room)).some((event) => event.event === "participant_joined"));
    });
  });
}

test("what is altered, or signed by another, is not believed", async () => {
  const [{ body, authorization }] = told;
  await receiver.receive(body, authorization);
  await assert.rejects(receiver.receive(body.replace("room_", "rooms_"), authorization));
  await assert.rejects(receiver.receive(body));
  const stranger = new WebhookReceiver(stage.api.key, "another secret");
  await assert.rejects(stranger.receive(body, authorization));
});

test("what was refused is told again, before what came later", async () => {
  const room = stage.room();
  refusals = 1;
  const service = new RoomServiceClient(stage.url, stage.api.key, stage.api.secret);
  await service.createRoom({ name: room });
  await service.deleteRoom(room);
  await happens(room, "room_finished");
  const tries = [];
  for (const { body, authorization } of told) {
    const event = await receiver.receive(body, authorization);
    if (event.room?.name === room) tries.push(event.event);
  }
  assert.deepEqual(tries, ["room_started", "room_started", "room_finished"]);
});
