// What a person arranges for themselves: what is large, whether pictures come at all, and how to speak up.
import { isSamePin, type Layout, type Pin } from "../stage";
import { captureOrder, preferring, remembering, startWanted } from "./capture";
import type { SessionCommand } from "./command";
import { hindrance } from "./meeting";
import type { Switch } from "./memory";
import { notify, type Step, without } from "./notices";
import type { DeviceKind, SessionState } from "./state";

/** A choice of layout shows at once, so it also ends what was pinned. */
export function layoutChosen(state: SessionState, layout: Layout): Step {
  const next: SessionState = { ...without(state, ["layout"]), layout, pinned: null };
  return notify(preferring(next), { kind: "layout", layout });
}

export function pinToggled(state: SessionState, pin: Pin): Step {
  const isPinned = isSamePin(state.pinned, pin);
  const person = state.people.find(({ identity }) => identity === pin.identity);
  if (!person) return { state, commands: [] };
  const known = without(state, ["pinned", "unpinned"]);
  const step: Step = { state: { ...known, pinned: isPinned ? null : pin }, commands: [] };
  return notify(step, { kind: isPinned ? "unpinned" : "pinned", name: person.name });
}

/** The wish for the camera stays, so that it comes back with the pictures. */
export function audioOnlyToggled(state: SessionState): Step {
  if (state.phase !== "live") return { state, commands: [] };
  const audioOnly = !state.audioOnly;
  const camera = audioOnly ? { ...state.camera, status: "off" as const } : state.camera;
  const next: SessionState = { ...state, audioOnly, camera };
  const receive: SessionCommand = { type: "receive_video", on: !audioOnly };
  const own: Step = audioOnly ? { state: next, commands: silenced(state) } : startWanted(next);
  const step = remembering({ state: own.state, commands: [receive, ...own.commands] });
  return notify(step, { kind: audioOnly ? "audio_only" : "pictures_again" });
}

function silenced(state: SessionState): SessionCommand[] {
  const camera = state.camera.status === "off" ? [] : [captureOrder(state, "camera", false)];
  return state.sharing ? [...camera, { type: "share", on: false }] : camera;
}

export function switched(state: SessionState, what: Switch, on: boolean): Step {
  return preferring({ ...state, [what]: on });
}

export function mayPushToTalk(state: SessionState): boolean {
  const { microphone, meeting } = state;
  const isMuted = !microphone.wanted && microphone.problem === null;
  return state.pushToTalk && state.phase === "live" && isMuted && meeting?.me.may_publish !== false;
}

/** The microphone is lent for as long as the key is held; what is wanted of it stays. */
export function talkKey(state: SessionState, held: boolean): Step {
  if (held === state.isTalking) return { state, commands: [] };
  if (held) {
    if (!mayPushToTalk(state)) return { state, commands: [] };
    const talking = { ...state, isTalking: true };
    const open = captureOrder(state, "microphone", true);
    return hindrance(state, "microphone") ?? { state: talking, commands: [open] };
  }
  const next: SessionState = { ...state, isTalking: false };
  const close = captureOrder(state, "microphone", false);
  return { state: next, commands: state.microphone.wanted ? [] : [close] };
}

/** Once, until the microphone was on again: who was told does not need to be told at every sentence. */
export function talkedWhileMuted(state: SessionState): Step {
  if (state.isMuteTold || state.microphone.wanted || state.isTalking)
    return { state, commands: [] };
  return notify(
    { state: { ...state, isMuteTold: true }, commands: [] },
    { kind: "talking_while_muted" },
  );
}

export function silenceChanged(state: SessionState, silent: boolean): SessionState {
  if (!silent) return state.silence === "told" ? { ...state, silence: "none" } : state;
  return state.silence === "none" ? { ...state, silence: "told" } : state;
}

/** Everything that was plugged in is taken at once: a headset is a microphone and a speaker. */
export function offerAnswered(state: SessionState, take: boolean): Step {
  const kinds = Object.keys(state.offered) as DeviceKind[];
  let next: SessionState = { ...state, offered: {} };
  if (!take) return { state: next, commands: [] };
  const commands: SessionCommand[] = [];
  for (const kind of kinds) {
    const id = state.offered[kind]?.id;
    if (id === undefined) continue;
    next = { ...next, chosen: { ...next.chosen, [kind]: id } };
    commands.push({ type: "select_device", kind, id });
  }
  const step = preferring({ ...next, silence: "none" });
  return { state: step.state, commands: [...commands, ...step.commands] };
}
