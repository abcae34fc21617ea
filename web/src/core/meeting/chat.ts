import type { ChatMessage } from "./live";

/** One after the other by the same person to the same reader within a few minutes: the name is said once. */
const togetherMs = 3 * 60_000;

/** To make one is dear, and every message has a time. */
const clocks = new Map<string, Intl.DateTimeFormat>();

export function timeText(at: number, language: string): string {
  const clock = clocks.get(language) ?? new Intl.DateTimeFormat(language, { timeStyle: "short" });
  clocks.set(language, clock);
  return clock.format(at);
}

export function continues(message: ChatMessage, before: ChatMessage | undefined): boolean {
  return (
    before !== undefined &&
    before.from === message.from &&
    before.to === message.to &&
    message.at - before.at < togetherMs
  );
}
