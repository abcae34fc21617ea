import { useCallback, useEffect, useState } from "react";
import type { Call } from "../../core/call";
import { mainPicture, type Shown } from "../../core/stage";
import { useStage } from "./useStage";

declare global {
  interface Window {
    /** Where there is one: a window on top of all others, for any content (Chromium). */
    documentPictureInPicture?: {
      requestWindow(size: { width: number; height: number }): Promise<Window>;
    };
  }
}

export interface SmallWindow {
  isPossible: boolean;
  isOn: boolean;
  /** A window of its own, to be filled; null where only a picture can be put on top. */
  frame: Window | null;
  /** What it shows; null while there is no picture to show. */
  shown: Shown | null;
  toggle: () => void;
  close: () => void;
}

const size = { width: 360, height: 330 };

export function usePictureInPicture(call: Call): SmallWindow {
  const [isPicture, setPicture] = useState(false);
  const [frame, setFrame] = useState<Window | null>(null);
  const { people, view } = useStage(call);
  const shown = mainPicture(people, view);
  const close = useCallback(() => setPicture(false), []);
  useEffect(() => {
    if (!frame) return;
    const closed = () => setFrame(null);
    frame.addEventListener("pagehide", closed);
    return () => {
      frame.removeEventListener("pagehide", closed);
      frame.close();
    };
  }, [frame]);
  const canShowPicture = document.pictureInPictureEnabled === true && shown !== null;
  function open(): void {
    const floating = window.documentPictureInPicture;
    if (!floating) setPicture(true);
    else floating.requestWindow(size).then(setFrame, () => setPicture(canShowPicture));
  }
  const isOn = isPicture || frame !== null;
  return {
    isPossible: isOn || window.documentPictureInPicture !== undefined || canShowPicture,
    isOn,
    frame,
    shown,
    toggle() {
      if (!isOn) return open();
      setPicture(false);
      setFrame(null);
    },
    close,
  };
}
