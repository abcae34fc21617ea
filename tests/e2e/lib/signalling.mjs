// A LiveKit client's signalling by hand: what no client of good will sends.
import { once } from "node:events";
import { JoinRequest, WrappedJoinRequest } from "@livekit/protocol";
import WebSocket from "ws";

export function joinRequest(fields = {}) {
  const wrapped = new WrappedJoinRequest({ joinRequest: new JoinRequest(fields).toBinary() });
  return Buffer.from(wrapped.toBinary()).toString("base64url");
}

/** Enough for the door to look at the token. */
export const emptyJoin = "EgA=";

export function dial(server, token, join = emptyJoin) {
  const query = new URLSearchParams({ access_token: token, join_request: join });
  return new WebSocket(`${server.plainUrl.replace("http", "ws")}/rtc/v1?${query}`);
}

/** The status that answers the wish for a WebSocket: 101 when it was granted. */
export async function upgradeStatus(socket) {
  const status = await Promise.race([
    once(socket, "unexpected-response").then(([, response]) => response.statusCode),
    once(socket, "open").then(() => 101),
  ]);
  socket.on("error", () => {});
  socket.terminate();
  return status;
}
