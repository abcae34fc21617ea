import type { Admission } from "../api/client";
import type { BackgroundStatus } from "../effects/background";
import type { Source } from "../meeting/live";
import type { LiveEvent } from "../meeting/socket";
import type { FailureCode, Rest } from "../problem";
import type { Layout, Pin } from "../stage";
import type { CallMemory, Preferences, Switch } from "./memory";
import type {
  Background,
  CaptureKind,
  Connection,
  Device,
  DeviceKind,
  DeviceProblem,
  EndReason,
  Noise,
  Person,
} from "./state";

/** What a person does. */
type UserEvent =
  | {
      type: "opened";
      preferences: Preferences;
      memory: CallMemory | null;
      invitation?: string | null;
    }
  | { type: "join_asked"; name: string }
  | { type: "rejoin_asked" }
  | { type: "leave_asked" }
  | { type: "capture_toggled"; kind: CaptureKind }
  | { type: "devices_retried" }
  | { type: "device_chosen"; kind: DeviceKind; id: string }
  | { type: "share_toggled" }
  | { type: "layout_chosen"; layout: Layout }
  | { type: "pin_toggled"; pin: Pin }
  | { type: "audio_only_toggled" }
  | { type: "background_chosen"; background: Background }
  | { type: "noise_chosen"; noise: Noise }
  | { type: "switched"; what: Switch; on: boolean }
  | { type: "talk_key"; held: boolean }
  | { type: "silence_dismissed" }
  | { type: "offer_answered"; take: boolean }
  /** Where the rule demands a reason, with one. */
  | { type: "break_skipped"; emergency: string | null }
  | { type: "chat_shown"; shown: boolean }
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
  | { type: "device_used"; kind: CaptureKind; id: string }
  | { type: "devices_listed"; devices: Record<DeviceKind, Device[]> }
  | { type: "audio_blocked"; blocked: boolean }
  | { type: "talked_while_muted" }
  | { type: "background_changed"; status: BackgroundStatus }
  | { type: "noise_failed" }
  | { type: "silence_changed"; silent: boolean };

/** What the server's API and the clock answer. */
type ServerEvent =
  | { type: "admitted"; admission: Admission }
  | { type: "refused"; code: FailureCode; rest?: Rest | null; retryAfterMs?: number | null }
  | { type: "retry_due" }
  | LiveEvent
  | { type: "resumed"; source: Source }
  | { type: "order_refused"; code: FailureCode }
  | { type: "turn_over" }
  | { type: "reaction_expired"; id: number }
  | { type: "notice_expired"; id: number };

export type SessionEvent = UserEvent | MediaEvent | ServerEvent;
