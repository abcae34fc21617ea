// The media library, told by us when its network is gone.
import type { Room } from "livekit-client";
import { type Connection, watchPulse } from "./pulse";
import type { Retries } from "./retries";

/** The room's one connection, and its signalling. */
function connectionOf(room: Room, retries: Retries): Connection {
  let roundTripMs = 0;
  const connection = () => room.engine.pcManager?.publisher;
  return {
    async bytesReceived() {
      const report = await connection()?.getStats();
      if (!report) return null;
      let bytes = 0;
      report.forEach(({ type, bytesReceived }) => {
        if (type === "candidate-pair") bytes += bytesReceived ?? 0;
      });
      return bytes;
    },
    isDisconnected: () => connection()?.getICEConnectionState() === "disconnected",
    isSettled: () => room.state === "connected",
    async answers(withinMs) {
      const { client } = room.engine;
      // The answer to a ping overwrites it; what is not positive the server overlooks.
      client.rtt = -1;
      void client.sendPing().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, withinMs));
      if (client.rtt >= 0) roundTripMs = client.rtt;
      return client.rtt >= 0;
    },
    // The library resumes where its signalling ends: it opens another one and restarts ICE, and the seat stays.
    // Left alone it would take its pings fifteen seconds to find out.
    repair() {
      retries.alone();
      void room.simulateScenario("signal-reconnect").catch(() => {});
    },
    redial() {
      const { ws } = room.engine.client;
      if (ws?.readyState !== WebSocket.CONNECTING) return;
      retries.alone();
      ws.close();
    },
    roundTripMs: () => Math.max(roundTripMs, room.engine.client.rtt),
  };
}

/** Returns the function that stops. */
export function repairWhenCut(room: Room, retries: Retries): () => void {
  return watchPulse(connectionOf(room, retries));
}
