import type { Results } from "@mediapipe/selfie_segmentation";

/** blur - the room behind one, unrecognisable. plain - one colour instead of it. */
export type Backdrop = "blur" | "plain";

const plain = "#33415c";
const emptyGround = "#1b2740";
const emptyFigure = "#46587a";
/** Nothing that is smaller than a twentieth of the picture's width is left of a blurred room. */
const coarsestWidth = 20;

interface Layer {
  canvas: HTMLCanvasElement;
  pen: CanvasRenderingContext2D;
}

function layer(width: number, height: number): Layer {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  return { canvas, pen: penOf(canvas) };
}

function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser does not draw.");
  return pen;
}

/** Draws a person before another background, or nobody at all. */
export class BackdropPainter {
  private readonly pen: CanvasRenderingContext2D;
  private person = layer(1, 1);
  private steps: Layer[] = [];

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.pen = penOf(canvas);
  }

  resize(width: number, height: number): void {
    if (this.canvas.width === width && this.canvas.height === height) return;
    Object.assign(this.canvas, { width, height });
    this.person = layer(width, height);
    this.steps = [];
    for (let part = 2; width / part >= coarsestWidth; part *= 2) {
      this.steps.push(layer(Math.ceil(width / part), Math.ceil(height / part)));
    }
  }

  /** What is sent while it is not known where the person ends: the outline of anybody. */
  paintNobody(): void {
    const { width, height } = this.canvas;
    const { pen } = this;
    pen.fillStyle = emptyGround;
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = emptyFigure;
    pen.beginPath();
    pen.ellipse(width / 2, height * 0.42, height * 0.15, height * 0.18, 0, 0, 2 * Math.PI);
    pen.ellipse(width / 2, height, height * 0.34, height * 0.32, 0, 0, 2 * Math.PI);
    pen.fill();
  }

  paint({ image, segmentationMask }: Results, backdrop: Backdrop): void {
    const { width, height } = this.canvas;
    const { canvas, pen } = this.person;
    pen.globalCompositeOperation = "copy";
    pen.drawImage(segmentationMask, 0, 0, width, height);
    pen.globalCompositeOperation = "source-in";
    pen.drawImage(image, 0, 0, width, height);
    if (backdrop === "blur") this.paintBlurred(image);
    else {
      this.pen.fillStyle = plain;
      this.pen.fillRect(0, 0, width, height);
    }
    this.pen.drawImage(canvas, 0, 0);
  }

  /** Halved until little is left, and doubled again: each step mixes neighbours, on every browser alike. */
  private paintBlurred(image: CanvasImageSource): void {
    const target: Layer = { canvas: this.canvas, pen: this.pen };
    let last = image;
    for (const { canvas, pen } of [...this.steps, ...this.steps.toReversed().slice(1), target]) {
      pen.drawImage(last, 0, 0, canvas.width, canvas.height);
      last = canvas;
    }
  }
}
