import type { Fullscreen } from "./useFullscreen";
import type { SmallWindow } from "./usePictureInPicture";

export type PanelId = "people" | "chat" | "questions" | "console";

/** What only this page's screen knows: the call itself is in the session. */
export interface View {
  panel: PanelId | null;
  fullscreen: Fullscreen;
  smallWindow: SmallWindow;
  togglePanel: (panel: PanelId) => void;
  openSettings: () => void;
  openHelp: () => void;
}
