import { createContext, useContext } from "react";
import { type ShortcutId, shortcutKeys } from "../../core/shortcuts";

/** Whether single letters are shortcuts: where they are not, no control may claim one. */
export const LetterKeys = createContext(true);

export function useLetter(id: ShortcutId | undefined): string | undefined {
  const areOn = useContext(LetterKeys);
  return id && areOn ? shortcutKeys[id] : undefined;
}
