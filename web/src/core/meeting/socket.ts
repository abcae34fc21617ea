import { type FailureCode, failureCode } from "../problem";
import type { LiveMessage, Told, Wish } from "./live";

/** What is reported besides the answers to what was asked. */
export type LiveEvent =
  | { type: "told"; message: Told; at: number }
  | { type: "live_changed"; open: boolean }
  /** The server does not know this seat (any more): the way in is the door. */
  | { type: "live_refused"; code: FailureCode };

export interface LiveSocket {
  /** Connects, again and again, until it is closed or refused. */
  open(rejoin: string): void;
  /** Null: done. A refusal says why; so does a connection that is not there. */
  ask(wish: Wish): Promise<FailureCode | null>;
  /** The network has changed: a connection may be dead and not know it. */
  renew(): void;
  /** Gives up the seat, then closes. */
  leave(): void;
  /** Closes; what is still told within the time is heard. */
  close(afterMs?: number): void;
}

/** As much of a WebSocket as is used, so that tests can be one. */
export interface Wire {
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(text: string): void;
  close(): void;
}

interface World {
  connect(): Wire;
  now(): number;
  /** From 0 to 1. */
  random(): number;
  report(event: LiveEvent): void;
}

const delaysMs = [300, 1000, 2000, 4000, 8000, 15_000];
/** A request that is not answered for so long was sent into a connection that is dead without knowing it. */
const answerWithinMs = 15_000;
const goodbyeWithinMs = 2000;

function parse(data: unknown): LiveMessage | null {
  try {
    const value: unknown = JSON.parse(String(data));
    return typeof value === "object" && value !== null ? (value as LiveMessage) : null;
  } catch {
    return null;
  }
}

class Live implements LiveSocket {
  private wire: Wire | null = null;
  private rejoin: string | null = null;
  private isKnown = false;
  private attempt = 0;
  private nextId = 1;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly asked = new Map<number, (code: FailureCode | null) => void>();

  constructor(private readonly world: World) {}

  open(rejoin: string): void {
    const isOpen = this.wire !== null && this.rejoin !== null;
    this.rejoin = rejoin;
    if (isOpen) return;
    this.drop();
    this.attempt = 0;
    this.dial();
  }

  ask(wish: Wish): Promise<FailureCode | null> {
    if (!this.isKnown) return Promise.resolve("offline");
    return this.request(wish);
  }

  renew(): void {
    if (this.rejoin === null) return;
    this.drop();
    this.dial();
  }

  leave(): void {
    this.rejoin = null;
    const { wire } = this;
    if (!this.isKnown) {
      this.close();
      return;
    }
    this.close(goodbyeWithinMs);
    void this.request({ do: "leave" }).then(() => {
      // Somebody may have come back meanwhile.
      if (this.wire === wire) this.close();
    });
  }

  close(afterMs = 0): void {
    this.rejoin = null;
    clearTimeout(this.timer);
    if (afterMs > 0) this.timer = setTimeout(() => this.drop(), afterMs);
    else this.drop();
  }

  private dial(): void {
    const wire = this.world.connect();
    this.wire = wire;
    wire.onopen = () => void this.introduce(wire);
    wire.onmessage = ({ data }) => this.hear(wire, data);
    wire.onclose = () => this.lost(wire);
  }

  private async introduce(wire: Wire): Promise<void> {
    if (this.rejoin === null) return;
    const code = await this.request({ do: "hello", rejoin: this.rejoin });
    if (this.wire !== wire) return;
    if (code === null) {
      this.attempt = 0;
      this.isKnown = true;
      this.world.report({ type: "live_changed", open: true });
    } else if (code !== "offline" && code !== "server_error" && code !== "too_many_requests") {
      this.close();
      this.world.report({ type: "live_refused", code });
    } else {
      wire.close();
    }
  }

  private request(body: Wish | { do: "hello"; rejoin: string }): Promise<FailureCode | null> {
    const { wire } = this;
    if (!wire) return Promise.resolve("offline");
    const id = this.nextId++;
    return new Promise((resolve) => {
      const silence = setTimeout(() => this.lost(wire), answerWithinMs);
      this.asked.set(id, (code) => {
        clearTimeout(silence);
        resolve(code);
      });
      wire.send(JSON.stringify({ id, ...body }));
    });
  }

  private hear(wire: Wire, data: unknown): void {
    if (this.wire !== wire) return;
    const message = parse(data);
    if (!message) return;
    if (message.type === "done" || message.type === "refused") {
      const answer = this.asked.get(message.id);
      this.asked.delete(message.id);
      answer?.(message.type === "done" ? null : failureCode(400, message));
      return;
    }
    // Nobody comes back from here: the server closes.
    if (message.type === "over") this.rejoin = null;
    this.world.report({ type: "told", message, at: this.world.now() });
  }

  private lost(wire: Wire): void {
    if (this.wire !== wire) return;
    this.drop();
    if (this.rejoin === null) return;
    const delay = delaysMs[Math.min(this.attempt, delaysMs.length - 1)] ?? 0;
    this.attempt += 1;
    // Everybody lost the same server at the same moment, and must not all come back at one.
    this.timer = setTimeout(() => this.dial(), delay * (0.5 + this.world.random() / 2));
  }

  private drop(): void {
    clearTimeout(this.timer);
    const { wire } = this;
    this.wire = null;
    if (wire) {
      wire.onopen = wire.onmessage = wire.onclose = null;
      wire.close();
    }
    const unanswered = [...this.asked.values()];
    this.asked.clear();
    for (const answer of unanswered) answer("offline");
    if (!this.isKnown) return;
    this.isKnown = false;
    this.world.report({ type: "live_changed", open: false });
  }
}

export function createLiveSocket(world: World): LiveSocket {
  return new Live(world);
}

/** The browser's own. */
export function openLive(meetingId: string, report: (event: LiveEvent) => void): LiveSocket {
  const origin = location.origin.replace(/^http/, "ws");
  const url = `${origin}/api/v1/meetings/${encodeURIComponent(meetingId)}/live`;
  return createLiveSocket({
    connect: () => new WebSocket(url),
    now: Date.now,
    random: Math.random,
    report,
  });
}
