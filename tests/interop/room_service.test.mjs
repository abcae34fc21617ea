// livekit-server-sdk: every RoomService call, its result checked by somebody in the room; every error by its code.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  CreateRoomRequest,
  DataPacket_Kind,
  ListRoomsRequest,
  ListRoomsResponse,
  Room,
  TrackSource,
} from "@livekit/protocol";
import { DisconnectReason, dispose, RoomEvent } from "@livekit/rtc-node";
import { AccessToken, RoomServiceClient } from "livekit-server-sdk";
import { eventually } from "../e2e/lib/wait.mjs";
import { among, Native, patience } from "./lib/native.mjs";
import { paths, Stage } from "./lib/stage.mjs";

let stage;
let service;
before(async () => {
  stage = await Stage.open("room-service");
  service = new RoomServiceClient(stage.url, stage.api.key, stage.api.secret);
});
after(async () => {
  await stage?.close();
  await dispose();
});

const fails = (promise, code, status) =>
  assert.rejects(promise, (error) => {
    assert.deepEqual({ code: error.code, status: error.status }, { code, status }, error.message);
    return true;
  });

for (const path of paths) {
  describe(`livekit-server-sdk, people on ${path}`, () => {
    const gather = async (identities, story) => {
      const room = stage.room();
      const people = await Promise.all(
        identities.map((identity) => Native.join(stage, room, identity, { path })),
      );
      await among(people, (...all) => story(room, ...all));
    };

    test("createRoom, listRooms, deleteRoom", async () => {
      const name = stage.room();
      const created = await service.createRoom({
        name,
        emptyTimeout: 600,
        departureTimeout: 30,
        maxParticipants: 2,
        metadata: "blue",
      });
      assert.match(created.sid, /^RM_/);
      assert.deepEqual(
        [created.name, created.emptyTimeout, created.departureTimeout, created.maxParticipants],
        [name, 600, 30, 2],
      );
      assert.equal((await service.createRoom({ name })).sid, created.sid, "there is one of a name");
      const [listed, ...more] = await service.listRooms([name, "nowhere"]);
      assert.deepEqual([listed.sid, listed.metadata, more.length], [created.sid, "blue", 0]);
      assert.ok((await service.listRooms()).some((room) => room.name === name));

      const people = await Promise.all(
        ["ann", "ben"].map((identity) => Native.join(stage, name, identity, { path })),
      );
      await among(people, async (ann, ben) => {
        assert.equal(ann.room.metadata, "blue");
        assert.equal(await ann.room.getSid(), created.sid);
        await eventually(
          "two are counted",
          async () => {
            const [room] = await service.listRooms([name]);
            return room.numParticipants === 2;
          },
          patience,
        );
        await assert.rejects(Native.join(stage, name, "cat", { path }), "a third comes in");
        await service.deleteRoom(name);
        for (const person of [ann, ben]) {
          await person.happens(
            RoomEvent.Disconnected,
            (why) => why === DisconnectReason.ROOM_DELETED,
          );
        }
        assert.equal((await service.listRooms([name])).length, 0);
      });
      await fails(service.deleteRoom(name), "not_found", 404);
    });

    test("updateRoomMetadata", () =>
      gather(["ann"], async (room, ann) => {
        assert.equal((await service.updateRoomMetadata(room, "green")).metadata, "green");
        await ann.happens(RoomEvent.RoomMetadataChanged, (metadata) => metadata === "green");
        await fails(service.updateRoomMetadata("nowhere", "x"), "not_found", 404);
      }));

    test("listParticipants, getParticipant", () =>
      gather(["ann", "ben"], async (room, ann, ben) => {
        await ann.sound([440]);
        await ben.hears("ann", 440);
        const all = await service.listParticipants(room);
        assert.deepEqual(all.map((one) => one.identity).sort(), ["ann", "ben"]);
        const info = await service.getParticipant(room, "ann");
        assert.equal(info.sid, ann.room.localParticipant.sid);
        assert.equal(info.tracks.length, 1);
        assert.equal(info.tracks[0].source, TrackSource.MICROPHONE);
        await fails(service.getParticipant(room, "nobody"), "not_found", 404);
        assert.deepEqual(await service.listParticipants("nowhere"), []);
      }));

    test("removeParticipant", () =>
      gather(["ann", "ben"], async (room, ann, ben) => {
        await service.removeParticipant(room, "ann");
        await ann.happens(
          RoomEvent.Disconnected,
          (why) => why === DisconnectReason.PARTICIPANT_REMOVED,
        );
        await ben.sees();
        await fails(service.removeParticipant(room, "ann"), "not_found", 404);
      }));

    test("mutePublishedTrack", () =>
      gather(["ann", "ben"], async (room, ann, ben) => {
        const publication = await ann.sound([440]);
        await ben.hears("ann", 440);
        const info = await service.mutePublishedTrack(room, "ann", publication.sid, true);
        assert.equal(info.muted, true);
        await ben.happens(RoomEvent.TrackMuted, (_, person) => person.identity === "ann");
        await ann.happens(RoomEvent.TrackMuted);
        await eventually("silence", () => ben.ear("ann").frequency() === null, patience);
        await fails(
          service.mutePublishedTrack(room, "ann", publication.sid, false),
          "failed_precondition",
          412,
        );
        await fails(service.mutePublishedTrack(room, "ann", "TR_nothing", true), "not_found", 404);
      }));

    test("updateParticipant: name, metadata, attributes", () =>
      gather(["ann", "ben"], async (room, ann, ben) => {
        await ben.sees("ann");
        const info = await service.updateParticipant(room, "ann", {
          name: "Ann",
          metadata: "meta",
          attributes: { hat: "crown" },
        });
        assert.deepEqual([info.name, info.metadata, info.attributes.hat], ["Ann", "meta", "crown"]);
        await eventually(
          "ben is told",
          () => {
            const { name, metadata, attributes } = ben.other("ann");
            return name === "Ann" && metadata === "meta" && attributes.hat === "crown";
          },
          patience,
        );
        await service.updateParticipant(room, "ann", { attributes: { hat: "" } });
        await eventually(
          "the hat is off",
          () => !ann.room.localParticipant.attributes.hat,
          patience,
        );
        await fails(service.updateParticipant(room, "nobody", { name: "x" }), "not_found", 404);
      }));

    test("updateParticipant: permissions count at once", () =>
      gather(["ann", "ben"], async (room, ann, ben) => {
        await ann.sound([440]);
        await ben.hears("ann", 440);
        const all = { canPublish: true, canSubscribe: true, canPublishData: true };
        await service.updateParticipant(room, "ann", { permission: { ...all, canPublish: false } });
        await ben.happens(RoomEvent.TrackUnpublished);
        await service.updateParticipant(room, "ann", { permission: all });
        await eventually("ann may publish", () => ann.sound([620]), patience);
        await ben.hears("ann", 620);
        await service.updateParticipant(room, "ben", {
          permission: { ...all, canSubscribe: false },
        });
        await ben.happens(RoomEvent.TrackUnsubscribed);
        await eventually("silence", () => ben.ear("ann").frequency() === null, patience);
      }));

    test("updateSubscriptions", () =>
      gather(["ann", "ben"], async (room, ann, ben) => {
        const { sid } = await ann.sound([440]);
        await ben.hears("ann", 440);
        await service.updateSubscriptions(room, "ben", [sid], false);
        await eventually("silence", () => ben.ear("ann").frequency() === null, patience);
        await service.updateSubscriptions(room, "ben", [sid], true);
        await ben.hears("ann", 440);
      }));

    test("sendData to all, to one, on a topic", () =>
      gather(["ann", "ben"], async (room, ann, ben) => {
        const send = (text, options) =>
          service.sendData(room, Buffer.from(text), DataPacket_Kind.RELIABLE, options);
        await send("to all", { topic: "news" });
        await send("to ben", { destinationIdentities: ["ben"] });
        await send("to ann by sid", { destinationSids: [ann.room.localParticipant.sid] });
        await eventually(
          "it arrives",
          () => ann.data.length >= 2 && ben.data.length >= 2,
          patience,
        );
        assert.deepEqual(
          ann.data.map((data) => data.text),
          ["to all", "to ann by sid"],
        );
        assert.deepEqual(
          ben.data.map((data) => data.text),
          ["to all", "to ben"],
        );
        assert.deepEqual([ann.data[0].topic, ann.data[0].from], ["news", undefined]);
        await fails(service.sendData("nowhere", Buffer.from("x"), 0, {}), "not_found", 404);
      }));
  });
}

