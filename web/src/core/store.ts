import { atOnce, type Pace } from "./pace";

/** An immutable snapshot with subscribers: all the state management the client has. */
export interface Store<T> {
  get(): T;
  set(next: T): void;
  subscribe(listener: () => void): () => void;
}

/** What was set is there at once; when the subscribers hear of it is a matter of the pace. */
export function createStore<T>(initial: T, pace: Pace = atOnce): Store<T> {
  let snapshot = initial;
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  return {
    get: () => snapshot,
    set(next) {
      if (Object.is(next, snapshot)) return;
      snapshot = next;
      pace(tell);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
