import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pulse, watchPulse } from "./pulse";

/** Beats every 150 ms; says when the silence was noticed. */
function run(pulse: Pulse, from: number, to: number, bytesAt: (at: number) => number) {
  for (let at = from; at <= to; at += 150) {
    if (pulse.beat(at, bytesAt(at)) === "silent") return at;
  }
  return null;
}

describe("a pulse", () => {
  it("notices within a moment that what came steadily has stopped", () => {
    const at = run(new Pulse(), 0, 10_000, (now) => Math.min(now, 5000));
    expect(at).toBeGreaterThan(5300);
    expect(at).toBeLessThan(5600);
  });

  it("says so once, until what stopped has come steadily again", () => {
    const pulse = new Pulse();
    const stopped = run(pulse, 0, 10_000, (now) => Math.min(now, 5000)) ?? 0;
    expect(run(pulse, stopped + 150, 60_000, () => 5000)).toBeNull();
    expect(run(pulse, 60_000, 64_000, (now) => now)).toBeNull();
    expect(run(pulse, 64_050, 70_000, () => 64_000)).not.toBeNull();
  });

  it("makes nothing of a silence before which little came", () => {
    expect(run(new Pulse(), 0, 60_000, (now) => Math.min(now, 1500))).toBeNull();
    expect(run(new Pulse(), 0, 60_000, () => 0)).toBeNull();
  });

  it("has more patience where packets are rare", () => {
    // Who is muted sends one each 400 ms.
    const rare = (now: number) => Math.floor(Math.min(now, 5000) / 400);
    expect(run(new Pulse(), 0, 5700, rare)).toBeNull();
    expect(run(new Pulse(), 0, 10_000, rare)).not.toBeNull();
  });
});

describe("a watched connection", () => {
  let bytes = 0;
  let flows = true;
  let answers = true;
  let isDisconnected = false;
  let isSettled = true;
  const repair = vi.fn(() => {});
  const redial = vi.fn(() => {});
  let stop: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("navigator", {});
    bytes = 0;
    flows = answers = isSettled = true;
    isDisconnected = false;
    repair.mockClear();
    redial.mockClear();
    stop = watchPulse({
      bytesReceived: async () => (flows ? ++bytes : bytes),
      isDisconnected: () => isDisconnected,
      isSettled: () => isSettled,
      answers: (withinMs) => new Promise((resolve) => setTimeout(() => resolve(answers), withinMs)),
      repair,
      redial,
      roundTripMs: () => 50,
    });
  });
  afterEach(() => {
    stop();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("is repaired within a second when it is silent and the server does not answer", async () => {
    await vi.advanceTimersByTimeAsync(5000);
    flows = answers = false;
    await vi.advanceTimersByTimeAsync(1000);
    expect(repair).toHaveBeenCalled();
  });

  it("is left alone when the others have only stopped talking", async () => {
    await vi.advanceTimersByTimeAsync(5000);
    flows = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(repair).not.toHaveBeenCalled();
  });

  it("waits for a repair that goes on, and begins another when that one brought nothing", async () => {
    await vi.advanceTimersByTimeAsync(5000);
    flows = answers = isSettled = false;
    await vi.advanceTimersByTimeAsync(3000);
    expect(repair).not.toHaveBeenCalled();
    isSettled = true;
    await vi.advanceTimersByTimeAsync(1000);
    expect(repair).toHaveBeenCalled();
  });

  it("is dialled again and again while nothing comes, and not while something does", async () => {
    await vi.advanceTimersByTimeAsync(5000);
    isSettled = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(redial).not.toHaveBeenCalled();
    flows = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(redial.mock.calls.length).toBeGreaterThan(5);
    expect(redial.mock.calls.length).toBeLessThan(8);
  });

  it("is tried when the browser says that it is online again", async () => {
    flows = answers = false;
    await vi.advanceTimersByTimeAsync(5000);
    expect(repair).not.toHaveBeenCalled();
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(500);
    expect(repair).toHaveBeenCalled();
  });

  it("believes ICE, once for each time", async () => {
    flows = false;
    isDisconnected = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(repair).toHaveBeenCalledTimes(1);
  });
});