test("forwarding and moving are not offered, and said so", async () => {
  for (const method of ["forwardParticipant", "moveParticipant"]) {
    await fails(service[method]("a", "ann", "b"), "unimplemented", 501);
  }
});

test("keys and grants are asked for", async () => {
  const stranger = new RoomServiceClient(stage.url, stage.api.key, "another secret");
  await assert.rejects(stranger.listRooms(), { status: 401 });

  const post = async (method, grant, body) => {
    const token = new AccessToken(stage.api.key, stage.api.secret, { identity: "application" });
    token.addGrant(grant);
    const answer = await fetch(`${stage.url}/twirp/livekit.RoomService/${method}`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${await token.toJwt()}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify(body),
    });
    const type = answer.headers.get("content-type");
    return { status: answer.status, type, ...(await answer.json()) };
  };
  const name = stage.room();
  const refusal = { status: 401, type: "application/json", code: "unauthenticated" };
  for (const [method, grant, body] of [
    ["CreateRoom", { roomList: true }, { name }],
    ["ListRooms", { roomCreate: true }, {}],
    ["DeleteRoom", { roomAdmin: true, room: name }, { room: name }],
    ["ListParticipants", { roomAdmin: true, room: "another" }, { room: name }],
    ["RemoveParticipant", { roomJoin: true, room: name }, { room: name, identity: "ann" }],
  ]) {
    const { msg, ...answer } = await post(method, grant, body);
    assert.deepEqual(answer, refusal, method);
    assert.equal(msg, "permissions denied");
  }
  const created = await post("CreateRoom", { roomCreate: true }, { name, empty_timeout: 60 });
  assert.equal(created.status, 200, "snake case is understood");
  const unknown = await post("DoSomething", { roomCreate: true }, {});
  assert.deepEqual([unknown.status, unknown.code], [404, "bad_route"]);
  const malformed = await post("CreateRoom", { roomCreate: true }, "no object");
  assert.deepEqual([malformed.status, malformed.code], [400, "malformed"]);
  const nameless = await post("CreateRoom", { roomCreate: true }, {});
  assert.deepEqual([nameless.status, nameless.code], [400, "invalid_argument"]);
});

test("protobuf bodies as well as JSON", async () => {
  const token = new AccessToken(stage.api.key, stage.api.secret);
  token.addGrant({ roomCreate: true, roomList: true });
  const call = async (method, message) => {
    const answer = await fetch(`${stage.url}/twirp/livekit.RoomService/${method}`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${await token.toJwt()}`,
        "Content-Type": "application/protobuf",
      },
      body: message.toBinary(),
    });
    assert.deepEqual(
      [answer.status, answer.headers.get("content-type")],
      [200, "application/protobuf"],
    );
    return new Uint8Array(await answer.arrayBuffer());
  };
  const name = stage.room();
  const created = Room.fromBinary(
    await call("CreateRoom", new CreateRoomRequest({ name, metadata: "m" })),
  );
  assert.deepEqual([created.name, created.metadata], [name, "m"]);
  const { rooms } = ListRoomsResponse.fromBinary(
    await call("ListRooms", new ListRoomsRequest({ names: [name] })),
  );
  assert.deepEqual(
    rooms.map((room) => room.sid),
    [created.sid],
  );
});
