import type { Call } from "../../core/call";
import type { HandReason } from "../../core/meeting/live";
import { positionIn } from "../../core/meeting/people";
import { useStore } from "../../ui/useStore";

export interface Hand {
  /** In the queue, from 1; null while the hand is down. */
  position: number | null;
  waiting: number;
  hasFloor: boolean;
  /** What the button and its shortcut do: raise, lower, or give the floor back. */
  press: () => void;
  raise: (reason: HandReason) => void;
}

/** Null before the meeting is known. */
export function useHand(call: Call): Hand | null {
  const meeting = useStore(call.store, (state) => state.meeting);
  if (!meeting) return null;
  const position = positionIn(meeting, meeting.me.id);
  const hasFloor = meeting.floor.holder === meeting.me.id;
  return {
    position,
    waiting: meeting.floor.waiting ?? meeting.floor.queue.length,
    hasFloor,
    press: () => {
      if (hasFloor) call.order({ do: "release_floor" });
      else call.order({ do: position === null ? "raise_hand" : "lower_hand" });
    },
    raise: (reason) => call.order({ do: "raise_hand", reason }),
  };
}
