import type { Reaction } from "../../core/meeting/live";
import type { IconName } from "../../ui/Icon";

/** Drawn rather than emoji: they look alike everywhere, and in the colours of the page. */
export const reactionIcons: Record<Reaction, IconName> = {
  applause: "applause",
  agree: "thumbUp",
  disagree: "thumbDown",
  laugh: "laugh",
  surprise: "surprise",
  thanks: "heart",
};

export const reactions = Object.keys(reactionIcons) as Reaction[];
