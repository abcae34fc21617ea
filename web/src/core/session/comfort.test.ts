import { describe, expect, it } from "vitest";
import { meetingMessage, serverNow } from "../meeting/testing";
import type { SessionEvent } from "./event";
import { noPreferences } from "./memory";
import { reduce } from "./reduce";
import { type Device, initialSession, type Person, type SessionState } from "./state";

const me: Person = {
  identity: "me",
  name: "Ada",
  kind: "agent",
  isLocal: true,
  microphone: true,
  camera: "c",
  screen: null,
  sharing: false,
  speaking: false,
  lastSpokeAt: 0,
  quality: "good",
};
const bob: Person = { ...me, identity: "bob", name: "Bob", isLocal: false };

function play(events: SessionEvent[], from: SessionState = initialSession("m1")) {
  let state = from;
  let commands: ReturnType<typeof reduce>["commands"] = [];
  for (const event of events) ({ state, commands } = reduce(state, event));
  return { state, commands, types: commands.map(({ type }) => type) };
}

const on = (kind: "microphone" | "camera", isOn = true): SessionEvent => ({
  type: "captured",
  kind,
  on: isOn,
  deviceId: `${kind}-1`,
});
const toggled = (kind: "microphone" | "camera"): SessionEvent => ({
  type: "capture_toggled",
  kind,
});
const { state: live } = play([
  { type: "opened", preferences: { ...noPreferences, name: "Ada" }, memory: null },
  on("microphone"),
  on("camera"),
  { type: "join_asked", name: "Ada" },
  { type: "admitted", admission: { token: "jwt", identity: "me", name: "Ada", rejoin: "r1" } },
  { type: "told", message: meetingMessage(), at: serverNow },
  { type: "connected", people: [me, bob] },
]);
const { state: muted } = play([toggled("microphone"), on("microphone", false)], live);
const kinds = (state: SessionState) => state.notices.map(({ kind }) => kind);

describe("layout and pin", () => {
  const pin = { identity: "bob", source: "camera" } as const;
  it("says what was pinned and what was taken away", () => {
    const pinned = play([{ type: "pin_toggled", pin }], live).state;
    expect(pinned.pinned).toEqual(pin);
    expect(pinned.notices).toMatchObject([{ kind: "pinned", name: "Bob" }]);
    const free = play([{ type: "pin_toggled", pin }], pinned).state;
    expect(free.pinned).toBeNull();
    expect(kinds(free)).toEqual(["unpinned"]);
  });
  it("remembers a layout, shows it at once, and says it", () => {
    const { state, commands } = play(
      [
        { type: "pin_toggled", pin },
        { type: "layout_chosen", layout: "speaker" },
      ],
      live,
    );
    expect(state).toMatchObject({ layout: "speaker", pinned: null });
    expect(state.notices.at(-1)).toMatchObject({ kind: "layout", layout: "speaker" });
    expect(commands[0]).toMatchObject({ type: "prefer", preferences: { layout: "speaker" } });
    expect(commands[1]).toMatchObject({ type: "remember", memory: { layout: "speaker" } });
  });
  it("follows who speaks", () => {
    const people = [me, { ...bob, speaking: true }];
    expect(play([{ type: "people_changed", people }], live).state.speaker).toBe("bob");
  });
});

describe("audio only", () => {
  const switched: SessionEvent = { type: "audio_only_toggled" };
  it("receives and sends no picture, is remembered, and gives the camera back", () => {
    const quiet = play([switched], live);
    expect(quiet.types).toEqual(["receive_video", "capture", "remember", "expire_notice"]);
    expect(quiet.commands[0]).toMatchObject({ on: false });
    expect(quiet.commands[1]).toMatchObject({ kinds: ["camera"], on: false });
    expect(quiet.commands[2]).toMatchObject({ memory: { audioOnly: true, camera: true } });
    const again = play([on("camera", false), switched], quiet.state);
    expect(again.commands[0]).toMatchObject({ type: "receive_video", on: true });
    expect(again.commands[1]).toMatchObject({ type: "capture", kinds: ["camera"], on: true });
  });
  it("leaves a camera off that was off", () => {
    const off = play([toggled("camera"), on("camera", false), switched, switched], live);
    expect(off.types).not.toContain("capture");
  });
  it("ends a shared screen and starts neither it nor the camera", () => {
    const shared = play([{ type: "share_changed", on: true }, switched], live);
    expect(shared.commands).toContainEqual({ type: "share", on: false });
    for (const event of [toggled("camera"), { type: "share_toggled" } as const]) {
      const refused = play([switched, event], live);
      expect(kinds(refused.state).at(-1)).toBe("audio_only_first");
      expect(refused.types).toEqual(["expire_notice"]);
    }
  });
  it("outlives a reload and a lost connection", () => {
    const memory = {
      ...noPreferences,
      rejoin: "r1",
      microphone: true,
      camera: true,
      audioOnly: true,
    };
    const { state, commands } = play([
      { type: "opened", preferences: noPreferences, memory },
      { type: "admitted", admission: { token: "jwt", identity: "me", name: "Ada", rejoin: "r" } },
      { type: "told", message: meetingMessage(), at: serverNow },
      { type: "connected", people: [me] },
    ]);
    expect(state.audioOnly).toBe(true);
    expect(commands).toContainEqual({ type: "receive_video", on: false });
    expect(commands[0]).toMatchObject({ type: "capture", kinds: ["microphone"] });
  });
});

