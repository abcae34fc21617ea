import { afterEach, describe, expect, it } from "vitest";
import type { Way } from "./results";
import { holdTo, type Offered } from "./ways";

const udp = "candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host";
const tcp = "candidate:2 1 TCP 1671430143 192.0.2.1 443 typ host tcptype passive";
const turns = "turns:visio.example:443?transport=tcp";
const servers: RTCIceServer[] = [
  { urls: ["turn:visio.example:3478", turns], username: "u", credential: "c" },
  { urls: "stun:visio.example" },
];

class FakeConnection {
  configuration: RTCConfiguration;
  sdp = "";
  candidates: string[] = [];
  constructor(configuration: RTCConfiguration = {}) {
    this.configuration = configuration;
  }
  getConfiguration() {
    return this.configuration;
  }
  setConfiguration(next: RTCConfiguration) {
    this.configuration = next;
  }
  async setRemoteDescription({ sdp }: { sdp: string }) {
    this.sdp = sdp;
  }
  async addIceCandidate({ candidate }: { candidate: string }) {
    this.candidates.push(candidate);
  }
}

const original = globalThis.RTCPeerConnection;
afterEach(() => {
  globalThis.RTCPeerConnection = original;
});

async function connect(way: Way, configuration: RTCConfiguration = {}) {
  globalThis.RTCPeerConnection = FakeConnection as unknown as typeof RTCPeerConnection;
  const offered: Offered = { udp: false, tcp: false, tls: false };
  const made: RTCPeerConnection[] = [];
  const release = holdTo(way, offered, (pc) => made.push(pc));
  const pc = new RTCPeerConnection(configuration);
  release();
  const sdp = ["v=0", `a=${udp}`, `a=${tcp}`, "a=mid:0", ""].join("\r\n");
  await pc.setRemoteDescription({ type: "answer", sdp });
  await pc.addIceCandidate({ candidate: udp });
  await pc.addIceCandidate({ candidate: tcp });
  return { fake: pc as unknown as FakeConnection, pc, offered, made };
}

describe("holdTo", () => {
  it("leaves a connection one way alone", async () => {
    const byUdp = await connect("udp");
    expect(byUdp.fake.sdp).toBe(["v=0", `a=${udp}`, "a=mid:0", ""].join("\r\n"));
    expect(byUdp.fake.candidates).toEqual([udp]);
    const byTcp = await connect("tcp");
    expect(byTcp.fake.sdp).toBe(["v=0", `a=${tcp}`, "a=mid:0", ""].join("\r\n"));
    expect(byTcp.fake.candidates).toEqual([tcp]);
  });
  it("keeps of the relays those over TLS, for their way alone", async () => {
    const direct = await connect("udp", { iceServers: servers });
    expect(direct.fake.configuration.iceServers).toEqual([]);
    expect(direct.offered.tls).toBe(true);
    const relayed = await connect("tls", { iceTransportPolicy: "relay" });
    expect(relayed.offered.tls).toBe(false);
    relayed.pc.setConfiguration({ iceTransportPolicy: "relay", iceServers: servers });
    expect(relayed.fake.configuration).toEqual({
      iceTransportPolicy: "relay",
      iceServers: [{ urls: [turns], username: "u", credential: "c" }],
    });
    expect(relayed.offered.tls).toBe(true);
    expect(relayed.fake.candidates).toEqual([udp]);
  });
  it("writes down what was offered, used or not", async () => {
    const { offered, made, pc } = await connect("udp");
    expect(offered).toEqual({ udp: true, tcp: true, tls: false });
    expect(made).toEqual([pc]);
  });
  it("lets go of connections made afterwards", async () => {
    await connect("tcp");
    const free = new RTCPeerConnection() as unknown as FakeConnection;
    await free.addIceCandidate({ candidate: udp });
    expect(free.candidates).toEqual([udp]);
  });
});
