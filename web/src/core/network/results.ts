import type { FailureCode } from "../problem";
import type { DeviceProblem } from "../session/state";

/** How sound and pictures may reach the server. */
export type Way = "udp" | "tcp" | "tls";
export const ways: readonly Way[] = ["udp", "tcp", "tls"];

export type Step = "server" | "socket" | Way | "quality" | "devices";
export const steps: readonly Step[] = ["server", "socket", ...ways, "quality", "devices"];

/** The two ends that a connection settled on. */
export interface Pair {
  /** What this browser sends by: udp or tcp, and by a relay over what. */
  protocol: string;
  local: string;
  remote: string;
  /** The server's. Our own are nobody's business. */
  address: string;
  isIpv6: boolean;
}

type WayResult =
  | { state: "works"; pair: Pair | null; tookMs: number }
  | { state: "blocked" }
  | { state: "not_offered" };

/** One direction. Nothing where the browser does not say. */
export interface Leg {
  kilobits: number;
  /** Of 1. */
  loss: number | null;
  jitterMs: number | null;
}

export interface Quality {
  way: Way;
  seconds: number;
  up: Leg;
  down: Leg;
  roundTripMs: number | null;
}

export interface Devices {
  problem: DeviceProblem | null;
  microphones: number;
  cameras: number;
}

/** Null: not tried, or not yet. */
export interface Results {
  server: { roundTripMs: number } | { failure: FailureCode } | null;
  socket: "works" | "blocked" | null;
  udp: WayResult | null;
  tcp: WayResult | null;
  tls: WayResult | null;
  quality: Quality | "failed" | null;
  devices: Devices | null;
}

export const nothingYet: Results = {
  server: null,
  socket: null,
  udp: null,
  tcp: null,
  tls: null,
  quality: null,
  devices: null,
};

export type Grade = "good" | "fair" | "bad" | "none";

// A call begins to suffer beyond these: speech is repaired up to a few percent of loss, talk over each other begins at
// a quarter of a second there and back, and one small picture with sound takes 300 kbit/s.
const most = { loss: 0.03, jitterMs: 50, roundTripMs: 300 };
const leastKilobits = 300;

function isWeakLeg({ kilobits, loss, jitterMs }: Leg): boolean {
  return kilobits < leastKilobits || (loss ?? 0) > most.loss || (jitterMs ?? 0) > most.jitterMs;
}

function isWeak({ up, down, roundTripMs }: Quality): boolean {
  return isWeakLeg(up) || isWeakLeg(down) || (roundTripMs ?? 0) > most.roundTripMs;
}

function gradeOfWay(step: Way, results: Results): Grade {
  const result = results[step];
  if (result === null || result.state === "not_offered") return "none";
  if (result.state === "works") return "good";
  return step === "udp" && bestWay(results) === null ? "bad" : "fair";
}

/** None: not tried, or there was nothing to try. */
export function gradeOf(step: Step, results: Results): Grade {
  switch (step) {
    case "server":
      if (results.server === null) return "none";
      return "failure" in results.server ? "bad" : "good";
    case "socket":
      if (results.socket === null) return "none";
      return results.socket === "works" ? "good" : "bad";
    case "quality":
      if (results.quality === null) return "none";
      if (results.quality === "failed") return "bad";
      return isWeak(results.quality) ? "fair" : "good";
    case "devices": {
      if (results.devices === null) return "none";
      const { problem, microphones, cameras } = results.devices;
      return problem === null && microphones > 0 && cameras > 0 ? "good" : "fair";
    }
    default:
      return gradeOfWay(step, results);
  }
}

/** The first that works: UDP waits for nothing that was lost, a relay is one more machine on the way. */
export function bestWay(results: Results): Way | null {
  return ways.find((way) => results[way]?.state === "works") ?? null;
}

/** A server without tests does not know the question. */
export function isOff(failure: FailureCode): boolean {
  return failure === "bad_request" || failure === "meeting_not_found";
}

type VerdictCode =
  | "good"
  | "no_microphone"
  | "weak"
  | "only_tcp"
  | "only_tls"
  | "no_flow"
  | "no_media"
  | "no_socket"
  | "no_server"
  | "no_test"
  | "off";

export interface Verdict {
  code: VerdictCode;
  grade: Exclude<Grade, "none">;
}

/** The one thing to say first: what keeps a call from being held, else what makes it suffer. */
export function verdictOf(results: Results): Verdict {
  const { server, socket, quality, devices } = results;
  if (server === null) return { code: "no_server", grade: "bad" };
  // Nothing is known of the line where the server gives no room to test it in.
  if ("failure" in server) {
    if (server.failure === "offline") return { code: "no_server", grade: "bad" };
    return { code: isOff(server.failure) ? "off" : "no_test", grade: "fair" };
  }
  if (socket === "blocked") return { code: "no_socket", grade: "bad" };
  const way = bestWay(results);
  if (way === null) return { code: "no_media", grade: "bad" };
  if (quality === "failed") return { code: "no_flow", grade: "bad" };
  if (quality !== null && isWeak(quality)) return { code: "weak", grade: "fair" };
  if (way !== "udp") return { code: `only_${way}`, grade: "fair" };
  if (devices !== null && (devices.problem !== null || devices.microphones === 0))
    return { code: "no_microphone", grade: "fair" };
  return { code: "good", grade: "good" };
}
