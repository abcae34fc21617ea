import type { ElementLike } from "../../core/shortcuts";

/** What core/shortcuts.ts has to know of an element. */
export function elementLike(target: EventTarget | null): ElementLike | null {
  if (!(target instanceof HTMLElement)) return null;
  return {
    tagName: target.tagName,
    isContentEditable: target.isContentEditable,
    type: target instanceof HTMLInputElement ? target.type : undefined,
    role: target.getAttribute("role"),
  };
}
