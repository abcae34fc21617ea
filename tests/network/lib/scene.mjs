// A picture with something to encode: a textured ground that pans, as a face and a room would keep a codec busy.
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, renameSync, writeSync } from "node:fs";

export const framesPerSecond = 15;
const frames = 4 * framesPerSecond;
const reach = { x: 30, y: 20 };

function luma(x, y) {
  return 128 + 50 * Math.sin(x / 9 + Math.sin(y / 17) * 3) + 40 * Math.sin(y / 11 + x / 31);
}

/** Every frame is a window on one ground that repeats itself: the loop has no seam. */
export function writeScene(path, { width, height }) {
  if (existsSync(path)) return;
  const ground = Array.from({ length: height + 2 * reach.y }, (_, y) =>
    Buffer.from(
      Array.from({ length: width + 2 * reach.x }, (_, x) =>
        Math.round(luma(x - reach.x, y - reach.y)),
      ),
    ),
  );
  const file = openSync(`${path}.part`, "w");
  writeSync(file, `YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420mpeg2\n`);
  const chromaSize = Math.ceil(width / 2) * Math.ceil(height / 2);
  const frame = Buffer.alloc(width * height + 2 * chromaSize, 128);
  frame.fill(110, width * height, width * height + chromaSize);
  for (let number = 0; number < frames; number++) {
    const turn = (2 * Math.PI * number) / frames;
    const left = reach.x + Math.round(reach.x * Math.sin(turn));
    const top = reach.y + Math.round(reach.y * Math.cos(turn));
    for (let y = 0; y < height; y++) {
      ground[y + top].copy(frame, y * width, left, left + width);
    }
    writeSync(file, "FRAME\n");
    writeSync(file, frame);
  }
  closeSync(file);
  renameSync(`${path}.part`, path);
}

export function writeSpeech(path) {
  if (existsSync(path)) return;
  const text = new URL("speech.txt", import.meta.url).pathname;
  execFileSync("espeak-ng", ["-v", "en", "-s", "150", "-w", path, "-f", text]);
}
