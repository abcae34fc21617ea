import type { LivePerson, MeetingMessage, Told, Wish } from "../src/core/meeting/live";
import type { LiveEvent, LiveSocket } from "../src/core/meeting/socket";
import type { Person } from "../src/core/session/state";

const minute = 60_000;

function livePerson(person: Person, change: Partial<LivePerson> = {}): LivePerson {
  return {
    id: person.identity,
    name: person.name,
    kind: person.kind,
    role: "participant",
    owner: false,
    namesake: 1,
    here: true,
    microphone: "free",
    camera: "free",
    screen: "free",
    ...change,
  };
}

/** A meeting under way, as the query asks for it: ?leads&strict&paused&webinar&viewer&queue&lobby&agenda&left=4 */
export function sampleMeeting(people: Person[], query: URLSearchParams): MeetingMessage {
  const now = Date.now();
  const isViewer = query.has("viewer");
  const leads = query.has("leads");
  const me = people[0]?.identity ?? "";
  const role = leads ? "chair" : isViewer ? "observer" : "participant";
  const set = people.map((person, index) =>
    livePerson(person, {
      role: index === 0 ? role : index === 1 ? (leads ? "deputy" : "chair") : "participant",
      here: index !== 4,
      namesake: index === 3 ? 2 : 1,
      microphone: index === 2 ? "blocked" : "free",
    }),
  );
  const floor = query.has("queue");
  const message = (number: number, from: number, text: string, to?: string) => ({
    number,
    at: now - (20 - number) * minute,
    from: people[from]?.identity ?? "",
    name: people[from]?.name ?? "",
    text,
    ...(to !== undefined && { to }),
  });
  return {
    type: "meeting",
    number: 20,
    token: "token",
    meeting: {
      id: "demo",
      title: "Comité de direction, point budgétaire",
      format: query.has("webinar") ? "webinar" : "meeting",
      guests: "link",
      lobby: "guests",
      history: true,
      locked: false,
      extension_left: 20 * minute,
      pause_left: 20 * minute,
      people_count: query.has("webinar") ? 240 : people.length,
    },
    me: {
      id: me,
      role,
      owner: false,
      leads,
      may_vote: !isViewer,
      ballot: null,
      may_write: !isViewer,
      may_publish: !isViewer,
      microphone: "free",
      camera: "free",
      screen: "free",
      heard: !query.has("strict"),
    },
    people: { set, gone: [] },
    floor: {
      mode: query.has("strict") ? "strict" : floor ? "chaired" : "open",
      order: "first_come",
      turn_limit: floor ? 2 * minute : 0,
      holder: floor ? (people[1]?.identity ?? null) : null,
      holder_since: now - 100_000,
      overlap: floor ? 42_000 : 0,
      queue: floor
        ? people.slice(2, 5).map((person, index) => ({
            person: person.identity,
            reason: (["speak", "question", "technical"] as const)[index] ?? "speak",
            since: now - minute,
          }))
        : [],
    },
    clock: {
      now,
      started_at: now - 20 * minute,
      ends_at: now + Number(query.get("left") ?? 20) * minute,
      grace: minute,
      warned: null,
      paused_until: query.has("paused") ? now + 5 * minute : null,
      suspended: query.has("suspended"),
      live_at: query.has("rehearsal") ? null : now,
    },
    motion: query.has("vote")
      ? {
          person: people[1]?.identity ?? "",
          length: 5 * minute,
          reason: "Il reste la ligne 14 à arbitrer",
          stage: query.get("vote") === "asked" ? "asked" : "voting",
          until: now + minute,
          yes: 0,
          no: 0,
        }
      : null,
    agenda: query.has("agenda")
      ? {
          items: [
            { title: "Point d’étape budgétaire", length: 15 * minute },
            { title: "Ressources humaines", length: 10 * minute },
            { title: "Questions diverses", length: 0 },
          ],
          item: 0,
          since: now - 16 * minute,
        }
      : { items: [], item: 0, since: 0 },
    chat: query.has("chat")
      ? {
          messages: [
            message(2, 1, "Bonjour à tous, nous attendons encore Nadia."),
            message(3, 1, "Le document est sur le partage habituel : budget-2027.ods"),
            message(6, 0, "Merci, je l’ai sous les yeux."),
            message(9, 2, "Pouvez-vous m’envoyer la note de cadrage ?", me),
            message(12, 0, "Je vous l’envoie après la réunion.", people[2]?.identity),
            message(
              15,
              3,
              "Une remarque sur la ligne 14 : le montant ne tient pas compte de la TVA.",
            ),
          ],
          erased: [],
        }
      : { messages: [], erased: [] },
    questions: query.has("questions")
      ? [
          {
            number: 4,
            at: now,
            name: "Paul Rivière",
            text: "Quand le décret sera-t-il publié ?",
            state: "asked",
          },
          {
            number: 5,
            at: now,
            name: "Sophie Martin",
            text: "Les communes sont-elles concernées ?",
            state: "shown",
          },
          {
            number: 7,
            at: now,
            name: "Anne Le Bihan",
            text: "Où trouver le support ?",
            state: "answered",
          },
        ]
      : [],
    lobby:
      leads && query.has("lobby")
        ? [
            { id: "w1", name: "Jean Martin", kind: "guest", namesake: 1, since: now },
            { id: "w2", name: "Jean Martin", kind: "guest", namesake: 2, since: now },
          ]
        : [],
    airtime: leads
      ? Object.fromEntries(people.map(({ identity }, index) => [identity, index * index * 37_000]))
      : {},
  };
}

/** Plays the part of the meeting socket: it tells one meeting, and agrees to everything. */
export function createFakeLive(
  first: Told,
  report: (event: LiveEvent) => void,
  answer: (wish: Wish) => Told | null = () => null,
): LiveSocket {
  const tell = (message: Told) => report({ type: "told", message, at: Date.now() });
  return {
    open() {
      setTimeout(() => {
        report({ type: "live_changed", open: true });
        tell(first);
      }, 0);
    },
    ask(wish) {
      const told = answer(wish);
      if (told) tell(told);
      return Promise.resolve(null);
    },
    renew: () => {},
    leave: () => {},
    close: () => {},
  };
}
