import type { Admission } from "../api/client";
import type { FailureCode } from "../problem";
import type { CallMemory, Preferences } from "./memory";
import type {
  CaptureKind,
  Connection,
  Device,
  DeviceKind,
  DeviceProblem,
  EndReason,
  Person,
} from "./state";

/** What a person does. */
type UserEvent =
  | { type: "opened"; preferences: Preferences; memory: CallMemory | null }
  | { type: "join_asked"; name: string }
  | { type: "rejoin_asked" }
  | { type: "leave_asked" }
  | { type: "capture_toggled"; kind: CaptureKind }
  | { type: "devices_retried" }
  | { type: "device_chosen"; kind: DeviceKind; id: string }
  | { type: "share_toggled" }
  | { type: "audio_asked" };

/** What the media engine reports. */
export type MediaEvent =
  | { type: "connected"; people: Person[] }
  | { type: "connect_failed" }
  | { type: "people_changed"; people: Person[] }
  | { type: "connection_changed"; connection: Connection }
  | { type: "disconnected"; reason: EndReason }
  | { type: "captured"; kind: CaptureKind; on: boolean; deviceId: string | null }
  | { type: "capture_failed"; kind: CaptureKind; problem: DeviceProblem }
  | { type: "muted_by_server"; kind: CaptureKind }
  | { type: "share_changed"; on: boolean }
  | { type: "share_failed" }
  | { type: "devices_listed"; devices: Record<DeviceKind, Device[]> }
  | { type: "audio_blocked"; blocked: boolean }
  | { type: "talked_while_muted" };

/** What the server's API and the clock answer. */
type ServerEvent =
  | { type: "admitted"; admission: Admission }
  | { type: "refused"; code: FailureCode }
  | { type: "retry_due" }
  | { type: "notice_expired"; id: number };

export type SessionEvent = UserEvent | MediaEvent | ServerEvent;
