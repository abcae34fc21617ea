import { describe, expect, it } from "vitest";
import {
  bestWay,
  gradeOf,
  nothingYet,
  type Quality,
  type Results,
  steps,
  verdictOf,
} from "./results";

const leg = { kilobits: 900, loss: 0, jitterMs: 4 };
const quality: Quality = { way: "udp", seconds: 6, up: leg, down: leg, roundTripMs: 30 };
const works = { state: "works", pair: null, tookMs: 120 } as const;
const good: Results = {
  server: { roundTripMs: 12 },
  socket: "works",
  udp: works,
  tcp: { state: "not_offered" },
  tls: { state: "not_offered" },
  quality,
  devices: { problem: null, microphones: 1, cameras: 1 },
};
const blocked = { state: "blocked" } as const;

describe("verdictOf", () => {
  const code = (part: Partial<Results>) => {
    const { code, grade } = verdictOf({ ...good, ...part });
    return `${grade} ${code}`;
  };

  it("is good when all works", () => {
    expect(code({})).toBe("good good");
  });
  it("names first what keeps one out", () => {
    expect(code({ server: null })).toBe("bad no_server");
    expect(code({ server: { failure: "offline" } })).toBe("bad no_server");
    expect(code({ server: { failure: "server_overloaded" } })).toBe("fair no_test");
    expect(code({ server: { failure: "bad_request" } })).toBe("fair off");
    expect(code({ socket: "blocked", udp: null, quality: null })).toBe("bad no_socket");
    expect(code({ udp: blocked, quality: null })).toBe("bad no_media");
    expect(code({ quality: "failed" })).toBe("bad no_flow");
  });
  it("says which way is left", () => {
    expect(code({ udp: blocked, tcp: works })).toBe("fair only_tcp");
    expect(code({ udp: blocked, tcp: blocked, tls: works })).toBe("fair only_tls");
  });
  it("calls a line weak beyond each limit, and not at it", () => {
    expect(code({ quality: { ...quality, up: { ...leg, loss: 0.03 } } })).toBe("good good");
    expect(code({ quality: { ...quality, up: { ...leg, loss: 0.031 } } })).toBe("fair weak");
    expect(code({ quality: { ...quality, down: { ...leg, jitterMs: 51 } } })).toBe("fair weak");
    expect(code({ quality: { ...quality, down: { ...leg, kilobits: 299 } } })).toBe("fair weak");
    expect(code({ quality: { ...quality, roundTripMs: 301 } })).toBe("fair weak");
    const unknown = { kilobits: 900, loss: null, jitterMs: null };
    expect(code({ quality: { ...quality, up: unknown, roundTripMs: null } })).toBe("good good");
  });
  it("mentions a microphone that did not answer when the line is well", () => {
    const devices = { problem: null, microphones: 0, cameras: 1 };
    expect(code({ devices })).toBe("fair no_microphone");
    expect(code({ devices: { ...devices, problem: "denied" } })).toBe("fair no_microphone");
    expect(code({ devices, quality: { ...quality, roundTripMs: 900 } })).toBe("fair weak");
  });
});

describe("gradeOf", () => {
  it("is none for what was not tried", () => {
    for (const step of steps) expect(gradeOf(step, nothingYet), step).toBe("none");
  });
  it("takes a blocked way lightly while another works", () => {
    expect(gradeOf("udp", { ...good, udp: blocked, tcp: works })).toBe("fair");
    expect(gradeOf("udp", { ...good, udp: blocked })).toBe("bad");
    expect(gradeOf("tcp", { ...good, tcp: blocked })).toBe("fair");
    expect(gradeOf("tcp", good)).toBe("none");
  });
});

describe("bestWay", () => {
  it("prefers UDP, then TCP, then the relay", () => {
    expect(bestWay({ ...good, tcp: works, tls: works })).toBe("udp");
    expect(bestWay({ ...good, udp: blocked, tcp: works, tls: works })).toBe("tcp");
    expect(bestWay({ ...good, udp: blocked, tls: works })).toBe("tls");
    expect(bestWay(nothingYet)).toBe(null);
  });
});
