import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { timeText } from "../../core/meeting/chat";
import type { ChatMessage, Me } from "../../core/meeting/live";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import styles from "./ChatPanel.module.css";

interface Props {
  call: Call;
  me: Me;
  message: ChatMessage;
  /** Of the one who wrote it. */
  from: string;
  /** Of the only one who may read it; empty when they are gone, or all may. */
  to: string;
  isContinued: boolean;
}

/** Text and nothing but text: an address in it is neither fetched nor followed. */
export const ChatEntry = memo(function ChatEntry({
  call,
  me,
  message,
  from,
  to,
  isContinued,
}: Props) {
  const { t, i18n } = useTranslation();
  const isMine = message.from === me.id;
  const isPrivate = message.to !== undefined;
  const mayErase = isMine || (me.leads && !isPrivate);
  const name = isMine ? t("chat.me") : from;
  return (
    <li
      className={styles.message}
      data-mine={isMine}
      data-private={isPrivate}
      data-testid="chat-message"
    >
      {!isContinued && (
        <p className={styles.meta}>
          <strong>{name}</strong>
          {isPrivate && (
            <span className={styles.private}>
              {isMine ? t("chat.to_person", { name: to || t("chat.gone") }) : t("chat.to_you")}
            </span>
          )}
          <time dateTime={new Date(message.at).toISOString()}>
            {timeText(message.at, i18n.language)}
          </time>
        </p>
      )}
      <div className={styles.line}>
        <p className={styles.text}>{message.text}</p>
        {mayErase && (
          <Button
            look="quiet"
            square
            aria-label={t("chat.erase", { name, text: message.text.slice(0, 40) })}
            data-testid="erase-message"
            onPress={() => call.order({ do: "erase", number: message.number })}
          >
            <Icon name="trash" size={18} />
          </Button>
        )}
      </div>
    </li>
  );
});
