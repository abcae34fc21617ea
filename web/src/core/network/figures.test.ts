import { describe, expect, it } from "vitest";
import { legOf, pairOf, type Report, receivedSample, roundTripOf, sentSample } from "./figures";

const report = (entries: Record<string, Record<string, unknown>>): Report =>
  new Map(Object.entries(entries));

const remote = {
  type: "remote-candidate",
  candidateType: "host",
  address: "2001:db8::7",
  port: 7882,
};
const local = { type: "local-candidate", candidateType: "srflx", protocol: "udp" };
const pair = {
  type: "candidate-pair",
  localCandidateId: "L",
  remoteCandidateId: "R",
  currentRoundTripTime: 0.02,
};

describe("pairOf", () => {
  const found = {
    protocol: "udp",
    local: "srflx",
    remote: "host",
    address: "[2001:db8::7]:7882",
    isIpv6: true,
  };
  it("finds the pair of the transport, as Chromium tells it", () => {
    const transport = { type: "transport", selectedCandidatePairId: "P" };
    expect(pairOf(report({ T: transport, P: pair, L: local, R: remote }))).toEqual(found);
  });
  it("finds the selected pair, as Firefox tells it", () => {
    const other = { ...pair, localCandidateId: "X" };
    const selected = { ...pair, selected: true };
    expect(pairOf(report({ O: other, P: selected, L: local, R: remote }))).toEqual(found);
  });
  it("names what the relay is reached by", () => {
    const relay = { ...local, candidateType: "relay", relayProtocol: "tls" };
    const selected = { ...pair, selected: true };
    const v4 = { ...remote, address: "192.0.2.1" };
    expect(pairOf(report({ P: selected, L: relay, R: v4 }))).toMatchObject({
      protocol: "tls",
      address: "192.0.2.1:7882",
      isIpv6: false,
    });
  });
  it("is null without one", () => {
    expect(pairOf(report({ P: pair, L: local, R: remote }))).toBe(null);
    expect(pairOf(report({}))).toBe(null);
  });
});

describe("legOf", () => {
  const sent = (bytes: number, packets: number, lost: number, at: number) =>
    sentSample(
      report({
        O: { type: "outbound-rtp", bytesSent: bytes, packetsSent: packets },
        R: { type: "remote-inbound-rtp", packetsLost: lost, jitter: 0.004, roundTripTime: 0.05 },
      }),
      at,
    );
  const received = (bytes: number, packets: number, lost: number, at: number) =>
    receivedSample(
      report({
        I: {
          type: "inbound-rtp",
          bytesReceived: bytes,
          packetsReceived: packets,
          packetsLost: lost,
          jitter: 0.01,
        },
      }),
      at,
    );

  it("counts between the first and the last sample", () => {
    const leg = legOf([sent(1000, 100, 5, 0), sent(126_000, 200, 15, 1000)], true);
    expect(leg).toEqual({ kilobits: 1000, loss: 0.1, jitterMs: 4 });
  });
  it("puts what was lost on top of what arrived", () => {
    const leg = legOf([received(0, 100, 0, 0), received(125_000, 190, 10, 1000)], false);
    expect(leg).toEqual({ kilobits: 1000, loss: 0.1, jitterMs: 10 });
  });
  it("takes a repair that came late for none lost", () => {
    expect(legOf([received(0, 0, 5, 0), received(10, 100, 3, 1000)], false).loss).toBe(0);
  });
  it("knows nothing of one sample, or of none", () => {
    const nothing = { kilobits: 0, loss: null, jitterMs: null };
    expect(legOf([], true)).toEqual(nothing);
    expect(legOf([sent(1, 1, 0, 0)], true)).toEqual(nothing);
  });
  it("says nothing of losses that nobody reported", () => {
    const alone = (bytes: number, at: number) =>
      sentSample(report({ O: { type: "outbound-rtp", bytesSent: bytes, packetsSent: 1 } }), at);
    expect(legOf([alone(0, 0), alone(1000, 1000)], true)).toEqual({
      kilobits: 8,
      loss: null,
      jitterMs: null,
    });
  });
  it("takes the round trip of the pair, else of the reports", () => {
    const selected = { ...pair, selected: true };
    expect(sentSample(report({ P: selected }), 0).roundTripMs).toBe(20);
    expect(roundTripOf([sent(0, 0, 0, 0), sent(0, 0, 0, 1)])).toBe(50);
    expect(roundTripOf([received(0, 0, 0, 0)])).toBe(null);
  });
});
