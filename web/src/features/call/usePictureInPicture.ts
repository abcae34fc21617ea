import { useCallback, useState } from "react";
import type { Call } from "../../core/call";
import { mainPicture, type Shown } from "../../core/stage";
import { useStage } from "./useStage";

export interface SmallWindow {
  isPossible: boolean;
  isOn: boolean;
  /** What it shows; null while there is no picture to show. */
  shown: Shown | null;
  toggle: () => void;
  close: () => void;
}

export function usePictureInPicture(call: Call): SmallWindow {
  const [isOn, setOn] = useState(false);
  const { people, view } = useStage(call);
  const shown = mainPicture(people, view);
  const close = useCallback(() => setOn(false), []);
  return {
    isPossible: document.pictureInPictureEnabled === true && shown !== null,
    isOn,
    shown,
    toggle: () => setOn(!isOn),
    close,
  };
}
