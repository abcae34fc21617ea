// Coming in and being turned away, by bare signalling on both paths: LiveKit's own integration scenarios.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  AddTrackRequest,
  DisconnectReason,
  LeaveRequest_Action,
  Ping,
  TrackSource,
  TrackType,
} from "@livekit/protocol";
import { AccessToken } from "livekit-server-sdk";
import { eventually } from "../e2e/lib/wait.mjs";
import { patience } from "./lib/native.mjs";
import { address, Signal } from "./lib/signal.mjs";
import { paths, Stage } from "./lib/stage.mjs";

let stage;
before(async () => {
  stage = await Stage.open("sessions");
});
after(() => stage?.close());

for (const path of paths) {
  const join = async (room, identity, options) => {
    const signal = await Signal.open(stage, path, await stage.token(room, identity), options);
    if (!(signal instanceof Signal)) throw new Error(`refused: ${signal.status} ${signal.text}`);
    return signal;
  };

  describe(`signalling ${path}`, { concurrency: 4 }, () => {
    test("the token in the query or in the header", async () => {
      const token = await stage.token(stage.room(), "ann");
      const headers = { Authorization: `Bearer ${token}` };
      for (const signal of [
        await Signal.open(stage, path, token),
        await Signal.open(stage, path, null, { headers }),
      ]) {
        const join = await signal.answer("join");
        assert.equal(join.participant.identity, "ann");
        assert.equal(signal.answers[0].case, "join", "something came before join");
        assert.ok(join.pingInterval > 0 && join.pingTimeout > join.pingInterval);
        signal.close();
      }
    });

    test("refused tokens, at the door and by validate", async () => {
      const room = stage.room();
      const signed = (key, secret, options, grant) => {
        const token = new AccessToken(key, secret, options);
        token.addGrant({ roomJoin: true, room, ...grant });
        return token.toJwt();
      };
      const { key, secret } = stage.api;
      const ann = { identity: "ann" };
      for (const [what, status, token] of [
        ["none", 401, null],
        ["nonsense", 401, "nonsense"],
        ["with another secret", 401, await signed(key, "another", ann)],
        ["of an unknown key", 401, await signed("APIunknown", secret, ann)],
        ["expired", 401, await signed(key, secret, { ...ann, ttl: -120 })],
        ["that may not join", 401, await signed(key, secret, ann, { roomJoin: false })],
        ["without a room", 400, await signed(key, secret, ann, { room: undefined })],
        ["without an identity", 400, await signed(key, secret, {}).catch(() => identityless(room))],
        ["with a name too long", 400, await signed(key, secret, { identity: "x".repeat(257) })],
      ]) {
        const refusal = await Signal.open(stage, path, token);
        assert.equal(refusal.status, status, `a token ${what}`);
        const validation = await fetch(address(stage, path, token, { isValidation: true }));
        assert.equal(validation.status, status, `validate a token ${what}`);
        assert.equal(validation.headers.get("access-control-allow-origin"), "*");
      }
      const token = await stage.token(room, "ann");
      const validation = await fetch(address(stage, path, token, { isValidation: true }));
      assert.deepEqual([validation.status, await validation.text()], [200, "success"]);
    });

    test("the same identity again: the former is told and closed", async () => {
      const room = stage.room();
      const first = await join(room, "ann");
      await first.answer("join");
      const second = await join(room, "ann");
      await second.answer("join");
      const { reason, action } = await first.answer("leave");
      assert.deepEqual(
        [reason, action],
        [DisconnectReason.DUPLICATE_IDENTITY, LeaveRequest_Action.DISCONNECT],
      );
      await eventually("it is closed", () => first.closed, patience);
      second.close();
    });

    test("resuming what is not there means joining anew", async () => {
      const signal = await join(stage.room(), "ghost", { resumes: true });
      const { reason, action } = await signal.answer("leave");
      assert.deepEqual(
        [reason, action],
        [DisconnectReason.STATE_MISMATCH, LeaveRequest_Action.RECONNECT],
      );
      assert.equal(signal.answers[0].case, "leave");
      signal.close();
    });

    test("pings are answered, a token is refreshed", async () => {
      const signal = await join(stage.room(), "ann");
      await signal.answer("join");
      signal.send({ case: "ping", value: 1n });
      signal.send({ case: "pingReq", value: new Ping({ timestamp: 4711n, rtt: 5n }) });
      assert.equal((await signal.answer("pongResp")).lastPingTimestamp, 4711n);
      await signal.answer("pong");
      const fresh = await signal.answer("refreshToken");
      const again = await Signal.open(stage, path, fresh);
      assert.equal((await again.answer("join")).participant.identity, "ann");
      again.close();
      signal.close();
    });

    test("a codec that nobody knows becomes one that is", async () => {
      const signal = await join(stage.room(), "ann");
      await signal.answer("join");
      signal.send({
        case: "addTrack",
        value: new AddTrackRequest({
          cid: "camera",
          type: TrackType.VIDEO,
          source: TrackSource.CAMERA,
          simulcastCodecs: [{ codec: "h999", cid: "camera" }],
        }),
      });
      const { cid, track } = await signal.answer("trackPublished");
      assert.equal(cid, "camera");
      assert.match(track.sid, /^TR_VC/);
      assert.equal(track.codecs[0].mimeType.toLowerCase(), "video/vp8");
      signal.close();
    });

    test("a message too large closes the socket, and the server goes on", async () => {
      const room = stage.room();
      const signal = await join(room, "ann");
      await signal.answer("join");
      const metadata = "x".repeat(2 * 1024 * 1024 + 1);
      signal.send({ case: "updateMetadata", value: { metadata, name: "", attributes: {} } });
      await eventually("it is closed", () => signal.closed, patience);
      assert.equal(signal.closed, 1009);
      const next = await join(room, "ben");
      await next.answer("join");
      next.close();
    });

    test("a message of nonsense hurts nobody else", async () => {
      const room = stage.room();
      const ann = await join(room, "ann");
      const ben = await join(room, "ben");
      await Promise.all([ann.answer("join"), ben.answer("join")]);
      ann.socket.send(Buffer.from("ffffffffffffffffffff", "hex"));
      ben.send({ case: "pingReq", value: new Ping({ timestamp: 1n }) });
      await ben.answer("pongResp");
      ann.close();
      ben.close();
    });
  });
}

/** The SDK refuses to make such a token; others do not. */
async function identityless(room) {
  const { createHmac } = await import("node:crypto");
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 600;
  const claims = { iss: stage.api.key, exp, video: { roomJoin: true, room } };
  const head = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  const signature = createHmac("sha256", stage.api.secret).update(head).digest("base64url");
  return `${head}.${signature}`;
}
