import type { Fullscreen } from "./useFullscreen";

/** What only this page's screen knows: the call itself is in the session. */
export interface View {
  isPanelOpen: boolean;
  fullscreen: Fullscreen;
  togglePanel: () => void;
  openSettings: () => void;
  openHelp: () => void;
}
