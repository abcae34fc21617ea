import type { Call } from "../../core/call";
import { useStore } from "../../ui/useStore";
import type { PanelId } from "../call/view";
import { ChatPanel } from "./ChatPanel";
import { ConsolePanel } from "./console/ConsolePanel";
import { PeoplePanel } from "./PeoplePanel";
import { QuestionsPanel } from "./QuestionsPanel";

interface Props {
  call: Call;
  id: PanelId;
  onClose: () => void;
}

/** While the meeting is not known there is nothing to show: the panel is empty for as long as the page returns. */
export function Panel({ call, id, onClose }: Props) {
  const meeting = useStore(call.store, (state) => state.meeting);
  if (!meeting) return null;
  const props = { call, meeting, onClose };
  switch (id) {
    case "people":
      return <PeoplePanel {...props} />;
    case "chat":
      return <ChatPanel {...props} />;
    case "questions":
      return <QuestionsPanel {...props} />;
    case "console":
      return meeting.me.leads ? <ConsolePanel {...props} /> : null;
  }
}
