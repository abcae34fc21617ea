// Sine waves: made, sent, recognised.
import { AudioFrame, AudioSource, AudioStream } from "@livekit/rtc-node";

const samplesPerSecond = 48_000;
// Of 32767; the tones have 9830.
const loud = 1000;

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
  /** The last half second of each channel, as a ring. */
  #rings;
  #count = 0;

  constructor(channels = 1) {
    this.channels = channels;
    this.#rings = Array.from({ length: channels }, () => new Int16Array(samplesPerSecond / 2));
  }

  async listen(track) {
    for await (const frame of new AudioStream(track, samplesPerSecond, this.channels)) {
      this.#take(frame.data);
    }
  }

  #take(data) {
    const { length } = this.#rings[0];
    let isHeard = false;
    for (let i = 0; i < data.length; i++) {
      const at = (this.#count + Math.floor(i / this.channels)) % length;
      this.#rings[i % this.channels][at] = data[i];
      if (data[i] > loud) isHeard = true;
    }
    this.#count += data.length / this.channels;
    if (!isHeard) return;
    const now = Date.now();
    if (this.#heardAt) this.longestGapMs = Math.max(this.longestGapMs, now - this.#heardAt);
    this.#heardAt = now;
  }

  forgetGaps() {
    this.longestGapMs = 0;
  }

  /** By counting the rises through zero of half a second; null while it is not full or silent. */
  frequency(channel = 0) {
    const ring = this.#rings[channel];
    if (this.#count < ring.length || Date.now() - this.#heardAt > 200) return null;
    let rises = 0;
    let isBelow = false;
    for (let i = 0; i < ring.length; i++) {
      const value = ring[(this.#count + i) % ring.length];
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
