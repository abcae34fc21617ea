import type { MediaEvent } from "../session/event";
import type { Background, Noise } from "../session/state";
import type { BackgroundProcessor } from "./background";
import type { NoiseProcessor } from "./noise";

/** As much of the media library's tracks as is needed here. */
interface EffectTrack<Processor> {
  mediaStreamTrack: MediaStreamTrack;
  getProcessor(): unknown;
  setProcessor(processor: Processor): Promise<void>;
  stopProcessor(): Promise<void>;
}

interface SoundTrack extends EffectTrack<NoiseProcessor> {
  setAudioContext(context: AudioContext): Promise<void>;
  getDeviceId(normalize?: boolean): Promise<string | undefined>;
  restartTrack(options: object): Promise<void>;
}

/** What happens on this computer to one's own picture and sound before anybody gets them. */
export class Effects {
  private background: Background = "none";
  private noise: Noise = "browser";
  /** With which choice each microphone was opened. */
  private readonly openedWith = new WeakMap<object, Noise>();

  constructor(
    private readonly report: (event: MediaEvent) => void,
    /** The browser waits for the person to touch the page; then it is worth another try. */
    private readonly later: () => void,
  ) {}

  choose(background: Background, noise: Noise): void {
    this.background = background;
    this.noise = noise;
  }

  /** For the microphone that is about to be opened. */
  get sound() {
    const byBrowser = this.noise === "browser";
    return { noiseSuppression: byBrowser, voiceIsolation: byBrowser };
  }

  /** For the camera that is about to be opened: with it there is no frame that did not go through. */
  async camera(): Promise<BackgroundProcessor | undefined> {
    if (this.background === "none") return undefined;
    const { BackgroundProcessor } = await import("./background");
    return new BackgroundProcessor(this.background, (status) =>
      this.report({ type: "background_changed", status }),
    );
  }

  /** To a camera that is open already. */
  async applyToCamera(track: EffectTrack<BackgroundProcessor>): Promise<void> {
    const present = track.getProcessor() as BackgroundProcessor | undefined;
    if (this.background === "none") {
      if (present) await track.stopProcessor();
    } else if (present) {
      present.change(this.background);
    } else {
      const processor = await this.camera();
      if (processor) await track.setProcessor(processor);
    }
  }

  /** To a microphone that is open. Whatever goes wrong, one is heard: with noise if need be. */
  async applyToMicrophone(track: SoundTrack): Promise<void> {
    const present = track.getProcessor();
    if (present && this.noise !== "strong") await track.stopProcessor();
    const before = this.openedWith.get(track) ?? this.noise;
    this.openedWith.set(track, this.noise);
    if ((before === "browser") !== (this.noise === "browser")) {
      const deviceId = await track.getDeviceId(false);
      await track.restartTrack({
        deviceId,
        autoGainControl: true,
        echoCancellation: true,
        ...this.sound,
      });
    }
    if (this.noise === "strong" && !present) await this.reduceNoise(track);
  }

  private async reduceNoise(track: SoundTrack): Promise<void> {
    try {
      const { NoiseProcessor } = await import("./noise");
      const processor = await NoiseProcessor.open();
      if (!processor) return this.later();
      await track.setAudioContext(processor.context);
      await track.setProcessor(processor);
    } catch {
      this.noise = "browser";
      this.report({ type: "noise_failed" });
      await this.applyToMicrophone(track);
    }
  }
}

/** The device's own track: what is processed is silent while it is muted, and has no device. */
export function sourceOf(track: EffectTrack<never>): MediaStreamTrack {
  const processor = track.getProcessor() as { source?: MediaStreamTrack | null } | undefined;
  return processor?.source ?? track.mediaStreamTrack;
}
