import type { Api } from "./api/client";
import type { MediaEngine } from "./engine";
import { codeOf } from "./problem";
import type { SessionCommand } from "./session/command";
import type { SessionEvent } from "./session/event";
import { reduce } from "./session/reduce";
import { initialSession, type SessionState } from "./session/state";
import type { Memory } from "./storage";
import { createStore, type Store } from "./store";

/** A meeting on this page: its state, and the one way to change it. */
export interface Call {
  store: Store<SessionState>;
  engine: MediaEngine;
  send(event: SessionEvent): void;
  dispose(): void;
}

/** Joins the pure machine to the world: carries its orders out and feeds the answers back. */
export function createCall(
  meetingId: string,
  { api, engine, memory }: { api: Api; engine: MediaEngine; memory: Memory },
): Call {
  const store = createStore(initialSession(meetingId));
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isDisposed = false;

  function send(event: SessionEvent): void {
    if (isDisposed) return;
    const { state, commands } = reduce(store.get(), event);
    store.set(state);
    for (const command of commands) execute(command);
  }

  function execute(command: SessionCommand): void {
    switch (command.type) {
      case "join":
        void join(command.meetingId, command.name, command.rejoin);
        break;
      case "remember":
        memory.remember(command.meetingId, command.memory);
        break;
      case "forget":
        memory.forget(command.meetingId);
        break;
      case "prefer":
        memory.prefer(command.preferences);
        break;
      case "retry_after":
        clearTimeout(retry);
        retry = setTimeout(() => send({ type: "retry_due" }), command.delayMs);
        break;
      case "expire_notice":
        setTimeout(() => send({ type: "notice_expired", id: command.id }), command.delayMs);
        break;
      default:
        engine.run(command);
    }
  }

  async function join(id: string, name: string, rejoin: string | null): Promise<void> {
    try {
      const admission = await api.join(id, {
        name: name === "" ? undefined : name,
        rejoin: rejoin ?? undefined,
      });
      send({ type: "admitted", admission });
    } catch (error) {
      send({ type: "refused", code: codeOf(error) });
    }
  }

  const unsubscribe = engine.subscribe(send);
  return {
    store,
    engine,
    send,
    dispose() {
      // Going to another page of the client is leaving; only a reload keeps what brings one back.
      send({ type: "leave_asked" });
      isDisposed = true;
      clearTimeout(retry);
      unsubscribe();
      engine.dispose();
    },
  };
}
