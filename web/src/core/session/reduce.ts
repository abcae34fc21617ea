import type { Admission } from "../api/client";
import type { Rest } from "../problem";
import {
  captured,
  captureFailed,
  devicesListed,
  deviceUsed,
  freshMicrophone,
  isCapturing,
  remembering,
  startWanted,
  toggle,
  withCapture,
} from "./capture";
import {
  audioOnlyToggled,
  layoutChosen,
  offerAnswered,
  pinToggled,
  silenceChanged,
  switched,
  talkedWhileMuted,
  talkKey,
} from "./comfort";
import { backgroundChanged, backgroundChosen, noiseChosen, noiseFailed, ordered } from "./effects";
import type { SessionEvent } from "./event";
import { hindrance, letIn, liveRefused, told } from "./meeting";
import { type Preferences, preferencesOf } from "./memory";
import { notify, type Step, without } from "./notices";
import {
  connected,
  connectionChanged,
  disconnected,
  end,
  join,
  peopleChanged,
  retryOrEnd,
} from "./presence";
import { news } from "./sounds";
import type { CaptureKind, SessionState } from "./state";

type Opened = Extract<SessionEvent, { type: "opened" }>;
/** When a proxy has swallowed what the server said. */
const overloadRetryMs = 30_000;

type Refused = Extract<SessionEvent, { type: "refused" }>;
type Chosen = Extract<SessionEvent, { type: "device_chosen" }>;

const quiet = (state: SessionState): Step => ({ state, commands: [] });

/** The whole meeting as this page sees it: no clock, no network, no browser, so every path can be tested. */
export function reduce(state: SessionState, event: SessionEvent): Step {
  switch (event.type) {
    case "opened":
      return opened(state, event);
    case "join_asked":
      if (state.phase !== "lobby") return quiet(state);
      return joinAs(state, event.name);
    case "break_skipped":
      if (state.phase !== "resting") return quiet(state);
      return join(
        { ...state, phase: "joining" },
        { insist: event.emergency === null, emergency: event.emergency },
      );
    case "chat_shown":
      return quiet(chatShown(state, event.shown));
    case "rejoin_asked":
      if (state.phase !== "ended") return quiet(state);
      return join({ ...state, phase: "joining", refusal: null });
    case "leave_asked":
      return end(state, "left");
    case "capture_toggled":
      return captureToggled(state, event.kind);
    case "devices_retried":
      return startWanted(state);
    case "device_chosen":
      return deviceChosen(state, event);
    case "share_toggled":
      if (!state.sharing) return hindrance(state, "screen") ?? share(state, true);
      return share(state, false);
    case "layout_chosen":
      return layoutChosen(state, event.layout);
    case "pin_toggled":
      return pinToggled(state, event.pin);
    case "audio_only_toggled":
      return audioOnlyToggled(state);
    case "background_chosen":
      return backgroundChosen(state, event.background);
    case "noise_chosen":
      return noiseChosen(state, event.noise);
    case "background_changed":
      return backgroundChanged(state, event.status);
    case "noise_failed":
      return noiseFailed(state);
    case "switched":
      return switched(state, event.what, event.on);
    case "talk_key":
      return talkKey(state, event.held);
    case "silence_dismissed":
      return quiet({ ...state, silence: "dismissed" });
    case "offer_answered":
      return offerAnswered(state, event.take);
    case "audio_asked":
      return { state, commands: [{ type: "start_audio" }] };
    case "notice_expired":
      return quiet({ ...state, notices: state.notices.filter(({ id }) => id !== event.id) });
    case "admitted":
      return admitted(state, event.admission);
    case "refused":
      return refused(state, event);
    case "retry_due":
      if (state.phase === "resting") return join({ ...state, phase: "joining" });
      // Whoever changed something meanwhile has pressed the button, or will.
      if (state.phase === "lobby" && state.refusal === "server_overloaded")
        return join({ ...state, phase: "joining", refusal: null });
      return state.phase === "returning" ? join(state) : quiet(state);
    case "told":
      return told(state, event.message, event.at);
    case "live_changed":
      return quiet({ ...state, isTold: event.open });
    case "live_refused":
      return liveRefused(state);
    case "resumed":
      if (event.source === "screen") return share(state, true);
      return state[event.source].wanted ? quiet(state) : toggle(state, event.source);
    case "order_refused":
      return notify(quiet(state), { kind: "order_refused", code: event.code });
    case "turn_over":
      return news(state, [{ kind: "turn_over" }]);
    case "reaction_expired":
      return quiet({ ...state, reactions: state.reactions.filter(({ id }) => id !== event.id) });
    case "connected":
      return connected(state, event.people);
    case "connect_failed":
      return connectFailed(state);
    case "people_changed":
      return peopleChanged(state, event.people);
    case "connection_changed":
      return connectionChanged(state, event.connection);
    case "disconnected":
      return disconnected(state, event.reason);
    case "captured":
      return captured(state, event.kind, event.on, event.deviceId);
    case "capture_failed":
      return captureFailed(state, event.kind, event.problem);
    case "muted_by_server":
      return notify(
        remembering(
          quiet(
            withCapture({ ...state, isTalking: false }, event.kind, {
              wanted: false,
              status: "off",
            }),
          ),
        ),
        { kind: "muted_by_server" },
      );
    case "share_changed":
      return quiet({ ...state, sharing: event.on });
    case "share_failed":
      return notify(quiet({ ...state, sharing: false }), { kind: "share_failed" });
    case "devices_listed":
      return devicesListed(state, event.devices);
    case "audio_blocked":
      return quiet({ ...state, audioBlocked: event.blocked });
    case "device_used":
      return deviceUsed(state, event.kind, event.id);
    case "talked_while_muted":
      return talkedWhileMuted(state);
    case "silence_changed":
      return quiet(silenceChanged(state, event.silent));
  }
}

