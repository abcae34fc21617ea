import { useEffect, useRef } from "react";
import type { MediaEngine, VideoSource } from "../../core/engine";
import styles from "./Video.module.css";

interface Props {
  engine: MediaEngine;
  /** Null for the preview before the call. */
  identity: string | null;
  source: VideoSource;
  /** Another key means another track to attach. */
  trackKey: string;
  label: string;
  mirrored?: boolean;
}

export function Video({ engine, identity, source, trackKey, label, mirrored }: Props) {
  const element = useRef<HTMLVideoElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: trackKey says when to attach again.
  useEffect(() => {
    if (element.current) return engine.attachVideo(element.current, identity, source);
  }, [engine, identity, source, trackKey]);
  return (
    <video
      ref={element}
      className={styles.video}
      data-source={source}
      data-mirrored={mirrored}
      aria-label={label}
      autoPlay
      muted
      playsInline
    />
  );
}
