import type { Fullscreen } from "./useFullscreen";

export type PanelId = "people" | "chat" | "questions" | "console";

/** What only this page's screen knows: the call itself is in the session. */
export interface View {
  panel: PanelId | null;
  fullscreen: Fullscreen;
  togglePanel: (panel: PanelId) => void;
  openSettings: () => void;
  openHelp: () => void;
}
