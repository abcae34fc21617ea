import { beforeEach, describe, expect, it, vi } from "vitest";
import type { MediaEvent } from "../session/event";
import { Effects, sourceOf } from "./effects";

const { openNoise } = vi.hoisted(() => ({ openNoise: vi.fn() }));
vi.mock("./noise", () => ({ NoiseProcessor: { open: openNoise } }));
vi.mock("./background", () => ({
  BackgroundProcessor: class {
    constructor(public backdrop: string) {}
    change(backdrop: string) {
      this.backdrop = backdrop;
    }
  },
}));

class FakeTrack {
  mediaStreamTrack = { id: "sent" } as MediaStreamTrack;
  processor: unknown;
  readonly restarts: object[] = [];
  getProcessor = () => this.processor;
  setProcessor = async (processor: unknown) => {
    this.processor = processor;
  };
  stopProcessor = async () => {
    this.processor = undefined;
  };
  setAudioContext = async () => {};
  getDeviceId = async () => "usb";
  restartTrack = async (options: object) => {
    this.restarts.push(options);
  };
}

const reported: MediaEvent[] = [];
const later = vi.fn();
let effects: Effects;
let track: FakeTrack;

beforeEach(() => {
  reported.length = 0;
  later.mockReset();
  openNoise.mockReset().mockResolvedValue({ context: {}, source: { id: "device" } });
  effects = new Effects((event) => reported.push(event), later);
  track = new FakeTrack();
});

describe("a camera", () => {
  it("is opened as it is, or with another background from its first picture on", async () => {
    expect(await effects.camera()).toBeUndefined();
    effects.choose("blur", "browser");
    expect(await effects.camera()).toMatchObject({ backdrop: "blur" });
  });
  it("keeps its one filter when another background is chosen, and loses it with the last", async () => {
    effects.choose("blur", "browser");
    await effects.applyToCamera(track);
    const { processor } = track;
    effects.choose("plain", "browser");
    await effects.applyToCamera(track);
    expect(track.processor).toBe(processor);
    expect(processor).toMatchObject({ backdrop: "plain" });
    effects.choose("none", "browser");
    await effects.applyToCamera(track);
    expect(track.processor).toBeUndefined();
  });
});

describe("a microphone", () => {
  it("is opened anew only where the browser has to begin or to stop", async () => {
    await effects.applyToMicrophone(track);
    await effects.applyToMicrophone(track);
    expect(track.restarts).toEqual([]);
    effects.choose("none", "strong");
    await effects.applyToMicrophone(track);
    expect(track.restarts).toMatchObject([{ deviceId: "usb", noiseSuppression: false }]);
    expect(sourceOf(track)).toEqual({ id: "device" });
    effects.choose("none", "none");
    await effects.applyToMicrophone(track);
    expect(track.restarts).toHaveLength(1);
    expect(sourceOf(track)).toEqual({ id: "sent" });
    effects.choose("none", "browser");
    await effects.applyToMicrophone(track);
    expect(track.restarts.at(-1)).toMatchObject({ noiseSuppression: true });
  });
  it("is heard by the browser's own means when the filter fails", async () => {
    openNoise.mockRejectedValue(new Error("no worklet"));
    effects.choose("none", "strong");
    await effects.applyToMicrophone(track);
    expect(reported).toEqual([{ type: "noise_failed" }]);
    expect(track.processor).toBeUndefined();
    expect(track.restarts.at(-1)).toMatchObject({ noiseSuppression: true });
  });
  it("waits for the person to touch the page where the browser does, and is heard meanwhile", async () => {
    openNoise.mockResolvedValue(null);
    effects.choose("none", "strong");
    await effects.applyToMicrophone(track);
    expect(later).toHaveBeenCalledOnce();
    expect(track.processor).toBeUndefined();
    expect(reported).toEqual([]);
  });
});
