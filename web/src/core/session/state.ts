import type { FailureCode } from "../problem";

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
  | { kind: "muted_by_server" | "share_failed" | "talking_while_muted" | "restored" };

type Phase = "lobby" | "joining" | "live" | "returning" | "ended";
export type Connection = "steady" | "poor" | "reconnecting";

export type EndReason =
  | "left"
  | "duplicate"
  | "removed"
  | "meeting_over"
  | "server_stopped"
  | "connection_lost";

export interface SessionState {
  meetingId: string;
  phase: Phase;
  name: string;
  rejoin: string | null;
  /** In the meeting, or on the way back into it: a failure that may pass is then waited out. */
  isInside: boolean;
  microphone: Capture;
  camera: Capture;
  sharing: boolean;
  devices: Record<DeviceKind, Device[]>;
  chosen: Record<DeviceKind, string | null>;
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

const resting: Capture = { wanted: true, status: "off", problem: null };

export function initialSession(meetingId: string): SessionState {
  return {
    meetingId,
    phase: "lobby",
    name: "",
    rejoin: null,
    isInside: false,
    microphone: resting,
    camera: resting,
    sharing: false,
    devices: { microphone: [], camera: [], speaker: [] },
    chosen: { microphone: null, camera: null, speaker: null },
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
