import { describe, expect, it } from "vitest";
import type { FloorMode } from "../meeting/live";
import { meetingMessage, meetingState } from "../meeting/testing";
import { news } from "./sounds";
import { initialSession, type NoticeBody, type SessionState } from "./state";

const { me, floor } = meetingMessage();
const raised: NoticeBody = { kind: "hand_raised", name: "Bob" };
const mine: NoticeBody = { kind: "floor_yours" };

function inMeeting(change: Partial<typeof me> = {}, mode: FloorMode = "open"): SessionState {
  const meeting = meetingState({ me: { ...me, ...change }, floor: { ...floor, mode } });
  const chosen = { microphone: null, camera: null, speaker: "headset" };
  return { ...initialSession("m1"), meeting, chosen };
}

function heard(bodies: NoticeBody[], state: SessionState) {
  return news(state, bodies).commands.filter(({ type }) => type === "sound");
}

describe("news", () => {
  it("lets one hear that the floor is one's own, and that the turn is over", () => {
    const floorSound = { type: "sound", sound: "floor", speakerId: "headset" };
    expect(heard([mine], inMeeting())).toEqual([floorSound]);
    expect(heard([{ kind: "turn_over" }], inMeeting())).toMatchObject([{ sound: "turn_over" }]);
  });
  it("lets only who leads hear that a hand is raised", () => {
    expect(heard([raised], inMeeting({ leads: true }))).toMatchObject([{ sound: "hand" }]);
    expect(heard([raised], inMeeting())).toEqual([]);
  });
  it("makes one sound of several news, and shows them all", () => {
    const { state, commands } = news(inMeeting({ leads: true }), [raised, mine]);
    expect(commands.filter(({ type }) => type === "sound")).toMatchObject([{ sound: "floor" }]);
    expect(state.notices).toHaveLength(2);
  });
  it("makes none for what concerns others", () => {
    const others: NoticeBody[] = [
      { kind: "floor_given", name: "Bob" },
      { kind: "message", name: "Bob", isPrivate: false },
    ];
    expect(heard(others, inMeeting({ leads: true }))).toEqual([]);
  });
  it("is silent for who has to be silent, and where sounds are off", () => {
    const chair = { leads: true, heard: false };
    expect(heard([raised], inMeeting(chair, "strict"))).toEqual([]);
    expect(heard([raised], inMeeting(chair, "chaired"))).toHaveLength(1);
    expect(heard([mine], inMeeting({ heard: true }, "strict"))).toHaveLength(1);
    expect(heard([mine], { ...inMeeting(), sounds: false })).toEqual([]);
  });
});
