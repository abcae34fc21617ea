/** What is sent instead of one's own picture and voice: noise that takes as many bits as a person, and a tone. */
export interface Pattern {
  video: MediaStreamTrack;
  audio: MediaStreamTrack;
  stop(): void;
}

const width = 640;
const height = 360;
const squarePx = 20;
const framesPerSecond = 24;
const toneHz = 440;

export function startPattern(): Pattern {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const paint = () => {
    for (let i = 0; i < 40 && context; i++) {
      context.fillStyle = `hsl(${Math.random() * 360} 70% 50%)`;
      context.fillRect(
        Math.floor((Math.random() * width) / squarePx) * squarePx,
        Math.floor((Math.random() * height) / squarePx) * squarePx,
        squarePx,
        squarePx,
      );
    }
  };
  paint();
  const timer = setInterval(paint, 1000 / framesPerSecond);
  const sound = new AudioContext();
  const tone = new OscillatorNode(sound, { frequency: toneHz });
  const out = sound.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  const [video] = canvas.captureStream(framesPerSecond).getVideoTracks();
  const [audio] = out.stream.getAudioTracks();
  const stop = () => {
    clearInterval(timer);
    video?.stop();
    audio?.stop();
    void sound.close();
  };
  if (video && audio) return { video, audio, stop };
  stop();
  throw new Error("this browser makes no tracks of its own");
}