describe("push to talk", () => {
  const key = (held: boolean): SessionEvent => ({ type: "talk_key", held });
  it("lends the microphone while the key is held, and remembers it as off", () => {
    const held = play([key(true)], muted);
    expect(held.commands).toMatchObject([{ type: "capture", kinds: ["microphone"], on: true }]);
    expect(held.state).toMatchObject({ isTalking: true, microphone: { wanted: false } });
    expect(play([key(true)], held.state).commands).toEqual([]);
    const released = play([on("microphone"), key(false)], held.state);
    expect(released.commands).toMatchObject([{ type: "capture", on: false }]);
    expect(released.state.isTalking).toBe(false);
  });
  it("does nothing to an open microphone, nor when it was turned off in the settings", () => {
    expect(play([key(true)], live).commands).toEqual([]);
    const { state, commands } = play([{ type: "switched", what: "pushToTalk", on: false }], muted);
    expect(commands[0]).toMatchObject({ type: "prefer", preferences: { pushToTalk: false } });
    expect(play([key(true)], state).commands).toEqual([]);
  });
  it("leaves the microphone open when it was turned on meanwhile", () => {
    const { commands, state } = play([key(true), toggled("microphone"), key(false)], muted);
    expect(commands).toEqual([]);
    expect(state).toMatchObject({ isTalking: false, microphone: { wanted: true } });
  });
  it("asks what stands in the way first", () => {
    const whole = meetingMessage();
    const blocked = meetingMessage({ me: { ...whole.me, microphone: "blocked" } });
    const { state } = play([{ type: "told", message: blocked, at: serverNow }, key(true)], muted);
    expect(state.isTalking).toBe(false);
    expect(kinds(state).at(-1)).toBe("ask_first");
  });
});

describe("warnings", () => {
  const talked: SessionEvent = { type: "talked_while_muted" };
  it("tells once who talks into a muted microphone, and again after it was on", () => {
    const once = play([talked, { type: "notice_expired", id: muted.nextNotice }], muted);
    expect(once.state.notices).toEqual([]);
    expect(play([talked], once.state).state.notices).toEqual([]);
    const anew = play([toggled("microphone"), toggled("microphone"), talked], once.state);
    expect(kinds(anew.state)).toEqual(["talking_while_muted"]);
  });
  const silent = (value: boolean): SessionEvent => ({ type: "silence_changed", silent: value });
  it("tells of a dead microphone until sound comes or it was read", () => {
    expect(play([silent(true)], live).state.silence).toBe("told");
    expect(play([silent(true), silent(false)], live).state.silence).toBe("none");
    const read = play([silent(true), { type: "silence_dismissed" }, silent(true)], live);
    expect(read.state.silence).toBe("dismissed");
    const other: SessionEvent = { type: "device_chosen", kind: "microphone", id: "2" };
    expect(play([other], read.state).state.silence).toBe("none");
  });
});

describe("devices that come and go in the meeting", () => {
  const device = (id: string): Device => ({ id, label: id });
  const listed = (microphones: string[], speakers: string[] = ["s"]): SessionEvent => ({
    type: "devices_listed",
    devices: {
      microphone: microphones.map(device),
      camera: [],
      speaker: speakers.map(device),
    },
  });
  const known = play([listed(["default", "microphone-1"])], live).state;
  it("offers a headset, and takes both its halves with one answer", () => {
    expect(known.offered).toEqual({});
    const { state } = play([listed(["default", "microphone-1", "h"], ["s", "hs"])], known);
    expect(state.offered).toEqual({ microphone: device("h"), speaker: device("hs") });
    const taken = play([{ type: "offer_answered", take: true }], state);
    expect(taken.state).toMatchObject({
      offered: {},
      chosen: { microphone: "h", speaker: "hs" },
    });
    expect(taken.types).toEqual(["select_device", "select_device", "prefer", "remember"]);
    expect(play([{ type: "offer_answered", take: false }], state).commands).toEqual([]);
  });
  it("takes the offer back when the device is gone again", () => {
    const came = play([listed(["default", "microphone-1", "h"])], known).state;
    expect(play([listed(["default", "microphone-1", "h"])], came).state.offered).not.toEqual({});
    expect(play([listed(["default", "microphone-1"])], came).state.offered).toEqual({});
  });
  it("says what was unplugged, and then names what replaces it", () => {
    const lost = play([listed(["default", "other"])], known);
    expect(lost.state.chosen.microphone).toBeNull();
    expect(kinds(lost.state)).toEqual(["device_lost"]);
    const used = (id: string): SessionEvent => ({ type: "device_used", kind: "microphone", id });
    expect(play([used("microphone-1")], lost.state).state.chosen.microphone).toBeNull();
    expect(play([used("other")], lost.state).state.chosen.microphone).toBe("other");
    expect(play([used("other")], known).state.chosen.microphone).toBe("microphone-1");
  });
});

describe("switches", () => {
  it("are on at first, and remembered for other meetings and for a reload", () => {
    expect(noPreferences).toMatchObject({ letterKeys: true, sounds: true, pushToTalk: true });
    for (const what of ["letterKeys", "sounds"] as const) {
      const { state, commands } = play([{ type: "switched", what, on: false }], live);
      expect(state[what]).toBe(false);
      expect(commands).toMatchObject([
        { type: "prefer", preferences: { [what]: false } },
        { type: "remember", memory: { [what]: false } },
      ]);
      const preferences = { ...noPreferences, [what]: false };
      expect(play([{ type: "opened", preferences, memory: null }]).state[what]).toBe(false);
    }
  });
});
