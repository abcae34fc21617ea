import { loadRnnoise, RnnoiseWorkletNode } from "@sapphi-red/web-noise-suppressor";
import url from "@sapphi-red/web-noise-suppressor/rnnoise.wasm?url";
import simdUrl from "@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm?url";
import worklet from "@sapphi-red/web-noise-suppressor/rnnoiseWorklet.js?url";

/** What the network was trained for; the browser converts from and to what the device has. */
const sampleRate = 48_000;
const startsWithinMs = 1000;

/**
 * Gives a microphone's sound without what is not speech, as a track that lasts while microphones come and go.
 * A muted microphone gives silence, and so does this.
 */
export class NoiseProcessor {
  readonly name = "noise";
  readonly processedTrack: MediaStreamTrack | undefined;
  /** The microphone's own. */
  source: MediaStreamTrack | null = null;
  private input: MediaStreamAudioSourceNode | null = null;

  private constructor(
    readonly context: AudioContext,
    private readonly filter: RnnoiseWorkletNode,
  ) {
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    filter.connect(out);
    this.processedTrack = out.stream.getAudioTracks()[0];
  }

  /** Null: the browser lets no sound be processed before the person has touched the page. */
  static async open(): Promise<NoiseProcessor | null> {
    const context = new AudioContext({ sampleRate });
    try {
      const late = new Promise((resolve) => setTimeout(resolve, startsWithinMs));
      await Promise.race([context.resume(), late]);
      if (context.state !== "running") {
        await context.close();
        return null;
      }
      const [wasmBinary] = await Promise.all([
        loadRnnoise({ url, simdUrl }),
        context.audioWorklet.addModule(worklet),
      ]);
      if (!WebAssembly.validate(wasmBinary)) throw new Error("The filter did not load.");
      const filter = new RnnoiseWorkletNode(context, { maxChannels: 1, wasmBinary });
      Object.assign(filter, { channelCount: 1, channelCountMode: "explicit" });
      return new NoiseProcessor(context, filter);
    } catch (error) {
      await context.close().catch(() => {});
      throw error;
    }
  }

  async init({ track }: { track: MediaStreamTrack }): Promise<void> {
    this.input?.disconnect();
    this.source = track;
    this.input = this.context.createMediaStreamSource(new MediaStream([track]));
    this.input.connect(this.filter);
  }

  restart(options: { track: MediaStreamTrack }): Promise<void> {
    return this.init(options);
  }

  async destroy(): Promise<void> {
    this.source = null;
    this.input?.disconnect();
    this.filter.destroy();
    await this.context.close();
  }
}
