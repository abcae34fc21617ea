import { describe, expect, it } from "vitest";
import { ApiFailure } from "../problem";
import type { Report } from "./figures";
import type { OpenLine } from "./line";
import type { Way } from "./results";
import { createNetworkTester, type World } from "./run";

type Fate = "works" | "blocked" | "unsignalled";

/** A server and a network of one's choice; time passes only while somebody sleeps. */
function world({
  fate = { udp: "works", tcp: "works", tls: "works" } as Record<Way, Fate>,
  offered = { udp: true, tcp: true, tls: true },
  isSilent = false,
  networkTest = async () => ({ sender: "S", receiver: "R", lasts: 60_000 }),
} = {}) {
  let time = 0;
  const log: string[] = [];
  let open = 0;
  const openLine: OpenLine = async (token, way, onSignalled) => {
    log.push(`${token} ${way}`);
    if (fate[way] === "unsignalled") return { line: null, isSignalled: false, offered };
    onSignalled?.();
    if (fate[way] === "blocked") return { line: null, isSignalled: true, offered };
    open++;
    const report = async (): Promise<Report> => {
      const bytes = isSilent ? 0 : time * 100;
      const packets = time;
      return new Map([
        ["O", { type: "outbound-rtp", bytesSent: bytes, packetsSent: packets }],
        ["I", { type: "inbound-rtp", bytesReceived: bytes, packetsReceived: packets }],
      ]);
    };
    const line = {
      report,
      publish: async () => void log.push("publish"),
      close: async () => {
        open--;
      },
    };
    return { line, isSignalled: true, offered };
  };
  const given: World = {
    api: {
      networkTest,
      ping: async () => {
        time += 15;
      },
    },
    openLine,
    startPattern: () => ({
      video: {} as MediaStreamTrack,
      audio: {} as MediaStreamTrack,
      stop: () => log.push("stop"),
    }),
    now: () => time,
    sleep: async (ms) => {
      time += ms;
    },
    askForDevices: async () => ({ problem: null, microphones: 1, cameras: 1 }),
  };
  return { given, log, open: () => open };
}

describe("createNetworkTester", () => {
  it("tries every way and measures by the best", async () => {
    const { given, log, open } = world();
    const tester = createNetworkTester(given);
    await tester.start();
    const { phase, step, results } = tester.store.get();
    expect([phase, step]).toEqual(["done", null]);
    expect(log).toEqual(["S udp", "S tcp", "S tls", "R udp", "S udp", "publish", "stop"]);
    expect(results.server).toEqual({ roundTripMs: 15 });
    expect(results.socket).toBe("works");
    expect(results.quality).toMatchObject({ way: "udp", seconds: 6, up: { kilobits: 800 } });
    expect(results.devices).toEqual({ problem: null, microphones: 1, cameras: 1 });
    expect(open()).toBe(0);
  });
  it("does not try what is not offered", async () => {
    const { given, log } = world({ offered: { udp: true, tcp: false, tls: false } });
    const tester = createNetworkTester(given);
    await tester.start();
    expect(log).toEqual(["S udp", "R udp", "S udp", "publish", "stop"]);
    expect(tester.store.get().results.tcp).toEqual({ state: "not_offered" });
    expect(tester.store.get().results.tls).toEqual({ state: "not_offered" });
  });
  it("goes on where UDP is blocked", async () => {
    const { given } = world({ fate: { udp: "blocked", tcp: "works", tls: "works" } });
    const tester = createNetworkTester(given);
    await tester.start();
    const { results } = tester.store.get();
    expect(results.udp).toEqual({ state: "blocked" });
    expect(results.quality).toMatchObject({ way: "tcp" });
  });
  it("ends with the line, and still asks for the devices", async () => {
    const cut = world({ fate: { udp: "unsignalled", tcp: "works", tls: "works" } });
    const tester = createNetworkTester(cut.given);
    await tester.start();
    const { phase, results } = tester.store.get();
    expect(phase).toBe("done");
    expect([results.socket, results.udp, results.tcp]).toEqual(["blocked", null, null]);
    expect(results.devices).not.toBe(null);
  });
  it("says why the server made no test", async () => {
    const networkTest = () => Promise.reject(new ApiFailure("server_overloaded", 503));
    const tester = createNetworkTester(world({ networkTest }).given);
    await tester.start();
    expect(tester.store.get().results.server).toEqual({ failure: "server_overloaded" });
  });
  it("fails where nothing comes back", async () => {
    const { given, open } = world({ isSilent: true });
    const tester = createNetworkTester(given);
    await tester.start();
    expect(tester.store.get().results.quality).toBe("failed");
    expect(open()).toBe(0);
  });
  it("closes what is open when one leaves, and tells nothing more", async () => {
    const { given, log, open } = world();
    let wake = () => {};
    given.sleep = () => new Promise((resolve) => (wake = resolve));
    const tester = createNetworkTester(given);
    const running = tester.start();
    await new Promise((resolve) => setTimeout(resolve));
    expect(open()).toBe(2);
    tester.dispose();
    expect(open()).toBe(0);
    expect(log).toContain("stop");
    wake();
    await running;
    expect(tester.store.get().phase).toBe("running");
    expect(open()).toBe(0);
    await tester.start();
    expect(log.filter((entry) => entry === "publish").length).toBe(1);
  });
});
