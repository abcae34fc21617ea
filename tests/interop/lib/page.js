// Runs in the page, after livekit-client: rooms by name, and what can be measured of them.
const { Room, RoomEvent, Track, ExternalE2EEKeyProvider } = window.LivekitClient;
const rooms = new Map();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Where the pictures of a room are shown; adaptive streams look at the size and at what is visible. */
function show(room, track) {
  const element = track.attach();
  Object.assign(element.style, { position: "fixed", left: 0, top: 0 });
  Object.assign(element.style, { width: `${room.tile.width}px`, height: `${room.tile.height}px` });
  document.body.append(element);
}

function resize(room, tile) {
  room.tile = tile;
  for (const person of room.remoteParticipants.values()) {
    for (const { track } of person.trackPublications.values()) {
      for (const { style } of track?.attachedElements ?? []) {
        Object.assign(style, { width: `${tile.width}px`, height: `${tile.height}px` });
      }
    }
  }
}

function remember(room) {
  room.happened = [];
  const note = (event, details) => room.happened.push({ event, ...details });
  room
    .on(RoomEvent.TrackSubscribed, (track) => show(room, track))
    .on(RoomEvent.TrackUnsubscribed, (track) => {
      for (const element of track.detach()) element.remove();
    })
    .on(RoomEvent.DataReceived, (bytes, person, _, topic) =>
      note("data", { text: new TextDecoder().decode(bytes), from: person?.identity, topic }),
    )
    .on(RoomEvent.Disconnected, (reason) => note("disconnected", { reason }))
    .on(RoomEvent.Reconnecting, () => note("reconnecting"))
    .on(RoomEvent.SignalReconnecting, () => note("signalReconnecting"))
    .on(RoomEvent.Reconnected, () => note("reconnected"))
    .on(RoomEvent.ActiveSpeakersChanged, (speakers) =>
      note("speakers", { identities: speakers.map((person) => person.identity) }),
    )
    .on(RoomEvent.ParticipantPermissionsChanged, (_, person) =>
      note("permissions", { identity: person.identity }),
    )
    .on(RoomEvent.TrackSubscriptionPermissionChanged, (publication, status) =>
      note("subscriptionPermission", { sid: publication.trackSid, status }),
    )
    .on(RoomEvent.EncryptionError, (error) => note("encryptionError", { text: String(error) }));
}

/** `key`: end-to-end encryption with a shared key. */
async function join({ name, url, token, path, key, options, connect }) {
  const keyProvider = key && new ExternalE2EEKeyProvider();
  await keyProvider?.setKey(key);
  const encryption = key && { keyProvider, worker: new Worker("/e2ee.worker.js") };
  const room = new Room({
    singlePeerConnection: path === "v1",
    publishDefaults: { dtx: false },
    ...(key && { encryption }),
    ...options,
  });
  room.tile = { width: 320, height: 180 };
  remember(room);
  if (key) await room.setE2EEEnabled(true);
  await room.connect(url, token, connect);
  rooms.set(name, room);
  const mode = room.engine.pcManager.mode;
  if ((mode === "publisher-only") !== (path === "v1")) throw new Error(`${path} became ${mode}`);
  return room.localParticipant.sid;
}

async function leave(name) {
  const room = rooms.get(name);
  rooms.delete(name);
  await room?.disconnect();
}

/** A picture that changes all the time, of any size, from a canvas. */
function drawing(width, height, framesPerSecond = 15) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d");
  let count = 0;
  const timer = setInterval(() => {
    count += 1;
    pen.fillStyle = `hsl(${(count * 5) % 360} 80% 50%)`;
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = "white";
    for (let i = 0; i < 12; i++) {
      pen.fillRect(
        (count * 7 + i * 97) % width,
        (i * 61 + count * 3) % height,
        width / 12,
        height / 12,
      );
    }
  }, 1000 / framesPerSecond);
  const [track] = canvas.captureStream(framesPerSecond).getVideoTracks();
  track.addEventListener("ended", () => clearInterval(timer));
  const stop = track.stop.bind(track);
  track.stop = () => {
    clearInterval(timer);
    stop();
  };
  return track;
}

function publication(room, identity, source) {
  return room.remoteParticipants.get(identity)?.getTrackPublication(source);
}

const codecOf = (report, entry) => report.get(entry.codecId)?.mimeType.split("/")[1].toLowerCase();

/** What arrived of one track, by the browser's statistics; null when nothing is there. */
async function received(room, identity, source) {
  const report = await publication(room, identity, source)?.track?.receiver?.getStats();
  for (const entry of report?.values() ?? []) {
    if (entry.type !== "inbound-rtp") continue;
    return {
      packets: entry.packetsReceived,
      frames: entry.framesDecoded ?? 0,
      width: entry.frameWidth ?? 0,
      height: entry.frameHeight ?? 0,
      energy: entry.totalAudioEnergy ?? 0,
      freezes: entry.freezeCount ?? 0,
      codec: codecOf(report, entry),
    };
  }
  return null;
}

/** What leaves of one's own track: one entry for each encoding, of all its codecs. */
async function sent(room, source) {
  const track = room.localParticipant.getTrackPublication(source)?.track;
  const senders = [
    track?.sender,
    ...[...(track?.simulcastCodecs?.values() ?? [])].map((one) => one.sender),
  ];
  const all = [];
  for (const sender of senders.filter(Boolean)) {
    const report = await sender.getStats();
    for (const entry of report.values()) {
      if (entry.type !== "outbound-rtp") continue;
      const { rid = "", active, framesSent: frames = 0, packetsSent: packets } = entry;
      const { frameWidth: width = 0, frameHeight: height = 0 } = entry;
      all.push({ rid, active, frames, packets, width, height, codec: codecOf(report, entry) });
    }
  }
  return all;
}

/** Watches when sound of one person was last played out here, until stop(): the longest time without any. */
function watchGaps(room, identity) {
  let newest = 0;
  let longestMs = 0;
  let isOn = true;
  (async () => {
    while (isOn) {
      const receiver = publication(room, identity, Track.Source.Microphone)?.track?.receiver;
      for (const { timestamp } of receiver?.getSynchronizationSources() ?? []) {
        if (newest > 0) longestMs = Math.max(longestMs, timestamp - newest);
        newest = Math.max(newest, timestamp);
      }
      await pause(10);
    }
  })();
  return {
    longestMs: () => longestMs,
    /** Milliseconds for which nothing has come by now. */
    silentMs: () => performance.timeOrigin + performance.now() - newest,
    stop: () => (isOn = false),
  };
}

window.interop = {
  rooms,
  pause,
  join,
  leave,
  resize,
  drawing,
  publication,
  received,
  sent,
  watchGaps,
};
