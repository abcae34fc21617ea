// Leaves a connection one way alone: what the server offers beside it is not heard of.
import type { Way } from "./results";

export type Offered = Record<Way, boolean>;

/** Of "candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host" (RFC 8839 5.1), with or without "a=". */
function transportOf(candidate: string): string {
  return candidate.split(" ")[2]?.toLowerCase() ?? "";
}

/** Through a relay the server's ordinary sockets are reached. */
function isOn(way: Way, candidate: string): boolean {
  return transportOf(candidate) === (way === "tcp" ? "tcp" : "udp");
}

function isTls(url: string): boolean {
  return url.startsWith("turns:");
}

function urlsOf({ urls }: RTCIceServer): string[] {
  return typeof urls === "string" ? [urls] : urls;
}

function narrowServers(way: Way, servers: RTCIceServer[]): RTCIceServer[] {
  if (way !== "tls") return [];
  return servers
    .map((server) => ({ ...server, urls: urlsOf(server).filter(isTls) }))
    .filter(({ urls }) => urls.length > 0);
}

function narrowSdp(way: Way, sdp: string): string {
  return sdp
    .split("\r\n")
    .filter((line) => !line.startsWith("a=candidate:") || isOn(way, line))
    .join("\r\n");
}

function note(offered: Offered, candidate: string): void {
  const transport = transportOf(candidate);
  if (transport === "udp" || transport === "tcp") offered[transport] = true;
}

function noteServers(offered: Offered, servers: RTCIceServer[]): void {
  if (servers.flatMap(urlsOf).some(isTls)) offered.tls = true;
}

/** Makes of a fresh connection one that knows no other way, and writes down what it was offered. */
function keepTo(way: Way, pc: RTCPeerConnection, offered: Offered): void {
  const narrow = (configuration?: RTCConfiguration): RTCConfiguration => {
    const servers = configuration?.iceServers ?? [];
    noteServers(offered, servers);
    return { ...configuration, iceServers: narrowServers(way, servers) };
  };
  const setConfiguration = pc.setConfiguration.bind(pc);
  const setRemoteDescription = pc.setRemoteDescription.bind(pc);
  const addIceCandidate = pc.addIceCandidate.bind(pc);
  setConfiguration(narrow(pc.getConfiguration()));
  pc.setConfiguration = (configuration) => setConfiguration(narrow(configuration));
  pc.setRemoteDescription = (description: RTCSessionDescriptionInit) => {
    const sdp = description.sdp ?? "";
    for (const line of sdp.split("\r\n")) if (line.startsWith("a=candidate:")) note(offered, line);
    return setRemoteDescription({ type: description.type, sdp: narrowSdp(way, sdp) });
  };
  pc.addIceCandidate = async (candidate?: RTCIceCandidateInit | null) => {
    const text = candidate?.candidate ?? "";
    if (text !== "") note(offered, text);
    if (text === "" || isOn(way, text)) await addIceCandidate(candidate ?? undefined);
  };
}

/**
 * While it is held, every new connection of this page keeps to the way. The media library makes its own connections
 * and takes no filter; on the page of the test there are no others.
 */
export function holdTo(
  way: Way,
  offered: Offered,
  onMade: (pc: RTCPeerConnection) => void,
): () => void {
  const original = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = new Proxy(original, {
    construct(target, args) {
      const pc: RTCPeerConnection = Reflect.construct(target, args);
      keepTo(way, pc, offered);
      onMade(pc);
      return pc;
    },
  });
  return () => {
    globalThis.RTCPeerConnection = original;
  };
}
