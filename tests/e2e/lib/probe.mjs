// What runs inside the pages before their own scripts: it looks at the pictures and listens to the sound that
// the page plays.
import { levelAt, summarizePicture } from "./analysis.mjs";

/** Given to the browser as text: it may use nothing from outside its own body but the two functions above. */
function installProbe() {
  // Echo cancellation and noise suppression exist to remove steady tones. Everything else stays as asked.
  const devices = navigator.mediaDevices;
  if (devices) {
    const original = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (constraints) => {
      const audio = constraints?.audio;
      if (!audio) return original(constraints);
      const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      return original({ ...constraints, audio: { ...(audio === true ? {} : audio), ...raw } });
    };
  }

  let context = null;
  const analysers = new Map();

  function analyserOf(stream) {
    let analyser = analysers.get(stream);
    if (!analyser) {
      analyser = context.createAnalyser();
      analyser.fftSize = 8192;
      analyser.smoothingTimeConstant = 0;
      context.createMediaStreamSource(stream).connect(analyser);
      analysers.set(stream, analyser);
    }
    return analyser;
  }

  function levelsNow(stream, frequencies) {
    const analyser = analyserOf(stream);
    const samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    return frequencies.map((hz) => levelAt(samples, context.sampleRate, hz));
  }

  /** Firefox runs no AudioContext on a machine without a sound device; it records and decodes all the same. */
  async function levelsRecorded(stream, frequencies) {
    const recorder = new MediaRecorder(stream);
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    const stopped = new Promise((resolve) => {
      recorder.onstop = resolve;
    });
    recorder.start();
    await new Promise((resolve) => setTimeout(resolve, 400));
    recorder.stop();
    await stopped;
    const file = await new Blob(parts).arrayBuffer();
    const decoder = new OfflineAudioContext(1, 48000, 48000);
    const sound = await decoder.decodeAudioData(file).catch(() => null);
    return frequencies.map((hz) => levelAt(sound?.getChannelData(0) ?? [], 48000, hz));
  }

  async function levels(stream, frequencies) {
    context ??= new AudioContext();
    const late = new Promise((resolve) => setTimeout(resolve, 500));
    if (context.state !== "running") await Promise.race([context.resume(), late]);
    const listen = context.state === "running" ? levelsNow : levelsRecorded;
    return listen(stream, frequencies);
  }

  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 36 });
  const pen = canvas.getContext("2d", { willReadFrequently: true });

  function picture(video) {
    if (video.readyState < 2 || video.videoWidth === 0) return null;
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    const size = { width: video.videoWidth, height: video.videoHeight };
    return { ...size, ...summarizePicture(data, canvas.width, canvas.height) };
  }

  let clickedAt = 0;
  window.addEventListener("click", () => (clickedAt = Date.now()), true);

  const sounds = () =>
    [...document.querySelectorAll("audio")]
      .filter((audio) => audio.srcObject && !audio.paused && !audio.muted)
      .map((audio) => audio.srcObject);

  window.__probe = {
    clickedAt: () => clickedAt,
    /** One list of levels for each stream that the page plays. */
    heard: (frequencies) => Promise.all(sounds().map((stream) => levels(stream, frequencies))),
    /** When this frequency was no longer in anything, looked at often. */
    async silentAt(hz, belowDb) {
      for (;;) {
        const heard = await Promise.all(sounds().map((stream) => levels(stream, [hz])));
        if (heard.every(([level]) => level < belowDb)) return Date.now();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    tiles: () =>
      [...document.querySelectorAll('[data-testid="tile"]')].map((tile) => {
        const video = tile.querySelector("video");
        const box = tile.getBoundingClientRect();
        return {
          name: tile.dataset.name,
          source: tile.dataset.source,
          microphone: tile.querySelector('[data-testid="mic-state"]')?.dataset.state ?? null,
          area: Math.round(box.width * box.height),
          picture: video && picture(video),
        };
      }),
  };
}

export const probeScript = `(() => {
${summarizePicture}
${levelAt}
(${installProbe})();
})();`;
