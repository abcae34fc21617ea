// A line of the connection test through the media library, by one way alone.
import { Room, RoomEvent, Track } from "livekit-client";
import type { Report } from "./figures";
import type { Pattern } from "./pattern";
import type { Way } from "./results";
import { holdTo, type Offered } from "./ways";

export interface Line {
  report(): Promise<Report>;
  publish(pattern: Pattern): Promise<void>;
  close(): Promise<void>;
}

/** `line` is null when no connection came about. */
interface Attempt {
  line: Line | null;
  isSignalled: boolean;
  offered: Offered;
}

export type OpenLine = (token: string, way: Way, onSignalled?: () => void) => Promise<Attempt>;

// Long enough for a handshake that loses a packet or three; whoever waits is told what is tried.
const connectedWithinMs = 8000;
// What an ordinary camera is sent with.
const videoBits = 1_200_000;
const framesPerSecond = 24;

export const openLine: OpenLine = async (token, way, onSignalled) => {
  const offered: Offered = { udp: false, tcp: false, tls: false };
  const connections: RTCPeerConnection[] = [];
  const release = holdTo(way, offered, (pc) => connections.push(pc));
  const room = new Room({ adaptiveStream: false, dynacast: false });
  let isSignalled = false;
  room.on(RoomEvent.SignalConnected, () => {
    isSignalled = true;
    onSignalled?.();
  });
  try {
    await room.connect(location.origin.replace(/^http/, "ws"), token, {
      maxRetries: 0,
      peerConnectionTimeout: connectedWithinMs,
      websocketTimeout: connectedWithinMs,
      rtcConfig: { iceTransportPolicy: way === "tls" ? "relay" : "all" },
    });
  } catch {
    await room.disconnect().catch(() => {});
    return { line: null, isSignalled, offered };
  } finally {
    release();
  }
  return { line: lineOf(room, connections), isSignalled, offered };
};

function lineOf(room: Room, connections: RTCPeerConnection[]): Line {
  return {
    async report() {
      const reports = await Promise.all(connections.map((pc) => pc.getStats()));
      return new Map(reports.flatMap((report) => [...report.entries()]));
    },
    async publish({ video, audio }) {
      await room.localParticipant.publishTrack(video, {
        source: Track.Source.Camera,
        videoCodec: "vp8",
        simulcast: false,
        videoEncoding: { maxBitrate: videoBits, maxFramerate: framesPerSecond },
      });
      await room.localParticipant.publishTrack(audio, {
        source: Track.Source.Microphone,
        dtx: false,
        red: false,
      });
    },
    async close() {
      await room.disconnect();
    },
  };
}
