import type { Backdrop } from "../effects/backdrop";
import type { BackgroundStatus } from "../effects/background";
import type { FloorMode, Reaction, Role, Source, WaitingReason } from "../meeting/live";
import type { MeetingState } from "../meeting/state";
import type { FailureCode, Rest } from "../problem";
import type { Layout, Pin } from "../stage";

/** What others see behind one. */
export type Background = "none" | Backdrop;
export const backgrounds: readonly Background[] = ["none", "blur", "plain"];
/** Who takes noise out of one's sound: the browser, the stronger filter of this page, or nobody. */
export type Noise = "browser" | "strong" | "none";
export const noises: readonly Noise[] = ["browser", "strong", "none"];

/** What captures sound or image here, and what can be chosen from a list. */
export type CaptureKind = "microphone" | "camera";
export type DeviceKind = CaptureKind | "speaker";

export type DeviceProblem = "denied" | "missing" | "busy" | "insecure" | "failed";

export interface Device {
  id: string;
  label: string;
}

/** `wanted` is the person's choice and survives what the device, the network or a reload does. */
export interface Capture {
  wanted: boolean;
  status: "off" | "starting" | "on";
  problem: DeviceProblem | null;
}

export interface Person {
  identity: string;
  name: string;
  kind: "agent" | "guest";
  isLocal: boolean;
  microphone: boolean;
  /** Changes whenever another track has to be shown; null when there is none. */
  camera: string | null;
  screen: string | null;
  /** Shows a screen, whether or not it is received here. */
  sharing: boolean;
  speaking: boolean;
  lastSpokeAt: number;
  quality: "good" | "poor" | "lost";
}

export type Notice = { id: number } & NoticeBody;
export type NoticeBody =
  | { kind: "joined" | "left"; name: string }
  | { kind: "sharing" | "sharing_ended"; name: string }
  | { kind: "device_lost" | "device_missing"; device: DeviceKind }
  | { kind: "capture_failed"; device: CaptureKind; problem: DeviceProblem }
  | { kind: "muted_by_server" | "share_failed" | "talking_while_muted" | "restored" }
  | { kind: "pinned" | "unpinned"; name: string }
  | { kind: "layout"; layout: Layout }
  | { kind: "noise_failed" | "background_slow" }
  | { kind: "audio_only" | "pictures_again" | "audio_only_first" }
  | MeetingNotice;

/** What the meeting socket tells of. */
type MeetingNotice =
  | {
      kind: "hand_raised" | "floor_given" | "chair_is" | "lobby_waits" | "question_asked";
      name: string;
    }
  | { kind: "hand_position"; position: number }
  | { kind: "hand_lowered" | "floor_yours" | "floor_lost" | "turn_over" | "let_in" }
  | { kind: "stopped" | "blocked" | "allowed" | "ask_first"; source: Source }
  | { kind: "watching_only" }
  | { kind: "role"; role: Role }
  | { kind: "floor_mode"; mode: FloorMode }
  | { kind: "time_left" | "extended"; minutes: number }
  | { kind: "grace" | "paused" | "continued" | "suspended" | "chaired_again" | "live_began" }
  | { kind: "time_asked"; name: string; minutes: number }
  | { kind: "vote_called"; minutes: number }
  | { kind: "vote_carried" | "vote_rejected"; yes: number; no: number }
  | { kind: "motion_withdrawn" }
  | { kind: "agenda_item"; title: string }
  | { kind: "message"; name: string; isPrivate: boolean }
  | { kind: "locked" | "unlocked" }
  | { kind: "order_refused"; code: FailureCode };

interface ShownReaction {
  id: number;
  name: string;
  reaction: Reaction;
}

/**
 * lobby - the page before the meeting. waiting - at the door, told nothing but why. resting - the break before
 * the next meeting.
 */
type Phase = "lobby" | "joining" | "waiting" | "resting" | "live" | "returning" | "ended";
export type Connection = "steady" | "poor" | "reconnecting";

export type EndReason =
  | "left"
  | "duplicate"
  | "removed"
  | "meeting_over"
  | "server_stopped"
  | "connection_lost"
  | "refused"
  | "banned"
  | "closed"
  | "time"
  | "abandoned"
  | "signed_out";

export interface SessionState {
  meetingId: string;
  phase: Phase;
  name: string;
  rejoin: string | null;
  /** Of a personal link; it opens the door once. */
  invitation: string | null;
  /** Of the media plane, for whoever is let in. */
  token: string | null;
  isConnecting: boolean;
  /** Null for whoever is not let in. */
  meeting: MeetingState | null;
  /** The meeting socket is open. */
  isTold: boolean;
  waiting: WaitingReason | null;
  rest: Rest | null;
  reactions: ShownReaction[];
  isChatShown: boolean;
  /** The number of the last message that was read. */
  chatRead: number;
  /** In the meeting, or on the way back into it: a failure that may pass is then waited out. */
  isInside: boolean;
  microphone: Capture;
  camera: Capture;
  sharing: boolean;
  layout: Layout;
  pinned: Pin | null;
  /** Whom the layout with one large picture shows. */
  speaker: string | null;
  /** No picture is received, and none of one's own is sent, whatever was wanted of the camera. */
  audioOnly: boolean;
  pushToTalk: boolean;
  letterKeys: boolean;
  sounds: boolean;
  background: Background;
  /** Null: there is none, or no camera that needs it. */
  backgroundStatus: BackgroundStatus | null;
  noise: Noise;
  /** The key is held: the microphone is open although it is not wanted. */
  isTalking: boolean;
  /** It was said once since the microphone was last turned off. */
  isMuteTold: boolean;
  /** The microphone is open and nothing at all comes from it. */
  silence: "none" | "told" | "dismissed";
  devices: Record<DeviceKind, Device[]>;
  chosen: Record<DeviceKind, string | null>;
  /** Plugged in during the call, and neither taken nor declined. */
  offered: Offer;
  connection: Connection;
  people: Person[];
  audioBlocked: boolean;
  notices: Notice[];
  nextNotice: number;
  /** Why the last attempt to join was refused. */
  refusal: FailureCode | null;
  ended: EndReason | null;
  /** Attempts made to come back after the connection was lost for good. */
  attempt: number;
}

/** One headset is a microphone and a speaker. */
export type Offer = Partial<Record<DeviceKind, Device>>;

const resting: Capture = { wanted: true, status: "off", problem: null };

export function initialSession(meetingId: string): SessionState {
  return {
    meetingId,
    phase: "lobby",
    name: "",
    rejoin: null,
    invitation: null,
    token: null,
    isConnecting: false,
    meeting: null,
    isTold: false,
    waiting: null,
    rest: null,
    reactions: [],
    isChatShown: false,
    chatRead: 0,
    isInside: false,
    microphone: resting,
    camera: resting,
    sharing: false,
    layout: "auto",
    pinned: null,
    speaker: null,
    audioOnly: false,
    pushToTalk: true,
    letterKeys: true,
    sounds: true,
    background: "none",
    backgroundStatus: null,
    noise: "browser",
    isTalking: false,
    isMuteTold: false,
    silence: "none",
    devices: { microphone: [], camera: [], speaker: [] },
    chosen: { microphone: null, camera: null, speaker: null },
    offered: {},
    connection: "steady",
    people: [],
    audioBlocked: false,
    notices: [],
    nextNotice: 1,
    refusal: null,
    ended: null,
    attempt: 0,
  };
}
