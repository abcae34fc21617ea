import type { MediaCommand } from "./session/command";
import type { MediaEvent } from "./session/event";

export type VideoSource = "camera" | "screen";

/** What the rest of the client knows of media: orders in, events out, and pictures put into elements. */
export interface MediaEngine {
  run(command: MediaCommand): void;
  subscribe(listener: (event: MediaEvent) => void): () => void;
  /** Shows a person's picture in the element until the returned function is called. */
  attachVideo(element: HTMLVideoElement, identity: string | null, source: VideoSource): () => void;
  /** Loudness of this microphone, 0 to 1, many times a second: too often to pass through the state. */
  watchLevel(listener: (level: number) => void): () => void;
  dispose(): void;
}
