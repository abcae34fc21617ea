import { tintOf } from "../src/core/initials";

const walls = ["#8fa6c9", "#c9b79a", "#9fb8a8", "#b3a3bf", "#a9b4bd"];
const clothes = ["#22304d", "#3b4a3f", "#54313c", "#2f4f63", "#4b4a6a"];
const skins = ["#e8c2a0", "#c68d63", "#8a5a3c", "#f0d0b4", "#a8714c"];

function pick(list: string[], name: string, salt: string): string {
  return list[tintOf(name + salt, list.length)] ?? "#888";
}

/** A person against a wall, or a slide: enough to judge how captions and rings read over a picture. */
export function paint(name: string, source: "camera" | "screen"): MediaStream {
  const canvas = document.createElement("canvas");
  canvas.width = 640;
  canvas.height = 360;
  const context = canvas.getContext("2d");
  if (context) {
    if (source === "camera") paintPerson(context, name);
    else paintSlide(context);
  }
  return canvas.captureStream(1);
}

function paintPerson(context: CanvasRenderingContext2D, name: string): void {
  context.fillStyle = pick(walls, name, "wall");
  context.fillRect(0, 0, 640, 360);
  context.fillStyle = "rgb(255 255 255 / 25%)";
  context.fillRect(430, 30, 150, 180);
  context.fillStyle = pick(clothes, name, "clothes");
  context.beginPath();
  context.ellipse(320, 380, 170, 150, 0, 0, 7);
  context.fill();
  context.fillStyle = pick(skins, name, "skin");
  context.beginPath();
  context.ellipse(320, 165, 68, 86, 0, 0, 7);
  context.fill();
}

function paintSlide(context: CanvasRenderingContext2D): void {
  context.fillStyle = "#fff";
  context.fillRect(0, 0, 640, 360);
  context.fillStyle = "#14213a";
  context.font = "600 28px sans-serif";
  context.fillText("Budget 2027", 40, 64);
  for (const [index, height] of [90, 140, 120, 180, 205].entries()) {
    context.fillStyle = index === 4 ? "#2350b5" : "#b9c7e4";
    context.fillRect(60 + index * 108, 320 - height, 72, height);
  }
}
