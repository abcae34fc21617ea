import { describe, expect, it } from "vitest";
import type { SessionEvent } from "./event";
import { type CallMemory, noPreferences } from "./memory";
import { reduce } from "./reduce";
import { initialSession, type SessionState } from "./state";

function play(events: SessionEvent[], from: SessionState = initialSession("m1")) {
  let state = from;
  let commands: ReturnType<typeof reduce>["commands"] = [];
  for (const event of events) ({ state, commands } = reduce(state, event));
  return { state, commands, types: commands.map(({ type }) => type) };
}

const opened = (change: object = {}): SessionEvent => ({
  type: "opened",
  preferences: { ...noPreferences, ...change },
  memory: null,
});
const blurred = play([opened({ background: "blur" })]).state;

describe("the background", () => {
  it("is ordered before the camera is opened, also after a reload", () => {
    const first = { type: "effects", background: "blur", noise: "strong" };
    const choices = { background: "blur", noise: "strong" } as const;
    expect(play([opened(choices)]).commands.slice(0, 2)).toMatchObject([
      first,
      { type: "capture", on: true },
    ]);
    const memory: CallMemory = {
      ...noPreferences,
      ...choices,
      rejoin: "r1",
      microphone: true,
      camera: true,
      audioOnly: false,
    };
    const reload = play([{ type: "opened", preferences: noPreferences, memory }]);
    expect(reload.commands[0]).toEqual(first);
    expect(reload.state).toMatchObject(choices);
  });
  it("costs nothing where it was not chosen", () => {
    expect(play([opened()]).types).not.toContain("effects");
  });
  it("is remembered, and ordered at once", () => {
    const { state, commands } = play([
      opened(),
      { type: "background_chosen", background: "plain" },
    ]);
    expect(state.background).toBe("plain");
    expect(commands).toMatchObject([
      { type: "effects", background: "plain", noise: "browser" },
      { type: "prefer", preferences: { background: "plain" } },
    ]);
  });
  it("stays chosen when it fails: only the person shows the room", () => {
    const failed = play([{ type: "background_changed", status: "failed" }], blurred);
    expect(failed.state).toMatchObject({ background: "blur", backgroundStatus: "failed" });
    expect(failed.commands).toEqual([]);
    const shown = play([{ type: "background_chosen", background: "none" }], failed.state);
    expect(shown.state).toMatchObject({ background: "none", backgroundStatus: null });
    expect(shown.commands[0]).toMatchObject({ type: "effects", background: "none" });
  });
  it("says once that the computer is too slow", () => {
    const { state } = play([{ type: "background_changed", status: "slow" }], blurred);
    expect(state.notices).toMatchObject([{ kind: "background_slow" }]);
  });
  it("forgets what is reported after it was given up", () => {
    const { state } = play([opened(), { type: "background_changed", status: "failed" }]);
    expect(state.backgroundStatus).toBeNull();
  });
});

describe("the noise", () => {
  it("is remembered, and ordered at once", () => {
    const { commands } = play([opened(), { type: "noise_chosen", noise: "strong" }]);
    expect(commands).toMatchObject([
      { type: "effects", background: "none", noise: "strong" },
      { type: "prefer", preferences: { noise: "strong" } },
    ]);
  });
  it("is the browser's when the stronger filter fails; the choice is kept for another meeting", () => {
    const { state, types } = play([opened({ noise: "strong" }), { type: "noise_failed" }]);
    expect(state.noise).toBe("browser");
    expect(state.notices).toMatchObject([{ kind: "noise_failed" }]);
    expect(types).not.toContain("prefer");
  });
});
