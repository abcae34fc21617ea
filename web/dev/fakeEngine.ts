import type { MediaEngine } from "../src/core/engine";
import type { MediaCommand } from "../src/core/session/command";
import type { MediaEvent } from "../src/core/session/event";
import type { Person } from "../src/core/session/state";
import { paint } from "./paint";

/** Plays the part of the media library: it accepts every order and paints pictures instead of receiving them. */
export function createFakeEngine(
  people: Person[],
  lastIsLate: boolean,
  isPoor: boolean,
): MediaEngine {
  const listeners = new Set<(event: MediaEvent) => void>();
  let shown = lastIsLate ? people.slice(0, -1) : people;
  const emit = (event: MediaEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  function changeSelf(change: Partial<Person>): void {
    shown = shown.map((person) => (person.isLocal ? { ...person, ...change } : person));
    emit({ type: "people_changed", people: shown });
  }
  function arrive(): void {
    shown = people;
    emit({ type: "people_changed", people: shown });
    emit({ type: "connection_changed", connection: "reconnecting" });
    emit({ type: "audio_blocked", blocked: true });
  }
  /** All that can be wrong with a line and with devices, at once. */
  function complain(): void {
    const jabra = { id: "jabra", label: "Jabra Evolve2" };
    const built = { id: "built-in", label: "Micro interne" };
    const devices = { microphone: [built], camera: [], speaker: [built] };
    emit({ type: "devices_listed", devices });
    const both = [built, jabra];
    emit({ type: "devices_listed", devices: { ...devices, microphone: both, speaker: both } });
    emit({ type: "connection_changed", connection: "poor" });
    emit({ type: "silence_changed", silent: true });
  }
  function answer(command: MediaCommand): void {
    if (command.type === "connect") {
      emit({ type: "connected", people: shown });
      if (lastIsLate) setTimeout(arrive, 400);
      if (isPoor) complain();
    }
    if (command.type === "receive_video") {
      const hidden = people.map((person) => ({ ...person, camera: null, screen: null }));
      shown = command.on ? people : hidden;
      emit({ type: "people_changed", people: shown });
    }
    if (command.type === "share") emit({ type: "share_changed", on: command.on });
    if (command.type !== "capture") return;
    for (const kind of command.kinds) {
      emit({ type: "captured", kind, on: command.on, deviceId: `${kind}-1` });
      if (kind === "microphone") changeSelf({ microphone: command.on });
      else changeSelf({ camera: command.on ? "camera" : null });
    }
  }
  return {
    run: (command) => setTimeout(() => answer(command), 0),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    attachVideo(element, identity, source) {
      element.srcObject = paint(identity ?? "preview", source);
      return () => {
        element.srcObject = null;
      };
    },
    watchLevel: () => () => {},
    dispose: () => listeners.clear(),
  };
}
