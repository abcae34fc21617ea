// A participant in LiveKit's native SDK (Rust under @livekit/rtc-node).
import {
  LocalAudioTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from "@livekit/rtc-node";
import { eventually } from "../../e2e/lib/wait.mjs";
import { Ear, Tone } from "./tone.mjs";

export class Native {
  room = new Room();
  /** What happened: {event, ...what matters}. */
  events = [];
  data = [];
  #ears = new Map();
  #tones = [];

  /** `path` "v1": one peer connection; "v0": two. */
  static async join(stage, room, identity, { path, channels = 1, token, ...options } = {}) {
    const person = new Native();
    person.identity = identity;
    person.#listen(channels);
    const pass = token ?? (await stage.token(room, identity));
    await person.room.connect(stage.url.replace(/^http/, "ws"), pass, {
      autoSubscribe: true,
      dynacast: false,
      singlePeerConnection: path === "v1",
      ...options,
    });
    return person;
  }

  /** All at once, in one room: alice, bob, ... */
  static async joinAll(stage, identities, options) {
    const room = stage.room();
    return Promise.all(identities.map((identity) => Native.join(stage, room, identity, options)));
  }

  #listen(channels) {
    for (const event of Object.values(RoomEvent)) {
      this.room.on(event, (...details) => this.events.push({ event, details }));
    }
    this.room
      .on(RoomEvent.TrackSubscribed, (track, _, person) => {
        if (track.kind === TrackKind.KIND_AUDIO) {
          void this.#ear(person.identity, channels).listen(track);
        }
      })
      .on(RoomEvent.DataReceived, (bytes, person, kind, topic) => {
        const text = Buffer.from(bytes).toString();
        this.data.push({ text, from: person?.identity, topic, kind });
      });
  }

  #ear(identity, channels) {
    if (!this.#ears.has(identity)) this.#ears.set(identity, new Ear(channels));
    return this.#ears.get(identity);
  }

  ear(identity) {
    const ear = this.#ears.get(identity);
    if (!ear) throw new Error(`nothing to be heard of ${identity}`);
    return ear;
  }

  /** Publishes a microphone that sounds: one frequency for each channel. */
  async sound(frequencies, { sampleRate, ...options } = {}) {
    const tone = new Tone(frequencies, sampleRate);
    this.#tones.push(tone);
    const track = LocalAudioTrack.createAudioTrack("tone", tone.source);
    const source = TrackSource.SOURCE_MICROPHONE;
    return this.room.localParticipant.publishTrack(
      track,
      new TrackPublishOptions({ source, dtx: false, ...options }),
    );
  }

  get people() {
    return [...this.room.remoteParticipants.keys()].sort();
  }

  other(identity) {
    return this.room.remoteParticipants.get(identity);
  }

  publications(identity) {
    return [...(this.other(identity)?.trackPublications.values() ?? [])];
  }

  async sees(...identities) {
    await eventually(
      `${this.identity} sees ${identities.join(", ") || "nobody"}`,
      () => this.people.join() === identities.sort().join(),
      patience,
    );
  }

  async hears(identity, hz, channel) {
    await eventually(
      `${this.identity} hears ${identity} at ${hz} Hz`,
      () => this.ear(identity).hears(hz, channel),
      patience,
    );
  }

  async happens(event, matches = () => true) {
    return eventually(
      `${this.identity}: ${event}`,
      () => this.events.find((entry) => entry.event === event && matches(...entry.details)),
      patience,
    );
  }

  async leave() {
    for (const tone of this.#tones) tone.stop();
    await this.room.disconnect();
  }
}

export const patience = { timeoutMs: 15_000, everyMs: 50 };

/** Whatever the test makes of them, they leave. */
export async function among(people, story) {
  try {
    return await story(...people);
  } finally {
    await Promise.all(people.map((person) => person.leave()));
  }
}
