// The call view without a server: `npm run dev`, then /dev/call.html?people=6&screen&cameras=3&late.
// It is not part of the build.
import { createRoot } from "react-dom/client";
import "../src/theme/tokens.css";
import "../src/theme/base.css";
import { App } from "../src/App";
import { createAccountKeeper } from "../src/core/account";
import { createApi } from "../src/core/api/client";
import type { Person } from "../src/core/session/state";
import { createMemory } from "../src/core/storage";
import { createStore } from "../src/core/store";
import { startI18n } from "../src/i18n/i18n";
import { startTheme } from "../src/theme/theme";
import { createFakeEngine } from "./fakeEngine";

const query = new URLSearchParams(location.search);
const names = [
  "Claire Fontaine",
  "Amadou Diallo",
  "Jeanne Le Goff",
  "Marc-Antoine de Saint-Exupéry-Villeneuve",
  "Dr Nadia Benali",
  "Paul Rivière",
  "Sophie Martin",
];
const count = Number(query.get("people") ?? 5);
const cameras = Number(query.get("cameras") ?? 3);

const people: Person[] = Array.from({ length: count }, (_, index) => ({
  identity: `person-${index}`,
  name: names[index % names.length] ?? "",
  kind: index % 3 === 2 ? "guest" : "agent",
  isLocal: index === 0,
  microphone: index % 3 < 2,
  camera: index < cameras ? "camera" : null,
  screen: query.has("screen") && index === 1 ? "screen" : null,
  speaking: index === 1,
  lastSpokeAt: index,
  quality: index === 3 ? "poor" : "good",
}));

const answers: Record<string, object> = {
  "/api/v1/session": { account: null },
  "/api/v1/meetings/demo": { id: "demo", title: "Comité de direction, point budgétaire" },
  "/api/v1/meetings/demo/join": { token: "", identity: "person-0", name: names[0], rejoin: "r" },
};

startTheme();
await startI18n();
// Read as a reload inside the meeting, so that the page opens on the call itself.
sessionStorage.setItem(
  "conclave.call.demo",
  JSON.stringify({ name: names[0], rejoin: "r", microphone: true, camera: cameras > 0 }),
);
const api = createApi(async (path) => Response.json(answers[path] ?? {}));
const account = createAccountKeeper(api);
void account.load();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <App
      services={{
        api,
        account,
        memory: createMemory(
          () => localStorage,
          () => sessionStorage,
        ),
        navigation: {
          route: createStore({ page: "meeting", id: "demo" }),
          go: () => {},
          replace: () => {},
          signIn: () => {},
        },
        createEngine: async () => createFakeEngine(people, query.has("late")),
      }}
    />,
  );
}
