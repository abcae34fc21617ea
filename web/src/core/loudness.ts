const everyMs = 80;
// Speech at arm's length lands near the middle of the scale with these bounds.
const quietestDb = -60;
const loudestDb = -12;

/** Looks at a track's sound now and then. Returns the function that stops. */
function sampleSound(
  track: MediaStreamTrack,
  everyMs: number,
  onSamples: (samples: Float32Array) => void,
): () => void {
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const stopWaking = wakeOnGesture(context);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    // Asleep, it hears silence, which says nothing of the microphone.
    if (context.state !== "running") return;
    analyser.getFloatTimeDomainData(samples);
    onSamples(samples);
  }, everyMs);
  return () => {
    clearInterval(timer);
    stopWaking();
    source.disconnect();
    void context.close();
  };
}

/** Follows the loudness of a track, 0 to 1. Returns the function that stops. */
export function followLoudness(
  track: MediaStreamTrack,
  onLevel: (level: number) => void,
): () => void {
  const stop = sampleSound(track, everyMs, (samples) => onLevel(loudnessOf(samples)));
  return () => {
    stop();
    onLevel(0);
  };
}

/** A browser may keep sound processing asleep until the person touches the page. */
function wakeOnGesture(context: AudioContext): () => void {
  return onGesture(() => void context.resume().catch(() => {}));
}

/** Once, when the person touches the page. Returns the function that forgets it. */
export function onGesture(wake: () => void): () => void {
  const gestures = ["pointerdown", "keydown"] as const;
  const once = new AbortController();
  const touched = () => {
    once.abort();
    wake();
  };
  for (const gesture of gestures) document.addEventListener(gesture, touched, once);
  return () => once.abort();
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

const silenceEveryMs = 1000;
const silentForMs = 20_000;
// The quietest room is louder than this, even after noise suppression; a dead device gives zeros.
const deadPeak = 1e-5;

/** How long nothing at all has been heard, after one more look. */
export function silentSince(silentMs: number, samples: Float32Array): number {
  const isDead = samples.every((sample) => Math.abs(sample) < deadPeak);
  return isDead ? silentMs + silenceEveryMs : 0;
}

/** Tells when an open microphone gives nothing for long: turned off in the system, on the headset, or broken. */
export function watchSilence(
  track: MediaStreamTrack,
  onChange: (silent: boolean) => void,
): () => void {
  let silentMs = 0;
  return sampleSound(track, silenceEveryMs, (samples) => {
    const wasSilent = silentMs >= silentForMs;
    silentMs = silentSince(silentMs, samples);
    const isSilent = silentMs >= silentForMs;
    if (isSilent !== wasSilent) onChange(isSilent);
  });
}
