// Sine waves: made, sent, recognised.
import { AudioFrame, AudioSource, AudioStream } from "@livekit/rtc-node";

const samplesPerSecond = 48_000;
const loud = 0.03;

/** Interleaved samples of 10 ms, one frequency for each channel. `first` is the number of the first sample. */
function waves(frequencies, sampleRate, first) {
  const count = sampleRate / 100;
  const samples = new Int16Array(count * frequencies.length);
  for (let i = 0; i < samples.length; i++) {
    const hz = frequencies[i % frequencies.length];
    const at = (first + Math.floor(i / frequencies.length)) / sampleRate;
    samples[i] = Math.round(0.3 * 32767 * Math.sin(2 * Math.PI * hz * at));
  }
  return new AudioFrame(samples, sampleRate, frequencies.length, count);
}

/** A source that sounds until stop(). */
export class Tone {
  #isOn = true;

  constructor(frequencies, sampleRate = samplesPerSecond) {
    this.source = new AudioSource(sampleRate, frequencies.length, 200);
    this.ended = this.#sound(frequencies, sampleRate);
  }

  async #sound(frequencies, sampleRate) {
    for (let first = 0; this.#isOn; first = (first + sampleRate / 100) % sampleRate) {
      // Waits by itself while enough is queued; refused once the source is closed.
      await this.source
        .captureFrame(waves(frequencies, sampleRate, first))
        .catch(() => this.stop());
    }
  }

  stop() {
    this.#isOn = false;
  }
}

/** What one listens to: which frequency sounds, and the longest silence since it was first heard. */
export class Ear {
  longestGapMs = 0;
  #heardAt = null;
  #samples = [];

  constructor(channels = 1) {
    this.channels = channels;
  }

  async listen(track) {
    for await (const frame of new AudioStream(track, samplesPerSecond, this.channels)) {
      this.#take(frame.data);
    }
  }

  #take(data) {
    const kept = samplesPerSecond / 2;
    const now = Date.now();
    for (let channel = 0; channel < this.channels; channel++) {
      const own = data.filter((_, i) => i % this.channels === channel);
      const fresh = Float32Array.from(own, (value) => value / 32768);
      const before = this.#samples[channel] ?? new Float32Array(0);
      const all = Float32Array.from([...before.slice(fresh.length - kept), ...fresh]);
      this.#samples[channel] = all.slice(-kept);
      if (channel > 0 || !fresh.some((value) => Math.abs(value) > loud)) continue;
      if (this.#heardAt) this.longestGapMs = Math.max(this.longestGapMs, now - this.#heardAt);
      this.#heardAt = now;
    }
  }

  forgetGaps() {
    this.longestGapMs = 0;
  }

  /** By counting the rises through zero of half a second; null while it is not full or silent. */
  frequency(channel = 0) {
    const samples = this.#samples[channel] ?? [];
    if (samples.length < samplesPerSecond / 2 || Date.now() - this.#heardAt > 100) return null;
    let rises = 0;
    let isBelow = false;
    for (const value of samples) {
      if (value < -loud) isBelow = true;
      if (value > loud && isBelow) {
        rises += 1;
        isBelow = false;
      }
    }
    return rises * 2;
  }

  hears(hz, channel = 0) {
    const heard = this.frequency(channel);
    if (heard === null || Math.abs(heard - hz) > 0.05 * hz) throw new Error(`hears ${heard} Hz`);
    return true;
  }
}
