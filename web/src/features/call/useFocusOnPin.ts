import { type RefObject, useEffect, useRef } from "react";
import type { Pin } from "../../core/stage";

export const pinKey = ({ identity, source }: Pin) => `${identity}/${source}`;

/** A tile that changes its place is drawn anew: the keyboard goes with it. */
export function useFocusOnPin(area: RefObject<HTMLElement | null>, pinned: Pin | null): void {
  const last = useRef(pinned);
  useEffect(() => {
    const moved = pinned ?? last.current;
    last.current = pinned;
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (!moved || !isLost) return;
    const button = area.current?.querySelector<HTMLElement>(
      `[data-pin="${CSS.escape(pinKey(moved))}"]`,
    );
    (button ?? area.current?.closest("main"))?.focus();
  }, [area, pinned]);
}
