// A picture with something to encode: a textured ground that pans, as a face and a room would keep a codec busy.
import { closeSync, openSync, writeSync } from "node:fs";

const width = 480;
const height = 270;
export const framesPerSecond = 15;
const frames = 4 * framesPerSecond;

function luma(x, y) {
  return 128 + 50 * Math.sin(x / 9 + Math.sin(y / 17) * 3) + 40 * Math.sin(y / 11 + x / 31);
}

/** Every frame is a window on one ground that repeats itself: the loop has no seam. */
export function writeScene(path) {
  const file = openSync(path, "w");
  writeSync(file, `YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420mpeg2\n`);
  const chromaSize = Math.ceil(width / 2) * Math.ceil(height / 2);
  for (let number = 0; number < frames; number++) {
    const turn = (2 * Math.PI * number) / frames;
    const [left, top] = [Math.round(30 * Math.sin(turn)), Math.round(20 * Math.cos(turn))];
    const frame = Buffer.alloc(width * height + 2 * chromaSize, 128);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) frame[y * width + x] = Math.round(luma(x + left, y + top));
    }
    frame.fill(110, width * height, width * height + chromaSize);
    writeSync(file, "FRAME\n");
    writeSync(file, frame);
  }
  closeSync(file);
}
