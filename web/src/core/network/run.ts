import type { Api, NetworkTest } from "../api/client";
import { problemOf } from "../devices";
import { codeOf } from "../problem";
import { createStore, type Store } from "../store";
import { legOf, pairOf, receivedSample, roundTripOf, type Sample, sentSample } from "./figures";
import type { Line, OpenLine } from "./line";
import type { Pattern } from "./pattern";
import {
  bestWay,
  type Devices,
  nothingYet,
  type Quality,
  type Results,
  type Step,
  type Way,
  ways,
} from "./results";
import type { Offered } from "./ways";

export interface NetworkTestState {
  phase: "ready" | "running" | "done";
  step: Step | null;
  results: Results;
  /** When the last test began, on this machine's clock. */
  startedAt: number;
}

export interface NetworkTester {
  store: Store<NetworkTestState>;
  /** Does nothing while a test goes on. */
  start(): Promise<void>;
  /** Nothing is heard of it any more, and what is open is closed. */
  dispose(): void;
}

export interface World {
  api: Pick<Api, "networkTest" | "ping">;
  openLine: OpenLine;
  startPattern: () => Pattern;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  askForDevices: () => Promise<Devices>;
}

const pings = 5;
// The first seconds are not counted: senders begin low and look how much passes.
const warmUpMs = 3000;
const sampleEveryMs = 1000;
const sampleCount = 7;

export function createNetworkTester(world: World): NetworkTester {
  const store = createStore<NetworkTestState>({
    phase: "ready",
    step: null,
    results: nothingYet,
    startedAt: 0,
  });
  const open = new Set<{ close(): void | Promise<void> }>();
  let isDisposed = false;

  const change = (part: Partial<NetworkTestState>) => store.set({ ...store.get(), ...part });
  const begin = (step: Step) => change({ step });
  const found = (part: Partial<Results>) =>
    change({ results: { ...store.get().results, ...part } });

  async function close(line: { close(): void | Promise<void> }): Promise<void> {
    if (!open.delete(line)) return;
    await Promise.resolve(line.close()).catch(() => {});
  }

  async function connect(token: string, way: Way, onSignalled?: () => void) {
    const attempt = await world.openLine(token, way, onSignalled);
    if (attempt.line) open.add(attempt.line);
    // Left in the meantime: what just came about is closed at once.
    if (isDisposed && attempt.line) await close(attempt.line);
    return attempt;
  }

  /** Of the first way one learns which others there are. */
  async function tryWay(token: string, way: Way, known: Offered | null): Promise<Offered> {
    if (known && !known[way]) {
      found({ [way]: { state: "not_offered" } });
      return known;
    }
    const from = world.now();
    const { line, isSignalled, offered } = await connect(token, way, () => {
      if (way === "udp" && !isDisposed) {
        found({ socket: "works" });
        begin("udp");
      }
    });
    if (way === "udp" && !isSignalled) found({ socket: "blocked" });
    else if (line) {
      const tookMs = world.now() - from;
      const pair = await line
        .report()
        .then(pairOf)
        .catch(() => null);
      found({ [way]: { state: "works", pair, tookMs } });
      await close(line);
    } else {
      found({ [way]: { state: offered[way] ? "blocked" : "not_offered" } });
    }
    return known ?? offered;
  }

  async function measure(test: NetworkTest, way: Way): Promise<Quality | "failed"> {
    const receiver = (await connect(test.receiver, way)).line;
    const sender = (await connect(test.sender, way)).line;
    try {
      return sender && receiver ? await sampled(way, sender, receiver) : "failed";
    } catch {
      return "failed";
    } finally {
      if (sender) await close(sender);
      if (receiver) await close(receiver);
    }
  }

  async function sampled(way: Way, sender: Line, receiver: Line): Promise<Quality | "failed"> {
    const pattern = world.startPattern();
    const running = { close: () => pattern.stop() };
    open.add(running);
    try {
      await sender.publish(pattern);
      await world.sleep(warmUpMs);
      const sent: Sample[] = [];
      const received: Sample[] = [];
      for (let i = 0; i < sampleCount && !isDisposed; i++) {
        if (i > 0) await world.sleep(sampleEveryMs);
        sent.push(sentSample(await sender.report(), world.now()));
        received.push(receivedSample(await receiver.report(), world.now()));
      }
      const down = legOf(received, false);
      if (down.kilobits === 0) return "failed";
      const seconds = ((sent.at(-1)?.at ?? 0) - (sent[0]?.at ?? 0)) / 1000;
      return { way, seconds, up: legOf(sent, true), down, roundTripMs: roundTripOf(sent) };
    } finally {
      await close(running);
    }
  }

  async function testLine(): Promise<void> {
    begin("server");
    let test: NetworkTest;
    try {
      test = await world.api.networkTest();
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < pings; i++) {
        const from = world.now();
        await world.api.ping();
        least = Math.min(least, world.now() - from);
      }
      found({ server: { roundTripMs: least } });
    } catch (error) {
      return found({ server: { failure: codeOf(error) } });
    }
    begin("socket");
    let offered: Offered | null = null;
    for (const way of ways) {
      if (isDisposed || store.get().results.socket === "blocked") return;
      if (offered) begin(way);
      offered = await tryWay(test.sender, way, offered);
    }
    const way = bestWay(store.get().results);
    if (way === null || isDisposed) return;
    begin("quality");
    found({ quality: await measure(test, way) });
  }

  return {
    store,
    async start() {
      if (store.get().phase === "running" || isDisposed) return;
      change({ phase: "running", results: nothingYet, startedAt: Date.now() });
      await testLine();
      if (isDisposed) return;
      begin("devices");
      found({ devices: await world.askForDevices() });
      change({ phase: "done", step: null });
    },
    dispose() {
      isDisposed = true;
      for (const line of [...open]) void close(line);
    },
  };
}

/** Asks as a meeting would, looks who answers, and lets go at once. */
export async function askForDevices(): Promise<Devices> {
  let problem: Devices["problem"] = null;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    for (const track of stream.getTracks()) track.stop();
  } catch (error) {
    problem = problemOf(error);
  }
  const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  const count = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind).length;
  return { problem, microphones: count("audioinput"), cameras: count("videoinput") };
}
