import { useEffect, useRef } from "react";
import type { Call } from "../../core/call";
import type { Shown } from "../../core/stage";
import styles from "./PictureInPicture.module.css";

interface Props {
  call: Call;
  shown: Shown;
  onClose: () => void;
}

/**
 * The window that stays above other work has an element of its own, so that it goes on when the tiles change
 * their places, and follows who is large.
 */
export function PictureInPicture({ call, shown, onClose }: Props) {
  const element = useRef<HTMLVideoElement>(null);
  const detach = useRef<() => void>(() => {});
  const { engine } = call;
  const { identity } = shown.person;
  const trackKey = shown.person[shown.source];
  // biome-ignore lint/correctness/useExhaustiveDependencies: trackKey says when to attach again.
  useEffect(() => {
    if (!element.current) return;
    // The next picture comes before the last one goes: a window without any would close.
    const last = detach.current;
    detach.current = engine.attachVideo(element.current, identity, shown.source);
    last();
  }, [engine, identity, shown.source, trackKey]);
  useEffect(() => {
    const video = element.current;
    video?.addEventListener("leavepictureinpicture", onClose);
    return () => {
      video?.removeEventListener("leavepictureinpicture", onClose);
      if (video && document.pictureInPictureElement === video) {
        void document.exitPictureInPicture().catch(() => {});
      }
      detach.current();
    };
  }, [onClose]);
  return (
    <video
      ref={element}
      className={styles.hidden}
      data-testid="picture-in-picture"
      aria-hidden="true"
      tabIndex={-1}
      autoPlay
      muted
      playsInline
      onLoadedMetadata={({ currentTarget }) => {
        if (document.pictureInPictureElement === currentTarget) return;
        void currentTarget.requestPictureInPicture().catch(onClose);
      }}
    />
  );
}
