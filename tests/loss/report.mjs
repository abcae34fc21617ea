// From two looks at getStats to the figures of the time between them.
import { readFileSync, writeFileSync } from "node:fs";
import { framesPerSecond } from "./scene.mjs";

function growth(before, after) {
  const earlier = new Map(before.map((entry) => [entry.id, entry]));
  return (type, kind) => {
    const codecs = new Map(after.filter((e) => e.type === "codec").map((e) => [e.id, e.mimeType]));
    const entry = after.find((e) => e.type === type && e.kind === kind);
    const old = earlier.get(entry?.id) ?? {};
    return {
      codec: codecs.get(entry?.codecId) ?? null,
      of: (name) => (entry?.[name] ?? 0) - (old[name] ?? 0),
      now: (name) => entry?.[name] ?? null,
      seconds: entry ? (entry.timestamp - (old.timestamp ?? entry.timestamp)) / 1000 : 0,
    };
  };
}

const percent = (part, whole) => (whole > 0 ? Math.round((10_000 * part) / whole) / 100 : null);
const perSecond = (amount, seconds) =>
  seconds > 0 ? Math.round((10 * amount) / seconds) / 10 : null;
const meanMs = (total, count) => (count > 0 ? Math.round((1000 * total) / count) : null);

/** What a person received and sent; shares are percentages, times are milliseconds. */
export function reportOf(before, after) {
  const find = growth(before, after);
  const sound = find("inbound-rtp", "audio");
  const picture = find("inbound-rtp", "video");
  const sentSound = find("outbound-rtp", "audio");
  const sentPicture = find("outbound-rtp", "video");
  const concealed = sound.of("concealedSamples");
  const silent = sound.of("silentConcealedSamples");
  const samples = sound.of("totalSamplesReceived");
  return {
    audio: {
      codec: sound.codec,
      negotiated: find("receiver", "audio").now("codecs"),
      concealed_percent: percent(concealed, samples),
      audibly_concealed_percent: percent(concealed - silent, samples),
      concealment_events: sound.of("concealmentEvents"),
      packets_received: sound.of("packetsReceived"),
      packets_lost: sound.of("packetsLost"),
      fec_packets_received: sound.of("fecPacketsReceived"),
      fec_packets_discarded: sound.of("fecPacketsDiscarded"),
      nacks_sent: sound.of("nackCount"),
      retransmitted: sound.of("retransmittedPacketsReceived"),
      buffer_ms: meanMs(sound.of("jitterBufferDelay"), sound.of("jitterBufferEmittedCount")),
      kbit_per_second: perSecond(sound.of("bytesReceived") / 125, sound.seconds),
    },
    video: {
      codec: picture.codec,
      freezes: picture.of("freezeCount"),
      frozen_seconds: Math.round(10 * picture.of("totalFreezesDuration")) / 10,
      frames_per_second: perSecond(picture.of("framesDecoded"), picture.seconds),
      frames_decoded: picture.of("framesDecoded"),
      frames_dropped: picture.of("framesDropped"),
      key_frames: picture.of("keyFramesDecoded"),
      packets_received: picture.of("packetsReceived"),
      packets_lost: picture.of("packetsLost"),
      nacks_sent: picture.of("nackCount"),
      plis_sent: picture.of("pliCount"),
      retransmitted: picture.of("retransmittedPacketsReceived"),
      buffer_ms: meanMs(picture.of("jitterBufferDelay"), picture.of("jitterBufferEmittedCount")),
      width: picture.now("frameWidth"),
      kbit_per_second: perSecond(picture.of("bytesReceived") / 125, picture.seconds),
    },
    sent: {
      audio_negotiated: find("sender", "audio").now("codecs"),
      audio_packets: sentSound.of("packetsSent"),
      audio_kbit_per_second: perSecond(sentSound.of("bytesSent") / 125, sentSound.seconds),
      video_packets: sentPicture.of("packetsSent"),
      video_retransmitted: sentPicture.of("retransmittedPacketsSent"),
      video_nacks_received: sentPicture.of("nackCount"),
      video_plis_received: sentPicture.of("pliCount"),
      video_frames_per_second: perSecond(sentPicture.of("framesEncoded"), sentPicture.seconds),
      video_kbit_per_second: perSecond(sentPicture.of("bytesSent") / 125, sentPicture.seconds),
      video_target_kbit_per_second: Math.round((sentPicture.now("targetBitrate") ?? 0) / 1000),
      video_limited_by: sentPicture.now("qualityLimitationReason"),
    },
  };
}

/**
 * Emulator and browsers share one machine. When packets left the emulator late, or nobody could encode what the
 * camera gives, the figures are the machine's and not the network's.
 */
function isMachineTooBusy({ link, people }) {
  const ways = Object.values(link.ways);
  const late = ways.reduce((sum, way) => sum + way.late, 0);
  const packets = ways.reduce((sum, way) => sum + way.packets, 0);
  const starved = ({ sent }) => sent.video_frames_per_second < 0.95 * framesPerSecond;
  return late > 0.01 * packets || people.some(starved);
}

/** One column a person, then how the server's counters grew. */
function table(report) {
  const lines = [
    `${report.loss_percent} % loss each way, ${report.seconds} s, seed ${report.seed}`,
  ];
  if (report.machine_too_busy) lines.push("MACHINE TOO BUSY: these figures are not the network's");
  const row = (name, values) =>
    lines.push(name.padEnd(34) + values.map((value) => String(value ?? "-").padStart(26)).join(""));
  row(
    "",
    report.people.map((person) => person.name),
  );
  for (const part of ["audio", "video", "sent"]) {
    for (const name of Object.keys(report.people[0][part])) {
      row(
        `${part} ${name}`,
        report.people.map((person) => person[part][name]),
      );
    }
  }
  for (const [name, { before, after }] of Object.entries(report.metrics)) {
    if (after !== before) lines.push(`${name} ${before} -> ${after}`);
  }
  for (const [name, way] of Object.entries(report.link.ways)) {
    const words = Object.entries(way).map(([what, count]) => `${what} ${count}`);
    lines.push(`link ${name}: ${words.join(", ")}`);
  }
  return `${lines.join("\n")}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const [reportFile, linkFile] = process.argv.slice(2);
  const read = (file) => JSON.parse(readFileSync(file, "utf8"));
  const report = read(reportFile);
  report.link = { options: report.link, ways: read(linkFile).totals };
  report.machine_too_busy = isMachineTooBusy(report);
  writeFileSync(reportFile, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(table(report));
}
