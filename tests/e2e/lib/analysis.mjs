// Whose picture is it, does it move, and which tones are in the sound? The first two functions also run
// inside the pages, given to the browser as text: they may use nothing from outside their own bodies.
import { looks } from "./fake_media.mjs";

/** RGBA to the mean colour of 32 columns (they tell motion) and the hue of what is colourful. */
export function summarizePicture(rgba, width, height) {
  const count = 32;
  const columns = Array.from({ length: 3 * count }, () => 0);
  let x = 0;
  let y = 0;
  for (let i = 0; i < rgba.length; i += 4) {
    const [r, g, b] = [rgba[i], rgba[i + 1], rgba[i + 2]];
    const column = 3 * Math.floor((((i / 4) % width) * count) / width);
    const weight = count / (width * height);
    columns[column] += r * weight;
    columns[column + 1] += g * weight;
    columns[column + 2] += b * weight;
    // On the colour circle grey and white have no length.
    x += r - (g + b) / 2;
    y += (Math.sqrt(3) / 2) * (g - b);
  }
  const hue = Math.round(((Math.atan2(y, x) * 180) / Math.PI + 360) % 360);
  return { hue, columns };
}

/** How loud this frequency is in samples of -1 to 1, in decibels below a full sine. */
export function levelAt(samples, sampleRate, hz) {
  let x = 0;
  let y = 0;
  for (let i = 0; i < samples.length; i++) {
    const angle = (2 * Math.PI * hz * i) / sampleRate;
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / samples.length);
    x += window * samples[i] * Math.cos(angle);
    y += window * samples[i] * Math.sin(angle);
  }
  return Math.max(-200, 20 * Math.log10((4 * Math.hypot(x, y)) / (samples.length || 1)));
}

export const tones = Object.values(looks).map((look) => look.tone);

// A tone arrives at -10 to -25 dB; its neighbours' skirts and what codecs add stay below -60 dB.
export const audibleDb = -45;

/** Names of the looks whose tones are in any of the streams; each stream is a list of levels as `tones`. */
export function looksIn(streams) {
  return Object.keys(looks).filter((_, i) => streams.some((levels) => levels[i] > audibleDb));
}

export function hasHueOf(picture, look) {
  const { hue } = looks[look];
  return hue === null || Math.abs(((picture.hue - hue + 540) % 360) - 180) <= 20;
}

/** Two pictures of the same video, a moment apart. */
export function differ(before, after) {
  return before.columns.some((value, i) => Math.abs(value - after.columns[i]) > 40);
}
