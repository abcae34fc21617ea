import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLiveSocket, type LiveEvent, type Wire } from "./socket";

class FakeWire implements Wire {
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  sent: { id: number; do: string; [key: string]: unknown }[] = [];
  isClosed = false;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.isClosed = true;
  }
  get last() {
    return this.sent.at(-1);
  }
  opens(): void {
    this.onopen?.({} as Event);
  }
  says(message: object | string): void {
    const data = typeof message === "string" ? message : JSON.stringify(message);
    this.onmessage?.({ data } as MessageEvent);
  }
  breaks(): void {
    this.onclose?.({} as CloseEvent);
  }
}

let wires: FakeWire[];
let events: LiveEvent[];

function start() {
  wires = [];
  events = [];
  return createLiveSocket({
    connect: () => {
      const wire = new FakeWire();
      wires.push(wire);
      return wire;
    },
    now: () => 42,
    random: () => 1,
    report: (event) => events.push(event),
  });
}
const wire = () => wires.at(-1) as FakeWire;

async function settled() {
  await vi.advanceTimersByTimeAsync(0);
}

async function inside() {
  const live = start();
  live.open("r1");
  wire().opens();
  wire().says({ type: "done", id: wire().last?.id });
  await settled();
  return live;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the meeting socket", () => {
  it("says first who it is, and is open when that is accepted", async () => {
    await inside();
    expect(wire().sent).toEqual([{ id: 1, do: "hello", rejoin: "r1" }]);
    expect(events).toEqual([{ type: "live_changed", open: true }]);
  });
  it("matches answers with what was asked", async () => {
    const live = await inside();
    const raised = live.ask({ do: "raise_hand" });
    const locked = live.ask({ do: "lock", locked: true });
    const [first, second] = wire().sent.slice(1);
    expect(first?.id).not.toBe(second?.id);
    wire().says({ type: "refused", id: second?.id, code: "not_allowed" });
    wire().says({ type: "done", id: first?.id });
    expect(await raised).toBeNull();
    expect(await locked).toBe("not_allowed");
  });
  it("reports what it is told, and when", async () => {
    await inside();
    const message = { type: "waiting", reason: "admission" };
    wire().says(message);
    wire().says("no JSON");
    wire().says("null");
    expect(events.slice(1)).toEqual([{ type: "told", message, at: 42 }]);
  });
  it("asks nothing while it is not known", async () => {
    const live = start();
    expect(await live.ask({ do: "raise_hand" })).toBe("offline");
    live.open("r1");
    expect(await live.ask({ do: "raise_hand" })).toBe("offline");
  });
  it("comes back by itself, later and later, and answers what was under way", async () => {
    const live = await inside();
    const asked = live.ask({ do: "raise_hand" });
    wire().breaks();
    expect(await asked).toBe("offline");
    expect(events.at(-1)).toEqual({ type: "live_changed", open: false });
    for (const delay of [300, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
      const count = wires.length;
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(wires).toHaveLength(count);
      await vi.advanceTimersByTimeAsync(1);
      expect(wires).toHaveLength(count + 1);
      wire().breaks();
    }
    await vi.advanceTimersByTimeAsync(15_000);
    wire().opens();
    wire().says({ type: "done", id: wire().last?.id });
    await settled();
    expect(events.at(-1)).toEqual({ type: "live_changed", open: true });
  });
  it("does not insist when the seat is refused", async () => {
    const live = start();
    live.open("r1");
    wire().opens();
    wire().says({ type: "refused", id: wire().last?.id, code: "not_in_meeting" });
    await settled();
    expect(events).toEqual([{ type: "live_refused", code: "not_in_meeting" }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wires).toHaveLength(1);
    expect(wire().isClosed).toBe(true);
  });
  it("does not come back after an end", async () => {
    await inside();
    wire().says({ type: "over", reason: "closed" });
    wire().breaks();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wires).toHaveLength(1);
    expect(events.at(1)).toMatchObject({ type: "told", message: { reason: "closed" } });
  });
  it("takes silence for a dead connection", async () => {
    const live = await inside();
    const asked = live.ask({ do: "raise_hand" });
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await asked).toBe("offline");
    await vi.advanceTimersByTimeAsync(300);
    expect(wires).toHaveLength(2);
  });
  it("begins anew when the network has changed", async () => {
    const live = await inside();
    const old = wire();
    live.renew();
    expect(old.isClosed).toBe(true);
    expect(wires).toHaveLength(2);
    live.close();
    live.renew();
    expect(wires).toHaveLength(2);
  });
  it("keeps a connection that is there", async () => {
    const live = await inside();
    live.open("r2");
    expect(wires).toHaveLength(1);
  });
  it("gives up the seat before it closes", async () => {
    const live = await inside();
    live.leave();
    expect(wire().last).toMatchObject({ do: "leave" });
    expect(wire().isClosed).toBe(false);
    wire().says({ type: "done", id: wire().last?.id });
    await settled();
    expect(wire().isClosed).toBe(true);
  });
  it("does not wait for ever for leave to go", async () => {
    const live = await inside();
    live.leave();
    await vi.advanceTimersByTimeAsync(2000);
    expect(wire().isClosed).toBe(true);
    expect(wires).toHaveLength(1);
  });
  it("is not closed by an old farewell when somebody came back", async () => {
    const live = await inside();
    live.leave();
    live.open("r1");
    expect(wires).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(3000);
    expect(wire().isClosed).toBe(false);
  });
  it("hears what is still said within the time it is given", async () => {
    const live = await inside();
    live.close(3000);
    wire().says({ type: "over", reason: "banned" });
    expect(events.at(-1)).toMatchObject({ type: "told" });
    await vi.advanceTimersByTimeAsync(3000);
    expect(wire().isClosed).toBe(true);
  });
});
