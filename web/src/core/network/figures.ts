// What the browser's statistics (W3C webrtc-stats) say of a connection.
import type { Leg, Pair } from "./results";

export type Report = ReadonlyMap<string, Record<string, unknown>>;
type Entry = Record<string, unknown>;

const numberIn = (entry: Entry | undefined, name: string): number | null =>
  typeof entry?.[name] === "number" ? (entry[name] as number) : null;
const textIn = (entry: Entry | undefined, name: string): string =>
  typeof entry?.[name] === "string" ? (entry[name] as string) : "";

const ofType = (report: Report, type: string): Entry[] =>
  [...report.values()].filter((entry) => entry.type === type);

/** Chromium names it in the transport, Firefox marks the pair. */
function selectedPair(report: Report): Entry | undefined {
  const named = ofType(report, "transport")
    .map((transport) => report.get(textIn(transport, "selectedCandidatePairId")))
    .find((pair) => pair !== undefined);
  return named ?? ofType(report, "candidate-pair").find((pair) => pair.selected === true);
}

export function pairOf(report: Report): Pair | null {
  const pair = selectedPair(report);
  const local = report.get(textIn(pair, "localCandidateId"));
  const remote = report.get(textIn(pair, "remoteCandidateId"));
  if (!local || !remote) return null;
  const address = textIn(remote, "address") || textIn(remote, "ip");
  const port = numberIn(remote, "port");
  const isIpv6 = address.includes(":");
  const relayed = textIn(local, "relayProtocol");
  return {
    protocol: relayed === "" ? textIn(local, "protocol") : relayed,
    local: textIn(local, "candidateType"),
    remote: textIn(remote, "candidateType"),
    address: `${isIpv6 ? `[${address}]` : address}:${port ?? ""}`,
    isIpv6,
  };
}

/** What was counted up to one moment. Counters start with the connection, so differences are what counts. */
export interface Sample {
  at: number;
  bytes: number;
  packets: number;
  lost: number | null;
  jitters: number[];
  roundTripMs: number | null;
}

const sum = (numbers: number[]) => numbers.reduce((total, next) => total + next, 0);
const known = (values: (number | null)[]) => values.filter((value) => value !== null);
const mean = (numbers: number[]) => (numbers.length === 0 ? null : sum(numbers) / numbers.length);

function totals(report: Report, mine: string, lossesIn: string, bytes: string, packets: string) {
  const streams = ofType(report, mine);
  const judged = ofType(report, lossesIn);
  const losses = known(judged.map((entry) => numberIn(entry, "packetsLost")));
  return {
    bytes: sum(known(streams.map((entry) => numberIn(entry, bytes)))),
    packets: sum(known(streams.map((entry) => numberIn(entry, packets)))),
    lost: losses.length === 0 ? null : sum(losses),
    jitters: known(judged.map((entry) => numberIn(entry, "jitter"))).map((s) => s * 1000),
  };
}

/** Of what is sent; how much arrived is what the server reports. */
export function sentSample(report: Report, at: number): Sample {
  const told = known(
    ofType(report, "remote-inbound-rtp").map((entry) => numberIn(entry, "roundTripTime")),
  );
  const seconds = numberIn(selectedPair(report), "currentRoundTripTime") ?? mean(told);
  return {
    at,
    ...totals(report, "outbound-rtp", "remote-inbound-rtp", "bytesSent", "packetsSent"),
    roundTripMs: seconds === null ? null : seconds * 1000,
  };
}

export function receivedSample(report: Report, at: number): Sample {
  return {
    at,
    ...totals(report, "inbound-rtp", "inbound-rtp", "bytesReceived", "packetsReceived"),
    roundTripMs: null,
  };
}

/** Of packets that are counted where they are sent, the lost ones are among them; else they come on top. */
export function legOf(samples: Sample[], lostAreCounted: boolean): Leg {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at <= first.at) return { kilobits: 0, loss: null, jitterMs: null };
  const packets = last.packets - first.packets;
  // A repetition that came late is taken back: fewer may be missing than before.
  const lost = last.lost === null ? null : Math.max(0, last.lost - (first.lost ?? 0));
  const all = lostAreCounted ? packets : packets + (lost ?? 0);
  return {
    kilobits: ((last.bytes - first.bytes) * 8) / (last.at - first.at),
    loss: lost === null || all <= 0 ? null : Math.min(1, lost / all),
    jitterMs: mean(samples.flatMap((sample) => sample.jitters)),
  };
}

export function roundTripOf(samples: Sample[]): number | null {
  return mean(known(samples.map((sample) => sample.roundTripMs)));
}