/** Where a preview is looked at, to want the camera is to want pictures. */
function captureToggled(state: SessionState, kind: CaptureKind): Step {
  const isOn = isCapturing(state, kind) && state[kind].wanted;
  const hindered = isOn ? null : hindrance(state, kind);
  if (hindered) return hindered;
  if (kind === "microphone" || !state.audioOnly) return toggle(state, kind);
  return toggle(withCapture({ ...state, audioOnly: false }, "camera", { wanted: false }), "camera");
}

function share(state: SessionState, on: boolean): Step {
  return { state, commands: [{ type: "share", on }] };
}

function chatShown(state: SessionState, isChatShown: boolean): SessionState {
  const last = state.meeting?.chat.at(-1)?.number ?? 0;
  const chatRead = isChatShown ? Math.max(state.chatRead, last) : state.chatRead;
  const known = isChatShown ? without(state, ["message"]) : state;
  return { ...known, isChatShown, chatRead };
}

function choicesOf({ name, devices: chosen, ...choices }: Preferences): Partial<SessionState> {
  const { layout, pushToTalk, letterKeys, sounds, background, noise } = choices;
  return { name, chosen, layout, pushToTalk, letterKeys, sounds, background, noise };
}

function opened(state: SessionState, { preferences, memory, invitation = null }: Opened): Step {
  const from = memory ?? preferences;
  const known: SessionState = { ...state, ...choicesOf(from), invitation };
  if (!memory) {
    const step = ordered(startWanted(known));
    return { state: step.state, commands: [...step.commands, { type: "list_devices" }] };
  }
  const microphone = { ...state.microphone, wanted: memory.microphone };
  const camera = { ...state.camera, wanted: memory.camera };
  const joined = join({
    ...known,
    phase: "joining",
    rejoin: memory.rejoin,
    isInside: true,
    audioOnly: memory.audioOnly,
    microphone,
    camera,
  });
  const step = ordered(joined);
  return { state: step.state, commands: [...step.commands, { type: "list_devices" }] };
}

function joinAs(state: SessionState, typed: string): Step {
  const name = typed.trim();
  const step = join({ ...state, phase: "joining", name, refusal: null });
  const preferences = preferencesOf(step.state);
  return { state: step.state, commands: [...step.commands, { type: "prefer", preferences }] };
}

/** The meeting is heard of before media start: only it knows whether one may speak. */
function admitted(state: SessionState, { token, name, rejoin }: Admission): Step {
  if (state.phase !== "joining" && state.phase !== "returning") return quiet(state);
  const next: SessionState = {
    ...state,
    name,
    rejoin,
    token: token ?? null,
    invitation: null,
    rest: null,
  };
  return letIn({ state: next, commands: [{ type: "live_open", rejoin }] });
}

/** A refusal that time can mend is tried again; any other shows the page before the meeting. */
function refused(state: SessionState, { code, rest = null, retryAfterMs = null }: Refused): Step {
  if (code === "rest_required" && rest !== null) return takeBreak(state, rest);
  if (code === "banned") return end(state, "banned");
  const isOverloaded = code === "server_overloaded";
  const passing =
    isOverloaded || code === "offline" || code === "server_error" || code === "server_full";
  if (state.isInside && passing) {
    return retryOrEnd(state, state.ended ?? "connection_lost");
  }
  const lobby: SessionState = {
    ...state,
    phase: "lobby",
    refusal: code,
    rejoin: null,
    isInside: false,
    isConnecting: false,
    audioOnly: false,
    meeting: null,
    ended: null,
  };
  const step = startWanted(lobby);
  const again: Step["commands"] = isOverloaded
    ? [{ type: "retry_after", delayMs: retryAfterMs ?? overloadRetryMs }]
    : [];
  return {
    state: step.state,
    commands: [
      ...again,
      { type: "forget", meetingId: state.meetingId },
      { type: "live_close", afterMs: 0 },
      ...step.commands,
    ],
  };
}

/** The meeting is entered by itself when the break is over. No device is open meanwhile: it is a break. */
function takeBreak(state: SessionState, rest: Rest): Step {
  const silent = withCapture(state, "microphone", { status: "off" });
  const next: SessionState = {
    ...withCapture(silent, "camera", { status: "off" }),
    phase: "resting",
    isInside: false,
    rest,
    meeting: null,
  };
  return {
    state: next,
    commands: [{ type: "disconnect" }, { type: "rest_until", at: rest.until }],
  };
}

function connectFailed(state: SessionState): Step {
  return refused(state, { type: "refused", code: "offline" });
}

function deviceChosen(state: SessionState, { kind, id }: Chosen): Step {
  const chosen = { ...state.chosen, [kind]: id };
  const known = kind === "microphone" ? freshMicrophone(state) : state;
  const next: SessionState = { ...known, chosen, offered: {} };
  if (state.phase === "live" || kind === "speaker") {
    const commands: Step["commands"] = [
      { type: "select_device", kind, id },
      { type: "prefer", preferences: preferencesOf(next) },
    ];
    if (state.phase !== "live") return { state: next, commands };
    return remembering({ state: next, commands });
  }
  const wanted = withCapture(next, kind, { wanted: true, status: "starting", problem: null });
  return {
    state: wanted,
    commands: [{ type: "capture", kinds: [kind], on: true, deviceIds: chosen }],
  };
}
