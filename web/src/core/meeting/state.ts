import type {
  Agenda,
  ChatMessage,
  Clock,
  Floor,
  LiveMeeting,
  LivePerson,
  LobbyPerson,
  Me,
  MeetingMessage,
  Motion,
  Question,
  UpdateMessage,
} from "./live";

/** A meeting as the server tells it: the client adds nothing but the difference of the clocks. */
export interface MeetingState {
  number: number;
  meeting: LiveMeeting;
  me: Me;
  people: ReadonlyMap<string, LivePerson>;
  floor: Floor;
  clock: Clock;
  /** Milliseconds that the server's clock is ahead of this one. */
  offset: number;
  motion: Motion;
  agenda: Agenda;
  chat: readonly ChatMessage[];
  questions: readonly Question[];
  /** Empty for whoever does not lead. */
  lobby: readonly LobbyPerson[];
  airtime: Readonly<Record<string, number>>;
}

/** As many as the server keeps for those who join late. */
const messagesKept = 2000;

function withPeople(
  known: ReadonlyMap<string, LivePerson>,
  { set, gone }: MeetingMessage["people"],
): ReadonlyMap<string, LivePerson> {
  const people = new Map(known);
  for (const person of set) people.set(person.id, person);
  for (const id of gone) people.delete(id);
  return people;
}

function withChat(
  known: readonly ChatMessage[],
  { messages, erased }: MeetingMessage["chat"],
): readonly ChatMessage[] {
  const fresh = new Set(messages.map(({ number }) => number));
  const dropped = new Set(erased);
  return [...known.filter(({ number }) => !fresh.has(number)), ...messages]
    .filter(({ number }) => !dropped.has(number))
    .sort((a, b) => a.number - b.number)
    .slice(-messagesKept);
}

/** Let in, or told anew: nothing that was known before counts. */
export function wholeMeeting(message: MeetingMessage, at: number): MeetingState {
  const { number, meeting, me, floor, clock, motion, agenda, questions } = message;
  return {
    number,
    meeting,
    me,
    people: withPeople(new Map(), message.people),
    floor,
    clock,
    offset: clock.now - at,
    motion,
    agenda,
    chat: withChat([], message.chat),
    questions,
    lobby: message.lobby ?? [],
    airtime: message.airtime ?? {},
  };
}

/** A section that is absent is as it was. */
export function updatedMeeting(
  state: MeetingState,
  update: UpdateMessage,
  at: number,
): MeetingState {
  return {
    number: update.number,
    meeting: update.meeting ?? state.meeting,
    me: update.me ?? state.me,
    people: update.people ? withPeople(state.people, update.people) : state.people,
    floor: update.floor ?? state.floor,
    clock: update.clock ?? state.clock,
    offset: update.clock ? update.clock.now - at : state.offset,
    motion: update.motion === undefined ? state.motion : update.motion,
    agenda: update.agenda ?? state.agenda,
    chat: update.chat ? withChat(state.chat, update.chat) : state.chat,
    questions: update.questions ?? state.questions,
    lobby: update.lobby ?? state.lobby,
    airtime: update.airtime ?? state.airtime,
  };
}
