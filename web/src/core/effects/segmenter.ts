import type { Results, SelfieSegmentation } from "@mediapipe/selfie_segmentation";
import graph from "@mediapipe/selfie_segmentation/selfie_segmentation.binarypb?url";
import library from "@mediapipe/selfie_segmentation/selfie_segmentation.js?url";
import model from "@mediapipe/selfie_segmentation/selfie_segmentation_landscape.tflite?url";
import runner from "@mediapipe/selfie_segmentation/selfie_segmentation_solution_simd_wasm_bin.js?url";
import program from "@mediapipe/selfie_segmentation/selfie_segmentation_solution_simd_wasm_bin.wasm?url";
import { canChangeBackground } from "./support";

declare global {
  interface Window {
    /** The library is a classic script: it has no exports. */
    SelfieSegmentation?: typeof SelfieSegmentation;
  }
}

/** Tells the person in a picture from what is behind. `use` gets the answer, which is gone afterwards. */
export type Segment = (image: HTMLVideoElement, use: (results: Results) => void) => Promise<void>;

/** Everything the library may ask for comes from this server. What is not here does not exist for it. */
const files: Record<string, string> = {
  "selfie_segmentation.binarypb": graph,
  "selfie_segmentation_landscape.tflite": model,
  "selfie_segmentation_solution_simd_wasm_bin.js": runner,
  "selfie_segmentation_solution_simd_wasm_bin.wasm": program,
};
/** The model for pictures that are wider than high, which takes half the time of the other. */
const wide = 1;

let opening: Promise<Segment> | null = null;

/** One for the page: it holds six megabytes of program and a WebGL context, of which browsers allow few. */
export function loadSegmenter(): Promise<Segment> {
  opening ??= open();
  opening.catch(() => {
    opening = null;
  });
  return opening;
}

async function open(): Promise<Segment> {
  // The library would tell of missing WebGL in a window that stops everything.
  if (!canChangeBackground()) throw new Error("This browser cannot do it.");
  if (!window.SelfieSegmentation) await runScript(library);
  if (!window.SelfieSegmentation) throw new Error("The library did not start.");
  const segmentation = new window.SelfieSegmentation({
    locateFile: (name) => files[name] ?? `/missing/${name}`,
  });
  segmentation.setOptions({ modelSelection: wide });
  let use: (results: Results) => void = () => {};
  segmentation.onResults((results) => use(results));
  await segmentation.initialize();
  return async (image, wanted) => {
    use = wanted;
    await segmentation.send({ image });
  };
}

function runScript(src: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src });
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${src} did not load.`));
    document.head.append(script);
  });
}
