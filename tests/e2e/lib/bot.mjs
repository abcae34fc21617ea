// A native LiveKit client (the Rust SDK under @livekit/rtc-node) that shows a colour and sounds a tone.
import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  LocalVideoTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
  VideoStream,
} from "@livekit/rtc-node";
import { differ, hasHueOf, levelAt, looksIn, summarizePicture, tones } from "./analysis.mjs";
import { drawFrame, frameSize, framesPerSecond, looks, toneSamples } from "./fake_media.mjs";
import { eventually, sleep } from "./wait.mjs";

const sampleRate = 48000;
const samplesKept = 8192;

export class Bot {
  room = new Room();
  data = [];
  #isOpen = true;
  /** By participant identity: the last frame and the last samples. */
  #frames = new Map();
  #samples = new Map();

  static async connect(url, token, look, options = {}) {
    const bot = new Bot();
    bot.look = look;
    bot.room
      .on(RoomEvent.TrackSubscribed, (track, _, person) => {
        if (track.kind === TrackKind.KIND_VIDEO) void bot.#watch(track, person.identity);
        else void bot.#listen(track, person.identity);
      })
      .on(RoomEvent.DataReceived, (payload, person, _, topic) =>
        bot.data.push({ text: Buffer.from(payload).toString(), from: person?.identity, topic }),
      );
    await bot.room.connect(url.replace(/^http/, "ws"), token, { autoSubscribe: true, ...options });
    return bot;
  }

  /** Its tone alone. */
  async speak() {
    const sound = new AudioSource(sampleRate, 1);
    const microphone = LocalAudioTrack.createAudioTrack("tone", sound);
    await this.room.localParticipant.publishTrack(
      microphone,
      new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }),
    );
    void this.#sound(sound);
  }

  async publish() {
    await this.speak();
    const camera = new VideoSource(frameSize.width, frameSize.height);
    const picture = LocalVideoTrack.createVideoTrack("colour", camera);
    await this.room.localParticipant.publishTrack(
      picture,
      new TrackPublishOptions({ source: TrackSource.SOURCE_CAMERA, simulcast: false }),
    );
    void this.#show(camera);
  }

  /** Waits by itself while a second is queued. */
  async #sound(source) {
    const count = sampleRate / 50;
    for (let first = 0; this.#isOpen; first = (first + count) % sampleRate) {
      const samples = toneSamples(looks[this.look].tone, count, first);
      await source.captureFrame(new AudioFrame(samples, sampleRate, 1, count)).catch(() => {});
    }
  }

  async #show(source) {
    for (let number = 0; this.#isOpen; number++) {
      const i420 = drawFrame(looks[this.look], number);
      const { width, height } = frameSize;
      source.captureFrame(new VideoFrame(i420, width, height, VideoBufferType.I420));
      await sleep(1000 / framesPerSecond);
    }
  }

  async #watch(track, identity) {
    for await (const { frame } of new VideoStream(track)) this.#frames.set(identity, frame);
  }

  async #listen(track, identity) {
    let kept = new Float32Array(0);
    for await (const frame of new AudioStream(track, sampleRate, 1)) {
      const fresh = Float32Array.from(frame.data, (value) => value / 32768);
      kept = Float32Array.from([...kept.slice(-samplesKept), ...fresh]);
      this.#samples.set(identity, kept);
    }
  }

  picture(identity) {
    const frame = this.#frames.get(identity);
    if (!frame) return null;
    const { data, width, height } = frame.convert(VideoBufferType.RGBA);
    return summarizePicture(data, width, height);
  }

  async sees(identity, look) {
    await eventually(`the bot sees ${identity}`, async () => {
      const before = this.picture(identity);
      if (!before) return null;
      if (!hasHueOf(before, look)) throw new Error(`hue ${before.hue}`);
      await sleep(300);
      return differ(before, this.picture(identity));
    });
  }

  async hears(identity, look) {
    await eventually(`the bot hears ${identity}`, () => {
      const samples = this.#samples.get(identity);
      const heard = samples ? looksIn([tones.map((hz) => levelAt(samples, sampleRate, hz))]) : [];
      if (heard.join() !== look) throw new Error(`hears ${heard.join(", ") || "nothing"}`);
      return true;
    });
  }

  async close() {
    this.#isOpen = false;
    await this.room.disconnect();
  }
}
