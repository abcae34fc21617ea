import type { CallMemory, Preferences } from "./memory";
import type { CaptureKind, DeviceKind } from "./state";

/** Orders to the media engine. */
export type MediaCommand =
  | { type: "list_devices" }
  | {
      type: "capture";
      kinds: CaptureKind[];
      on: boolean;
      deviceIds: Partial<Record<DeviceKind, string | null>>;
    }
  | { type: "connect"; token: string; speakerId: string | null }
  | { type: "disconnect" }
  | { type: "select_device"; kind: DeviceKind; id: string }
  | { type: "share"; on: boolean }
  | { type: "start_audio" };

/** Orders to everything else. */
export type SessionCommand =
  | MediaCommand
  | { type: "join"; meetingId: string; name: string; rejoin: string | null }
  | { type: "remember"; meetingId: string; memory: CallMemory }
  | { type: "forget"; meetingId: string }
  | { type: "prefer"; preferences: Preferences }
  | { type: "retry_after"; delayMs: number }
  | { type: "expire_notice"; id: number; delayMs: number };
