// What each publisher shows and says: a solid colour of its own with a white bar that wanders, and a tone of
// its own. A receiver can then tell by one look whose picture it is and whether it moves.
import { writeFileSync } from "node:fs";

const width = 320;
const height = 180;
export const framesPerSecond = 15;
const frames = 2 * framesPerSecond;
const barWidth = 32;
const sampleRate = 48000;

/** RGB, hue in degrees, tone in Hz. No tone is a multiple of another: a distorted one must not pass for it. */
export const looks = {
  red: { rgb: [220, 30, 30], hue: 0, tone: 440 },
  green: { rgb: [30, 190, 30], hue: 120, tone: 1030 },
  blue: { rgb: [40, 40, 230], hue: 240, tone: 1610 },
  magenta: { rgb: [210, 30, 210], hue: 300, tone: 620 },
  // Firefox has its own fake camera (all hues in turn) and a tone that can be set.
  firefox: { hue: null, tone: 2290 },
};

/** BT.601, studio range: what Y4M and VP8 mean without further words. */
function toYuv([r, g, b]) {
  return [
    Math.round(16 + 0.257 * r + 0.504 * g + 0.098 * b),
    Math.round(128 - 0.148 * r - 0.291 * g + 0.439 * b),
    Math.round(128 + 0.439 * r - 0.368 * g - 0.071 * b),
  ];
}

/** One I420 frame: the bar's place follows the frame's number. */
export function drawFrame(look, number) {
  const [y, u, v] = toYuv(look.rgb);
  const luma = width * height;
  const chroma = luma / 4;
  const frame = Buffer.alloc(luma + 2 * chroma);
  frame.fill(y, 0, luma);
  frame.fill(u, luma, luma + chroma);
  frame.fill(v, luma + chroma);
  const left = 2 * Math.floor((((number % frames) / frames) * (width - barWidth)) / 2);
  for (let row = 0; row < height; row++) {
    frame.fill(235, row * width + left, row * width + left + barWidth);
  }
  for (let row = 0; row < height / 2; row++) {
    for (const plane of [luma, luma + chroma]) {
      const start = plane + (row * width + left) / 2;
      frame.fill(128, start, start + barWidth / 2);
    }
  }
  return frame;
}

export const frameSize = { width, height };

export function writeY4m(path, look) {
  writeFrames(path, (number) => drawFrame(look, number));
}

function writeFrames(path, draw) {
  const parts = [`YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420mpeg2\n`];
  for (let number = 0; number < frames; number++) parts.push("FRAME\n", draw(number));
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part))));
}

/** A room with nobody in it, full of what could be read: black and white stripes, which wander. */
export function writeStripes(path) {
  writeFrames(path, (number) => {
    const luma = width * height;
    const frame = Buffer.alloc(luma * 1.5, 128);
    for (let i = 0; i < luma; i++) {
      frame[i] = Math.floor(((i % width) + number) / stripeWidth) % 2 === 0 ? 16 : 235;
    }
    return frame;
  });
}
const stripeWidth = 5;

/**
 * A second of something like a voice, a second of none, over a noise that does not stop. A voice is a pitch that
 * glides, its harmonics, weaker with their number and strong near two formants, in syllables.
 */
export function writeNoisyVoice(path) {
  const samples = new Int16Array(6 * sampleRate);
  let phase = 0;
  let seed = 1;
  for (let i = 0; i < samples.length; i++) {
    const at = i / sampleRate;
    seed = (seed * 1664525 + 1013904223) % 2 ** 32;
    const noise = 0.03 * (seed / 2 ** 31 - 1);
    phase += (2 * Math.PI * (130 + 25 * Math.sin(2 * Math.PI * 1.7 * at))) / sampleRate;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 4 * at)) ** 0.5;
    const isVoice = Math.floor(at) % 2 === 0;
    samples[i] = 32767 * (noise + (isVoice ? 0.25 * syllable * voiceAt(phase) : 0));
  }
  writeSamples(path, samples);
}

function voiceAt(phase) {
  let sum = 0;
  for (let harmonic = 1; harmonic <= 24; harmonic++) {
    const hz = 130 * harmonic;
    const near = (formant, wide) => Math.exp(-(((hz - formant) / wide) ** 2));
    sum += (0.15 + near(650, 250) + 0.6 * near(1500, 400)) * (Math.sin(harmonic * phase) / 3);
  }
  return sum;
}

/** Whole periods only, so that a loop has no click at its seam. */
export function toneSamples(hz, count, first = 0) {
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) {
    samples[i] = Math.round(0.3 * 32767 * Math.sin((2 * Math.PI * hz * (first + i)) / sampleRate));
  }
  return samples;
}

export function writeWav(path, look) {
  writeSamples(path, toneSamples(look.tone, sampleRate));
}

function writeSamples(path, samples) {
  const data = Buffer.from(samples.buffer);
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // mono
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(2 * sampleRate, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(data.length, 40);
  writeFileSync(path, Buffer.concat([header, data]));
}
