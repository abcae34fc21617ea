/** The library's own policy waits up to half a second before the first attempt and 7 s before later ones. */
const delaysMs = [300, 600, 1200, 2000];
/** Whoever lost the same server at the same moment must not come back at one. */
const crowdMs = 500;
/** Then the way back is the door. The server keeps a seat of whoever is silent for 40 s. */
const givesUpAfterMs = 60_000;

/** When the media library tries again after a connection was lost. */
export class Retries {
  private isAlone = false;

  constructor(private readonly random: () => number = Math.random) {}

  /** The next loss is one of this page alone: its first attempt comes at once. */
  alone(): void {
    this.isAlone = true;
  }

  nextRetryDelayInMs({ retryCount, elapsedMs }: { retryCount: number; elapsedMs: number }) {
    if (elapsedMs > givesUpAfterMs) return null;
    const { isAlone } = this;
    this.isAlone = false;
    if (isAlone) return 0;
    if (retryCount === 0) return crowdMs * this.random();
    const delay = delaysMs[Math.min(retryCount, delaysMs.length) - 1] ?? 0;
    return delay * (0.5 + this.random());
  }
}
