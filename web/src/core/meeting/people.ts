import type { Person } from "../session/state";
import type { LivePerson, Role } from "./live";
import type { MeetingState } from "./state";

/** Two people of one name must not be taken for one another. */
export function nameOf({ name, namesake }: { name: string; namesake: number }): string {
  return namesake > 1 ? `${name} (${namesake})` : name;
}

/** Of somebody who may have left since: then as the one who wrote had it. */
export function nameIn(meeting: MeetingState, id: string, otherwise = ""): string {
  const person = meeting.people.get(id);
  return person ? nameOf(person) : otherwise;
}

/** From 1, as it is told to people; null for whoever has no hand raised. */
export function positionIn(meeting: MeetingState, id: string): number | null {
  const { place } = meeting.floor;
  if (id === meeting.me.id && place !== undefined) return place;
  const index = meeting.floor.queue.findIndex(({ person }) => person === id);
  return index < 0 ? null : index + 1;
}

const rank: Record<Role, number> = {
  chair: 0,
  deputy: 1,
  presenter: 2,
  participant: 3,
  observer: 4,
};

/** Who leads comes first, then by name: a list that is read does not jump with every arrival. */
export function sortedPeople(people: Iterable<LivePerson>): LivePerson[] {
  return [...people].sort(
    (a, b) =>
      rank[a.role] - rank[b.role] || a.name.localeCompare(b.name) || a.namesake - b.namesake,
  );
}

/** Whom a picture can be expected of: the viewers of a webinar fill no tiles. */
export function onStage(people: Person[], meeting: MeetingState | null): Person[] {
  if (meeting?.meeting.format !== "webinar") return people;
  return people.filter(({ identity }) => {
    const person = meeting.people.get(identity);
    if (!person) return false;
    return person.role !== "observer" || meeting.floor.holder === identity;
  });
}

/** The media plane knows the names without what tells namesakes apart. The same list when there is nothing to tell. */
export function withNames(people: Person[], meeting: MeetingState | null): Person[] {
  if (!meeting) return people;
  const named = people.map((person) => {
    const name = nameIn(meeting, person.identity, person.name);
    return name === person.name ? person : { ...person, name };
  });
  return named.every((person, i) => person === people[i]) ? people : named;
}

/** Who is as before stays the same object: what shows them is not drawn anew because others speak. */
export function asBefore(people: Person[], before: Person[]): Person[] {
  const known = new Map(before.map((person) => [person.identity, person]));
  return people.map((person) => {
    const earlier = known.get(person.identity);
    return earlier && isSame(person, earlier) ? earlier : person;
  });
}

function isSame(one: Person, other: Person): boolean {
  const keys = Object.keys(one) as (keyof Person)[];
  return keys.every((key) => one[key] === other[key]);
}

/** How many are in: a viewer of a webinar is told the number only. */
export function countOf(meeting: MeetingState): number {
  return Math.max(meeting.people.size, meeting.meeting.people_count);
}
