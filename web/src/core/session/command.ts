import type { Source } from "../meeting/live";
import type { CallMemory, Preferences } from "./memory";
import type { Sound } from "./sounds";
import type { Background, CaptureKind, DeviceKind, Noise } from "./state";

/** Orders to the media engine. */
export type MediaCommand =
  | { type: "list_devices" }
  /** Holds for what is open and what will be. */
  | { type: "effects"; background: Background; noise: Noise }
  | {
      type: "capture";
      kinds: CaptureKind[];
      on: boolean;
      deviceIds: Partial<Record<DeviceKind, string | null>>;
    }
  /** Publishes what is previewed, or closes it for whoever only watches. */
  | { type: "connect"; token: string; speakerId: string | null; publish: boolean }
  /** Nothing of one's own is sent any more, and no device stays open. */
  | { type: "release" }
  | { type: "disconnect" }
  | { type: "select_device"; kind: DeviceKind; id: string }
  | { type: "share"; on: boolean }
  /** Holds for every picture that is there or comes, until it is said otherwise. */
  | { type: "receive_video"; on: boolean }
  | { type: "start_audio" };

/** Orders to everything else. */
export type SessionCommand =
  | MediaCommand
  | {
      type: "join";
      meetingId: string;
      name: string;
      rejoin: string | null;
      invitation: string | null;
      /** Come in before the break is over; with a reason where the rule asks for one. */
      insist: boolean;
      emergency: string | null;
    }
  /** On the meeting socket. */
  | { type: "live_open"; rejoin: string }
  | { type: "live_renew" }
  | { type: "live_leave" }
  | { type: "live_close"; afterMs: number }
  | { type: "resume"; source: Source }
  | { type: "remember"; meetingId: string; memory: CallMemory }
  | { type: "forget"; meetingId: string }
  | { type: "prefer"; preferences: Preferences }
  | { type: "retry_after"; delayMs: number }
  /** On this machine's clock. */
  | { type: "rest_until"; at: number }
  | { type: "sound"; sound: Sound; speakerId: string | null }
  | { type: "expire_notice"; id: number; delayMs: number }
  | { type: "expire_reaction"; id: number; delayMs: number };
