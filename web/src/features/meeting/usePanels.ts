import type { Call } from "../../core/call";
import type { ShortcutId } from "../../core/shortcuts";
import type { IconName } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import type { PanelId } from "../call/view";

export interface PanelOffer {
  id: PanelId;
  icon: IconName;
  shortcut?: ShortcutId;
  /** What waits in it. */
  count: number;
  /** Kept in the toolbar where there is room for two of them only. */
  isFirst: boolean;
}

/** Which panels this person has use for, in the order of the toolbar. */
export function usePanels(call: Call): PanelOffer[] {
  const meeting = useStore(call.store, (state) => state.meeting);
  const read = useStore(call.store, (state) => state.chatRead);
  if (!meeting)
    return [{ id: "people", icon: "people", shortcut: "participants", count: 0, isFirst: true }];
  const { me, chat, questions, lobby } = meeting;
  const unread = chat.filter(({ number, from }) => number > read && from !== me.id).length;
  const isWebinar = meeting.meeting.format === "webinar";
  const offers: PanelOffer[] = [
    { id: "chat", icon: "chat", shortcut: "chat", count: unread, isFirst: me.may_write },
  ];
  if (isWebinar) {
    const asked = questions.filter(({ state }) => state === "asked").length;
    offers.push({
      id: "questions",
      icon: "question",
      count: me.leads ? asked : 0,
      isFirst: !me.may_write,
    });
  }
  offers.push({
    id: "people",
    icon: "people",
    shortcut: "participants",
    count: 0,
    isFirst: !me.leads,
  });
  if (me.leads) {
    offers.push({
      id: "console",
      icon: "console",
      shortcut: "console",
      count: lobby.length,
      isFirst: true,
    });
  }
  return offers;
}
