// A connection that was cut tells nobody: ICE takes five seconds and more to notice, a WebSocket fifteen. What
// arrived all the time and suddenly does not says it at once.

/** So long it has to have come steadily before its silence means anything. */
const knownForMs = 2000;
/** Shorter pauses are jitter. */
const patienceMs = 300;
/** Where packets come seldom, a longer pause is nothing unusual. */
const pausesPatience = 2;

export class Pulse {
  private bytes = -1;
  private arrivals: number[] = [];

  /** `bytes` is all that has arrived until now. "silent" once for each silence. */
  beat(now: number, bytes: number): "alive" | "silent" | "same" {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.arrivals = this.arrivals.filter((at) => now - at <= 2 * knownForMs);
      this.arrivals.push(now);
      return "alive";
    }
    const [first] = this.arrivals;
    const last = this.arrivals.at(-1);
    if (first === undefined || last === undefined || last - first < knownForMs) return "same";
    if (now - last <= this.patience()) return "same";
    this.arrivals = [];
    return "silent";
  }

  private patience(): number {
    const pauses = this.arrivals.slice(1).map((at, i) => at - (this.arrivals[i] ?? at));
    return Math.max(patienceMs, pausesPatience * Math.max(...pauses));
  }
}

const lookEveryMs = 150;
/**
 * A lost beginning of a connection is repeated after 1, 3, 7 and 15 s: whoever waits for that comes back long after
 * the network. Three round trips are the least that it takes.
 */
const redialAfterMs = 1000;
const redialRoundTrips = 6;
/** A silence may be that the others have stopped talking. */
const answerWithinMs = 250;

export interface Connection {
  /** Null: there is none at the moment. */
  bytesReceived(): Promise<number | null>;
  /** ICE has noticed by itself. */
  isDisconnected(): boolean;
  /** It is not being repaired. */
  isSettled(): boolean;
  /** Whether the server answers within this time, by another way than the one that is silent. */
  answers(withinMs: number): Promise<boolean>;
  repair(): void;
  /** Gives up what is being dialled, if anything is, and dials again. */
  redial(): void;
  /** The last known one. */
  roundTripMs(): number;
}

/** Has a connection repaired as soon as its network is gone. Returns the function that stops. */
export function watchPulse(connection: Connection): () => void {
  const pulse = new Pulse();
  const stop = new AbortController();
  let isLooking = false;
  let isCut = false;
  let wasDisconnected = false;
  let dialledAt = 0;

  async function look(): Promise<void> {
    const bytes = await connection.bytesReceived();
    if (bytes === null) return;
    const step = pulse.beat(performance.now(), bytes);
    if (step !== "same") isCut = step === "silent";
    redialWhile(step !== "alive" && !connection.isSettled());
    const isDisconnected = connection.isDisconnected();
    const isNews = isDisconnected && !wasDisconnected;
    wasDisconnected = isDisconnected;
    if (!(isCut || isNews) || !connection.isSettled()) return;
    if (!isNews && (await connection.answers(answerWithinMs))) {
      isCut = false;
      return;
    }
    if ((await connection.bytesReceived()) === bytes && !stop.signal.aborted) connection.repair();
  }

  /** Where media arrive, the network is only slow. */
  function redialWhile(isGone: boolean): void {
    const now = performance.now();
    const patience = redialAfterMs + redialRoundTrips * connection.roundTripMs();
    if (isGone && now - dialledAt > patience) connection.redial();
    if (!isGone || now - dialledAt > patience) dialledAt = now;
  }

  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    await look().catch(() => {});
    isLooking = false;
  }, lookEveryMs);
  // Unless something arrives at the next look.
  const suspect = () => {
    isCut = true;
  };
  window.addEventListener("online", suspect, stop);
  networkInformation()?.addEventListener("change", suspect, stop);
  return () => {
    stop.abort();
    clearInterval(timer);
  };
}

/** Not in Firefox and Safari, nor in TypeScript's library. */
function networkInformation(): EventTarget | undefined {
  return (navigator as Navigator & { connection?: EventTarget }).connection;
}
