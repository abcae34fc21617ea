import type { Call } from "../../core/call";
import { onStage } from "../../core/meeting/people";
import type { Person } from "../../core/session/state";
import type { StageView } from "../../core/stage";
import { useStore } from "../../ui/useStore";

/** Who can be shown, and what the person here arranged. */
export function useStage(call: Call): { people: Person[]; view: StageView } {
  const everybody = useStore(call.store, (state) => state.people);
  const meeting = useStore(call.store, (state) => state.meeting);
  const layout = useStore(call.store, (state) => state.layout);
  const pinned = useStore(call.store, (state) => state.pinned);
  const speaker = useStore(call.store, (state) => state.speaker);
  return { people: onStage(everybody, meeting), view: { layout, pinned, speaker } };
}
