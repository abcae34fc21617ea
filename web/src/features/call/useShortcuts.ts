import { useEffect, useRef } from "react";
import { type ShortcutId, shortcutFor, takesTyping } from "../../core/shortcuts";
import { elementLike } from "./elementLike";

/** Null: single letters mean nothing here. */
export function useShortcuts(handlers: Record<ShortcutId, () => void> | null): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const { key, ctrlKey, metaKey, altKey, repeat } = event;
      const typing = takesTyping(elementLike(event.target));
      const id = shortcutFor({ key, ctrlKey, metaKey, altKey, repeat, typing });
      if (!id || !latest.current) return;
      event.preventDefault();
      latest.current[id]();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
