import { type Backdrop, BackdropPainter } from "./backdrop";
import { loadSegmenter, type Segment } from "./segmenter";

/** starting - the program is being fetched. slow - it works, but others see a halting picture. */
export type BackgroundStatus = "starting" | "on" | "slow" | "failed";

const everyMs = 1000 / 24;
const framesToJudge = 20;
/** Time for a frame from which on a computer counts as too slow, and below which as quick enough again. */
const slowMs = 250;
const fastMs = 200;

/**
 * Gives a camera's picture with another background, as a track that lasts while cameras come and go.
 *
 * It fails closed: the track exists, and shows nobody, before the camera's picture has come anywhere near it, and
 * only a frame of which it is known where the person ends is ever painted. Whatever goes wrong, nobody is shown.
 */
export class BackgroundProcessor {
  readonly name = "background";
  processedTrack: MediaStreamTrack | undefined;
  /** The camera's own. */
  source: MediaStreamTrack | null = null;

  private readonly canvas = document.createElement("canvas");
  private readonly painter = new BackdropPainter(this.canvas);
  private readonly input = document.createElement("video");
  private ticker: Worker | null = null;
  private segment: Segment | null = null;
  private isBusy = false;
  private lastTime = -1;
  private restsUntil = 0;
  private spentMs: number[] = [];
  private status: BackgroundStatus = "starting";

  constructor(
    private backdrop: Backdrop,
    private readonly report: (status: BackgroundStatus) => void,
  ) {
    Object.assign(this.input, { muted: true, playsInline: true, autoplay: true });
  }

  async init({ track }: { track: MediaStreamTrack }): Promise<void> {
    this.follow(track);
    this.processedTrack = this.canvas.captureStream().getVideoTracks()[0];
    this.painter.paintNobody();
    this.ticker = new Worker(new URL("./ticker.worker.ts", import.meta.url), { type: "module" });
    this.ticker.onmessage = () => void this.tick();
    this.ticker.postMessage(everyMs);
    void this.load();
  }

  async restart({ track }: { track: MediaStreamTrack }): Promise<void> {
    this.follow(track);
  }

  async destroy(): Promise<void> {
    this.ticker?.terminate();
    this.ticker = null;
    this.source = null;
    this.input.srcObject = null;
    this.processedTrack?.stop();
    this.processedTrack = undefined;
  }

  private follow(track: MediaStreamTrack): void {
    const { width = 640, height = 360 } = track.getSettings();
    this.source = track;
    this.lastTime = -1;
    this.painter.resize(width, height);
    this.painter.paintNobody();
    this.input.srcObject = new MediaStream([track]);
    void this.input.play().catch(() => {});
  }

  /** Chosen again after a failure, it is tried again. */
  change(backdrop: Backdrop): void {
    this.backdrop = backdrop;
    if (this.status === "failed") void this.load();
  }

  private async load(): Promise<void> {
    this.tell("starting");
    try {
      this.segment = await loadSegmenter();
    } catch {
      this.tell("failed");
    }
  }

  /** Nothing is painted while the camera is closed: who is muted sends nothing. */
  private async tick(): Promise<void> {
    const { source, segment, input } = this;
    if (this.isBusy || !source || source.readyState === "ended") return;
    if (performance.now() < this.restsUntil) return;
    if (!segment || this.status === "failed") return this.painter.paintNobody();
    if (input.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    if (input.currentTime === this.lastTime) return;
    this.lastTime = input.currentTime;
    this.isBusy = true;
    try {
      await this.show(source, segment);
    } catch {
      this.painter.paintNobody();
      this.tell("failed");
    } finally {
      this.isBusy = false;
    }
  }

  private async show(source: MediaStreamTrack, segment: Segment): Promise<void> {
    const { videoWidth, videoHeight } = this.input;
    const startedAt = performance.now();
    await segment(this.input, (results) => {
      // Another camera may have been taken meanwhile, or this one given back.
      if (this.source !== source) return;
      this.painter.resize(videoWidth, videoHeight);
      this.painter.paint(results, this.backdrop);
    });
    const now = performance.now();
    // As much again for the rest of the page: a slow computer still answers its buttons.
    this.restsUntil = 2 * now - startedAt;
    this.judge(now - startedAt);
  }

  /** By the middle one of many: the first compiles, and any may have waited for something else. */
  private judge(ms: number): void {
    if (this.status === "starting") this.tell("on");
    this.spentMs.push(ms);
    if (this.spentMs.length < framesToJudge) return;
    const middle = this.spentMs.sort((a, b) => a - b)[framesToJudge / 2] ?? 0;
    this.spentMs = [];
    if (middle > slowMs) this.tell("slow");
    else if (middle < fastMs) this.tell("on");
  }

  private tell(status: BackgroundStatus): void {
    if (this.status === status && status !== "starting") return;
    this.status = status;
    this.report(status);
  }
}
