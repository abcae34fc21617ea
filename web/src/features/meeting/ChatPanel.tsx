import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { continues } from "../../core/meeting/chat";
import { nameIn } from "../../core/meeting/people";
import type { MeetingState } from "../../core/meeting/state";
import { Scroll } from "../../ui/Scroll";
import { ChatEntry } from "./ChatEntry";
import { ChatForm } from "./ChatForm";
import styles from "./ChatPanel.module.css";
import { MoreOfList } from "./MoreOfList";
import { SidePanel } from "./SidePanel";

const messagesAtOnce = 200;

interface Props {
  call: Call;
  meeting: MeetingState;
  onClose: () => void;
}

export function ChatPanel({ call, meeting, onClose }: Props) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(messagesAtOnce);
  const list = useRef<HTMLElement>(null);
  const { chat, me } = meeting;
  const last = chat.at(-1)?.number;

  useEffect(() => {
    call.send({ type: "chat_shown", shown: true });
    return () => call.send({ type: "chat_shown", shown: false });
  }, [call]);

  // Follows the conversation, unless somebody reads further up.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message moves the end.
  useLayoutEffect(() => {
    const box = list.current;
    if (!box) return;
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 160;
    if (isAtEnd || box.scrollTop === 0) box.scrollTop = box.scrollHeight;
  }, [last]);

  const visible = chat.slice(-shown);
  return (
    <SidePanel id="chat-panel" title={t("panel.chat")} onClose={onClose}>
      <Scroll label={t("chat.list")} boxRef={list}>
        <MoreOfList hidden={chat.length - shown} onMore={() => setShown(shown + messagesAtOnce)} />
        {chat.length === 0 && <p className={styles.empty}>{t("chat.empty")}</p>}
        <div role="log" aria-live="polite">
          <ol>
            {visible.map((message, index) => (
              <ChatEntry
                key={message.number}
                call={call}
                me={me}
                message={message}
                from={nameIn(meeting, message.from, message.name)}
                to={nameIn(meeting, message.to ?? "")}
                isContinued={continues(message, visible[index - 1])}
              />
            ))}
          </ol>
        </div>
      </Scroll>
      {me.may_write ? (
        <ChatForm call={call} me={me.id} people={meeting.people} />
      ) : (
        <p className={styles.note}>{t("chat.read_only")}</p>
      )}
    </SidePanel>
  );
}
