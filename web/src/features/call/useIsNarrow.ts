import { useSyncExternalStore } from "react";

const query = () => matchMedia("(width < 960px)");

function subscribe(listener: () => void): () => void {
  const watched = query();
  watched.addEventListener("change", listener);
  return () => watched.removeEventListener("change", listener);
}

/** Where there is no room for every control, the rarer ones are in the menu. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => query().matches);
}
