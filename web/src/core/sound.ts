import type { Sound } from "./session/sounds";

/** Hz, one after the other: up for a beginning, down for an end. */
const melodies: Record<Sound, readonly number[]> = {
  hand: [660],
  floor: [523, 784],
  turn_over: [587, 392],
};
const toneSeconds = 0.16;
const worthMs = 1500;
/** Below a voice at a normal distance (-24 dB): it must not be an interruption. */
const loudest = 0.06;

let context: AudioContext | null = null;

/** One context for all: browsers allow a few per page. It sleeps until the person has touched the page. */
function audio(speakerId: string | null): AudioContext {
  context ??= new AudioContext();
  if ("setSinkId" in context && typeof context.setSinkId === "function") {
    void context.setSinkId(speakerId ?? "").catch(() => {});
  }
  return context;
}

/** Made here, not fetched. Where the browser waits for the person's leave, it may come too late to mean anything. */
export async function playSound(sound: Sound, speakerId: string | null): Promise<void> {
  const askedAt = performance.now();
  const out = audio(speakerId);
  await out.resume();
  if (performance.now() - askedAt > worthMs) return;
  for (const [index, hz] of melodies[sound].entries()) {
    playTone(out, hz, out.currentTime + index * toneSeconds);
  }
}

/** Swells and fades, so that there is no click. */
function playTone(out: AudioContext, hz: number, at: number): void {
  const tone = new OscillatorNode(out, { type: "sine", frequency: hz });
  const volume = new GainNode(out, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(loudest, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 2 * toneSeconds);
  tone.connect(volume).connect(out.destination);
  tone.start(at);
  tone.stop(at + 2 * toneSeconds);
}
