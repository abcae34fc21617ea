// The call view without a server: `npm run dev`, then /dev/call.html?people=6&screen&cameras=3&late&poor. What the
// meeting is like: see fakeLive.ts. ?waiting=admission and ?rest=block show the pages before it.
// It is not part of the build.
import { createRoot } from "react-dom/client";
import "../src/theme/tokens.css";
import "../src/theme/base.css";
import { App } from "../src/App";
import { createAccountKeeper } from "../src/core/account";
import { createApi } from "../src/core/api/client";
import type { Told, WaitingReason, Wish } from "../src/core/meeting/live";
import type { Person } from "../src/core/session/state";
import { createMemory } from "../src/core/storage";
import { createStore } from "../src/core/store";
import { startI18n } from "../src/i18n/i18n";
import { startTheme } from "../src/theme/theme";
import { createFakeEngine } from "./fakeEngine";
import { createFakeLive, sampleMeeting } from "./fakeLive";

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
  sharing: query.has("screen") && index === 1,
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
const rule = query.get("rest");
const rest = { status: 409, code: "rest_required", rest: 290_000, rest_rule: rule };
const api = createApi(async (path) =>
  rule !== null && path.endsWith("/join")
    ? Response.json(rest, { status: 409 })
    : Response.json(answers[path] ?? {}),
);
const waiting = query.get("waiting");
const meeting = sampleMeeting(people, query);
const first: Told =
  waiting === null ? meeting : { type: "waiting", reason: waiting as WaitingReason };

/** What one does oneself is told back, as a server would. */
function answer(wish: Wish): Told | null {
  const me = meeting.me.id;
  if (wish.do === "react") return { type: "reaction", person: me, reaction: wish.reaction };
  if (wish.do === "say") {
    meeting.number += 1;
    const { number } = meeting;
    const from = { number, at: Date.now(), from: me, name: names[0] ?? "", text: wish.text };
    return { type: "update", number, chat: { messages: [from], erased: [] } };
  }
  if (wish.do === "raise_hand" || wish.do === "lower_hand") {
    const others = meeting.floor.queue.filter(({ person }) => person !== me);
    const mine = { person: me, reason: "speak", since: Date.now() } as const;
    meeting.floor = {
      ...meeting.floor,
      queue: wish.do === "raise_hand" ? [...others, mine] : others,
    };
    return { type: "update", number: meeting.number, floor: meeting.floor };
  }
  return null;
}
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
        createEngine: async () => createFakeEngine(people, query.has("late"), query.has("poor")),
        createNetworkTester: () => Promise.reject(new Error("there is no server")),
        openLive: (_, report) => createFakeLive(first, report, answer),
      }}
    />,
  );
}
