// What runs inside the pages: keeps their connections, looks at getStats often, and notes every silence. Times are
// those of Date.now(), the same in all processes of this machine.

/** Given to the browser as text: it may use nothing from outside its own body. */
function installWatch() {
  const connections = [];
  const candidates = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(...options) {
      super(...options);
      connections.push(this);
      this.addEventListener("icecandidate", ({ candidate }) => {
        if (candidate?.address) candidates.push({ at: Date.now(), address: candidate.address });
      });
    }
  };
  const open = () => connections.filter((one) => one.connectionState !== "closed");

  async function look() {
    const row = { at: Date.now() };
    const add = (name, amount) => {
      if (Number.isFinite(amount)) row[name] = (row[name] ?? 0) + amount;
    };
    for (const connection of open()) {
      const report = await connection.getStats();
      for (const entry of report.values()) {
        const { type, kind } = entry;
        if (type === "inbound-rtp") {
          add(`${kind}_packets`, entry.packetsReceived);
          add(`${kind}_lost`, entry.packetsLost);
          add(`${kind}_bytes`, entry.bytesReceived);
          add("samples", entry.totalSamplesReceived);
          add("concealed", entry.concealedSamples);
          add("silently_concealed", entry.silentConcealedSamples);
          add("frames", entry.framesDecoded);
          add("freezes", entry.freezeCount);
          add("frozen_s", entry.totalFreezesDuration);
          add("nacks", entry.nackCount);
          add("plis", entry.pliCount);
          if (kind === "video") row.height = Math.max(row.height ?? 0, entry.frameHeight ?? 0);
        } else if (type === "outbound-rtp" && kind === "video") {
          add("sent_bytes", entry.bytesSent);
          add("sent_frames", entry.framesEncoded);
          add("target_bps", entry.targetBitrate);
        } else if (type === "candidate-pair" && entry.nominated && entry.state === "succeeded") {
          row.available_bps = entry.availableOutgoingBitrate;
          row.rtt_ms = Math.round(1000 * (entry.currentRoundTripTime ?? 0));
          const local = report.get(entry.localCandidateId);
          row.path = `${local?.protocol}${local?.relayProtocol ? `/${local.relayProtocol}` : ""}`;
          row.local = `${local?.address ?? ""}:${local?.port ?? ""}`;
        }
      }
    }
    return row;
  }

  /** When sound of others was last played, by receiver; a pause longer than `longMs` is written down. */
  const silences = [];
  const played = new Map();
  function listen(longMs) {
    const now = Date.now();
    for (const connection of open()) {
      for (const receiver of connection.getReceivers()) {
        if (receiver.track.kind !== "audio") continue;
        const stamp = receiver.getSynchronizationSources()[0]?.rtpTimestamp;
        const last = played.get(receiver.track.id);
        if (stamp === undefined || stamp === last?.stamp) continue;
        if (last && now - last.at > longMs) silences.push({ from: last.at, to: now });
        played.set(receiver.track.id, { stamp, at: now });
      }
    }
  }

  let rows = [];
  let timers = [];
  window.__watch = {
    look,
    start({ everyMs = 200, longMs = 100 } = {}) {
      rows = [];
      silences.length = 0;
      timers = [
        setInterval(async () => rows.push(await look()), everyMs),
        setInterval(() => listen(longMs), 10),
      ];
    },
    stop() {
      for (const timer of timers) clearInterval(timer);
      return { rows, silences };
    },
    silences: () => silences,
    /** When the browser first spoke of this address of its own; null: not yet. */
    knewAt: (address) => candidates.find((one) => one.address === address)?.at ?? null,
    lastPlayed: () => Math.max(0, ...[...played.values()].map(({ at }) => at)),
    states: () => open().map((one) => `${one.connectionState}/${one.iceConnectionState}`),
  };
}

export const watchScript = `(${installWatch})();`;
