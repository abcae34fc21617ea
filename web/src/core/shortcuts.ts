export type ShortcutId =
  | "microphone"
  | "camera"
  | "hand"
  | "share"
  | "chat"
  | "participants"
  | "console"
  | "layout"
  | "fullscreen"
  | "help";

export const shortcutKeys: Record<ShortcutId, string> = {
  microphone: "m",
  camera: "v",
  hand: "h",
  share: "s",
  chat: "c",
  participants: "p",
  console: "a",
  layout: "l",
  fullscreen: "f",
  help: "?",
};

interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  repeat: boolean;
  /** Where the key went: nothing may fire while a person writes. */
  typing: boolean;
}

export function shortcutFor(press: KeyPress): ShortcutId | null {
  if (press.typing || press.repeat || press.ctrlKey || press.metaKey || press.altKey) return null;
  const key = press.key.toLowerCase();
  for (const id of Object.keys(shortcutKeys) as ShortcutId[]) {
    if (shortcutKeys[id] === key) return id;
  }
  return null;
}

export interface ElementLike {
  tagName: string;
  isContentEditable?: boolean;
  type?: string;
  role?: string | null;
}

const silentInputs = new Set(["checkbox", "radio", "button", "submit", "range"]);

/** A list box or an open menu moves by typed letters, so it counts as typing too. */
export function takesTyping(element: ElementLike | null): boolean {
  if (!element) return false;
  if (element.isContentEditable) return true;
  const tag = element.tagName.toUpperCase();
  if (tag === "INPUT") return !silentInputs.has(element.type ?? "text");
  if (tag === "TEXTAREA" || tag === "SELECT") return true;
  return ["listbox", "option", "menu", "menuitem", "menuitemradio", "textbox"].includes(
    element.role ?? "",
  );
}

/**
 * Where the space bar has its own meaning. A button that was only clicked does not need it: whoever mutes with
 * the mouse and then holds the key wants to talk.
 */
export function takesSpace(element: ElementLike | null, isFocusByKeyboard: boolean): boolean {
  if (takesTyping(element)) return true;
  const tag = element?.tagName.toUpperCase() ?? "BODY";
  return isFocusByKeyboard && tag !== "BODY" && tag !== "MAIN";
}
