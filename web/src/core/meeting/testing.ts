// A small meeting for tests: me, who takes part, and Bob, who chairs.
import type { LivePerson, MeetingMessage } from "./live";
import { type MeetingState, wholeMeeting } from "./state";

export const serverNow = 1_000_000_000;

export function person(id: string, change: Partial<LivePerson> = {}): LivePerson {
  return {
    id,
    name: id,
    kind: "guest",
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

export function meetingMessage(change: Partial<MeetingMessage> = {}): MeetingMessage {
  return {
    type: "meeting",
    number: 10,
    meeting: {
      id: "m1",
      title: "Budget",
      format: "meeting",
      guests: "link",
      lobby: "guests",
      history: true,
      locked: false,
      extension_left: 1_200_000,
      pause_left: 1_200_000,
      people_count: 2,
    },
    me: {
      id: "me",
      role: "participant",
      owner: false,
      leads: false,
      may_vote: true,
      ballot: null,
      may_write: true,
      may_publish: true,
      microphone: "free",
      camera: "free",
      screen: "free",
      heard: true,
    },
    people: { set: [person("me"), person("Bob", { role: "chair" })], gone: [] },
    floor: {
      mode: "open",
      order: "first_come",
      turn_limit: 0,
      holder: null,
      holder_since: 0,
      overlap: 0,
      queue: [],
    },
    clock: {
      now: serverNow,
      started_at: serverNow,
      ends_at: serverNow + 2_400_000,
      grace: 60_000,
      warned: null,
      paused_until: null,
      suspended: false,
      live_at: null,
    },
    motion: null,
    agenda: { items: [], item: 0, since: 0 },
    chat: { messages: [], erased: [] },
    questions: [],
    ...change,
  };
}

export function meetingState(change: Partial<MeetingMessage> = {}): MeetingState {
  return wholeMeeting(meetingMessage(change), serverNow);
}

export const hand = (id: string): MeetingState["floor"]["queue"][number] => ({
  person: id,
  reason: "speak",
  since: serverNow,
});
