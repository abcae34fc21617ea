import { useCallback, useEffect, useState } from "react";

export interface Fullscreen {
  isPossible: boolean;
  isOn: boolean;
  toggle: () => void;
}

export function useFullscreen(): Fullscreen {
  const [isOn, setOn] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const update = () => setOn(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", update);
    return () => document.removeEventListener("fullscreenchange", update);
  }, []);
  const toggle = useCallback(() => {
    const change = document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen?.();
    void change?.catch(() => {});
  }, []);
  return { isPossible: document.fullscreenEnabled === true, isOn, toggle };
}
