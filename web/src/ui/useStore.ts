import { useSyncExternalStore } from "react";
import type { Store } from "../core/store";

/** The selector must return a value kept in the state, not a new object, or every render would follow another. */
export function useStore<T, S>(store: Store<T>, select: (state: T) => S): S {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
