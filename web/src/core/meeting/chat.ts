import type { ChatMessage } from "./live";

/** One after the other by the same person to the same reader within a few minutes: the name is said once. */
const togetherMs = 3 * 60_000;

export function continues(message: ChatMessage, before: ChatMessage | undefined): boolean {
  return (
    before !== undefined &&
    before.from === message.from &&
    before.to === message.to &&
    message.at - before.at < togetherMs
  );
}
