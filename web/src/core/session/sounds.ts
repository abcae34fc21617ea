// What is worth a sound: few things, only for the person they concern, and none where silence is the rule.
import type { SessionCommand } from "./command";
import { notify, type Step } from "./notices";
import type { NoticeBody, SessionState } from "./state";

/** hand - raised, for whoever leads. floor - it is your turn. turn_over - your time is up. */
export type Sound = "hand" | "floor" | "turn_over";

function soundOf({ kind }: NoticeBody, leads: boolean): Sound | null {
  if (kind === "floor_yours") return "floor";
  if (kind === "turn_over") return kind;
  return kind === "hand_raised" && leads ? "hand" : null;
}

/** Shows what happened, and lets the most important of it be heard. */
export function news(state: SessionState, bodies: NoticeBody[]): Step {
  const shown = bodies.reduce(notify, { state, commands: [] });
  const { meeting } = state;
  if (!state.sounds || !meeting) return shown;
  const isSilent = meeting.floor.mode === "strict" && !meeting.me.heard;
  const sound = bodies.map((body) => soundOf(body, meeting.me.leads)).findLast((one) => one);
  if (isSilent || !sound) return shown;
  const play: SessionCommand = { type: "sound", sound, speakerId: state.chosen.speaker };
  return { state: shown.state, commands: [...shown.commands, play] };
}
