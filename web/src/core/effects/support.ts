/** Whether the parts are there of which changing a background is made; whether they work, only trying tells. */
export function canChangeBackground(): boolean {
  const canCapture = "captureStream" in HTMLCanvasElement.prototype;
  return canCapture && typeof WebAssembly === "object" && hasWebGl();
}

export function canReduceNoise(): boolean {
  return typeof AudioWorkletNode === "function" && typeof WebAssembly === "object";
}

let webGl: boolean | undefined;

/** Asked once: each context costs one of the few that a page may have. */
function hasWebGl(): boolean {
  webGl ??= document.createElement("canvas").getContext("webgl2") !== null;
  return webGl;
}
