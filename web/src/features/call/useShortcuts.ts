import { useEffect, useRef } from "react";
import { type ShortcutId, shortcutFor, takesTyping } from "../../core/shortcuts";

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return takesTyping({
    tagName: target.tagName,
    isContentEditable: target.isContentEditable,
    type: target instanceof HTMLInputElement ? target.type : undefined,
    role: target.getAttribute("role"),
  });
}

export function useShortcuts(handlers: Record<ShortcutId, () => void>): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const { key, ctrlKey, metaKey, altKey, repeat } = event;
      const typing = isTyping(event.target);
      const id = shortcutFor({ key, ctrlKey, metaKey, altKey, repeat, typing });
      if (!id) return;
      event.preventDefault();
      latest.current[id]();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
