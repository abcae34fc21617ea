import type { Api } from "./api/client";
import type { MediaEngine } from "./engine";
import type { Source, Wish } from "./meeting/live";
import type { LiveEvent, LiveSocket } from "./meeting/socket";
import { createPace } from "./pace";
import { codeOf, type FailureCode, restIn, retryAfterIn } from "./problem";
import type { SessionCommand } from "./session/command";
import type { SessionEvent } from "./session/event";
import { reduce } from "./session/reduce";
import { initialSession, type SessionState } from "./session/state";
import { playSound } from "./sound";
import type { Memory } from "./storage";
import { createStore, type Store } from "./store";

/** A meeting on this page: its state, and the one way to change it. */
export interface Call {
  store: Store<SessionState>;
  engine: MediaEngine;
  send(event: SessionEvent): void;
  /** Asks the server for something in the meeting. Null: done; else why not, for whoever shows it. */
  ask(wish: Wish): Promise<FailureCode | null>;
  /** Asks, and shows a refusal as a notice. */
  order(wish: Wish): void;
  dispose(): void;
}

export type OpenLive = (meetingId: string, report: (event: LiveEvent) => void) => LiveSocket;

interface World {
  api: Api;
  engine: MediaEngine;
  memory: Memory;
  openLive: OpenLive;
}

/** As often as a page is drawn anew: where 130 people come and go, more often would leave no time for anything else. */
const drawnEveryMs = 100;

/** Joins the pure machine to the world: carries its orders out and feeds the answers back. */
export function createCall(meetingId: string, { api, engine, memory, openLive }: World): Call {
  const store = createStore(initialSession(meetingId), createPace(drawnEveryMs));
  const live = openLive(meetingId, send);
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
        void join(command);
        break;
      case "live_open":
        live.open(command.rejoin);
        break;
      case "live_renew":
        live.renew();
        break;
      case "live_leave":
        live.leave();
        break;
      case "live_close":
        live.close(command.afterMs);
        break;
      case "resume":
        void resume(command.source);
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
        retryAfter(command.delayMs);
        break;
      case "rest_until":
        retryAfter(command.at - Date.now());
        break;
      case "sound":
        void playSound(command.sound, command.speakerId).catch(() => {});
        break;
      case "expire_notice":
        setTimeout(() => send({ type: "notice_expired", id: command.id }), command.delayMs);
        break;
      case "expire_reaction":
        setTimeout(() => send({ type: "reaction_expired", id: command.id }), command.delayMs);
        break;
      default:
        engine.run(command);
    }
  }

  function retryAfter(delayMs: number): void {
    clearTimeout(retry);
    retry = setTimeout(() => send({ type: "retry_due" }), delayMs);
  }

  async function join(asked: Extract<SessionCommand, { type: "join" }>): Promise<void> {
    try {
      const admission = await api.join(asked.meetingId, {
        name: asked.name === "" ? undefined : asked.name,
        rejoin: asked.rejoin ?? undefined,
        invitation: asked.invitation ?? undefined,
        insist: asked.insist || undefined,
        emergency: asked.emergency ?? undefined,
      });
      send({ type: "admitted", admission });
    } catch (error) {
      send({
        type: "refused",
        code: codeOf(error),
        rest: restIn(error),
        retryAfterMs: retryAfterIn(error),
      });
    }
  }

  async function resume(source: Source): Promise<void> {
    const code = await live.ask({ do: "resume", source });
    if (code === null) send({ type: "resumed", source });
    else send({ type: "order_refused", code });
  }

  async function order(wish: Wish): Promise<void> {
    const code = await live.ask(wish);
    if (code !== null) send({ type: "order_refused", code });
  }

  const unsubscribe = engine.subscribe(send);
  return {
    store,
    engine,
    send,
    ask: (wish) => live.ask(wish),
    order: (wish) => void order(wish),
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
