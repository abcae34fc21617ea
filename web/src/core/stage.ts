import type { VideoSource } from "./engine";
import type { Person } from "./session/state";

/**
 * auto - a shared screen large, else everyone in a grid. grid - everything in the same size. speaker - who
 * speaks large; a shared screen still comes first, because it is what the meeting talks about.
 */
export type Layout = "auto" | "grid" | "speaker";
export const layouts: readonly Layout[] = ["auto", "grid", "speaker"];

/** What a person put in the large place, until they take it away. */
export interface Pin {
  identity: string;
  source: VideoSource;
}

export interface Shown {
  person: Person;
  source: VideoSource;
}

export interface StageView {
  layout: Layout;
  pinned: Pin | null;
  speaker: string | null;
}

export function isLayout(value: unknown): value is Layout {
  return layouts.some((layout) => layout === value);
}

export function nextLayout(layout: Layout): Layout {
  return layouts[(layouts.indexOf(layout) + 1) % layouts.length] ?? "auto";
}

export function isSamePin(a: Pin | null, b: Pin | null): boolean {
  return a?.identity === b?.identity && a?.source === b?.source;
}

/** The screen that is shown large: of the last who began, and never one's own (a hall of mirrors). */
export function presenterOf(people: Person[]): Person | null {
  return people.findLast((person) => !person.isLocal && person.screen !== null) ?? null;
}

/** One tile large and the others beside it, or no large one and all in a grid. */
export function stageOf(
  people: Person[],
  view: StageView,
): { large: Shown | null; others: Shown[] } {
  const faces = people.map((person): Shown => ({ person, source: "camera" }));
  const screens = people
    .filter((person) => !person.isLocal && person.screen !== null)
    .map((person): Shown => ({ person, source: "screen" }));
  const all = [...screens, ...faces];
  const large = largeOf(people, all, view);
  return { large, others: all.filter((shown) => shown !== large) };
}

function largeOf(
  people: Person[],
  all: Shown[],
  { layout, pinned, speaker }: StageView,
): Shown | null {
  const find = (identity: string | undefined, source: VideoSource) =>
    all.find((shown) => shown.person.identity === identity && shown.source === source) ?? null;
  const chosen = pinned && find(pinned.identity, pinned.source);
  if (chosen || layout === "grid") return chosen;
  const screen = find(presenterOf(people)?.identity, "screen");
  if (screen || layout === "auto") return screen;
  return speaker === null ? null : find(speaker, "camera");
}

/**
 * Who is large when the speaker is: nobody takes the place of a person who is still talking, silence changes
 * nothing, and one does not look at oneself.
 */
export function speakerOf(people: Person[], current: string | null): string | null {
  const others = people.filter((person) => !person.isLocal);
  const shown = others.find(({ identity }) => identity === current);
  if (shown?.speaking) return current;
  const talking = others.filter(({ speaking }) => speaking);
  const known = shown ? [shown] : others;
  const candidates = talking.length > 0 ? talking : known;
  const latest = candidates.reduce<Person | null>(
    (last, person) => (last && last.lastSpokeAt >= person.lastSpokeAt ? last : person),
    null,
  );
  return latest?.identity ?? null;
}

/** What a small window beside other work shows: the large picture, else who speaks, else any. */
export function mainPicture(people: Person[], view: StageView): Shown | null {
  const { large, others } = stageOf(people, view);
  const isSeen = ({ person, source }: Shown) => person[source] !== null;
  const seen = others.filter((shown) => isSeen(shown) && !shown.person.isLocal);
  if (large && isSeen(large)) return large;
  return seen.find(({ person }) => person.identity === view.speaker) ?? seen[0] ?? null;
}
