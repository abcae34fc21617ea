import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./theme/tokens.css";
import "./theme/base.css";
import { App } from "./App";
import { createAccountKeeper } from "./core/account";
import { createApi } from "./core/api/client";
import { openLive } from "./core/meeting/socket";
import { createNavigation } from "./core/navigation";
import { createMemory } from "./core/storage";
import { startI18n } from "./i18n/i18n";
import { startTheme } from "./theme/theme";

startTheme();
await startI18n();

const api = createApi((path, init) => fetch(path, init));
const navigation = createNavigation();
const account = createAccountKeeper(api);
const loadMedia = () => import("./core/media");
// Fetched beside the first requests rather than after them.
if (navigation.route.get().page === "meeting") void loadMedia();
// The sign-in page asks with its secret; asking who is signed in at the same time could answer last.
if (navigation.route.get().page !== "sign-in") void account.load();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App
        services={{
          api,
          account,
          navigation,
          createEngine: async () => (await loadMedia()).createMediaEngine(),
          openLive,
          createNetworkTester: async () =>
            (await import("./core/network/browser")).inThisBrowser(api),
          memory: createMemory(
            () => localStorage,
            () => sessionStorage,
          ),
        }}
      />
    </StrictMode>,
  );
}
