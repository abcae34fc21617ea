import type { SessionCommand } from "./command";
import type { Notice, NoticeBody, Person, SessionState } from "./state";

export type Step = { state: SessionState; commands: SessionCommand[] };

const shownForMs = 6000;
const mostShown = 3;

function isSame(notice: Notice, body: NoticeBody): boolean {
  const { id: _, ...shown } = notice;
  return JSON.stringify(shown) === JSON.stringify(body);
}

/** Adds a notice, with the order to take it away. It replaces its like, and the oldest when there are too many. */
export function notify(step: Step, body: NoticeBody): Step {
  const id = step.state.nextNotice;
  const others = step.state.notices.filter((notice) => !isSame(notice, body));
  const notices = [...others, { ...body, id }].slice(-mostShown);
  return {
    state: { ...step.state, notices, nextNotice: id + 1 },
    commands: [...step.commands, { type: "expire_notice", id, delayMs: shownForMs }],
  };
}

/** What was said before is no longer true, or is seen elsewhere. */
export function without(state: SessionState, kinds: NoticeBody["kind"][]): SessionState {
  return { ...state, notices: state.notices.filter(({ kind }) => !kinds.includes(kind)) };
}

/** Who came, who went, who began or stopped to show a screen. */
export function comparePeople(before: Person[], after: Person[]): NoticeBody[] {
  const known = new Map(before.map((person) => [person.identity, person]));
  const bodies: NoticeBody[] = [];
  for (const person of after) {
    if (person.isLocal) continue;
    const earlier = known.get(person.identity);
    if (!earlier) bodies.push({ kind: "joined", name: person.name });
    if (person.sharing && !earlier?.sharing) bodies.push({ kind: "sharing", name: person.name });
    if (!person.sharing && earlier?.sharing) {
      bodies.push({ kind: "sharing_ended", name: person.name });
    }
  }
  const present = new Set(after.map((person) => person.identity));
  for (const person of before) {
    if (!person.isLocal && !present.has(person.identity)) {
      bodies.push({ kind: "left", name: person.name });
    }
  }
  return bodies;
}
