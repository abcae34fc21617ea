const everyMs = 80;
// Speech at arm's length lands near the middle of the scale with these bounds.
const quietestDb = -60;
const loudestDb = -12;

/** Follows the loudness of a track, 0 to 1. Returns the function that stops. */
export function followLoudness(
  track: MediaStreamTrack,
  onLevel: (level: number) => void,
): () => void {
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const stopWaking = wakeOnGesture(context);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    onLevel(loudnessOf(samples));
  }, everyMs);
  return () => {
    clearInterval(timer);
    stopWaking();
    source.disconnect();
    void context.close();
    onLevel(0);
  };
}

/** A browser may keep sound processing asleep until the person touches the page. */
function wakeOnGesture(context: AudioContext): () => void {
  const wake = () => void context.resume().catch(() => {});
  const gestures = ["pointerdown", "keydown"] as const;
  for (const gesture of gestures) document.addEventListener(gesture, wake, { once: true });
  return () => {
    for (const gesture of gestures) document.removeEventListener(gesture, wake);
  };
}

function loudnessOf(samples: Float32Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  const db = 10 * Math.log10(energy / samples.length + 1e-12);
  return Math.min(1, Math.max(0, (db - quietestDb) / (loudestDb - quietestDb)));
}

const talkingLevel = 0.55;
const talkingForMs = 700;

/**
 * Tells when someone talks into a muted microphone. The muted track itself is silent, so a clone listens;
 * its sound stays in this function and is never sent.
 */
export function watchMutedSpeech(track: MediaStreamTrack, onTalking: () => void): () => void {
  const clone = track.clone();
  clone.enabled = true;
  let loudMs = 0;
  const stop = followLoudness(clone, (level) => {
    loudMs = level > talkingLevel ? loudMs + everyMs : Math.max(0, loudMs - everyMs / 2);
    if (loudMs < talkingForMs) return;
    loudMs = -20_000;
    onTalking();
  });
  return () => {
    stop();
    clone.stop();
  };
}
