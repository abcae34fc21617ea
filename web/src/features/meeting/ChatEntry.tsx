import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { ChatMessage } from "../../core/meeting/live";
import { nameIn } from "../../core/meeting/people";
import type { MeetingState } from "../../core/meeting/state";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import styles from "./ChatPanel.module.css";

interface Props {
  call: Call;
  meeting: MeetingState;
  message: ChatMessage;
  isContinued: boolean;
}

/** Text and nothing but text: an address in it is neither fetched nor followed. */
export function ChatEntry({ call, meeting, message, isContinued }: Props) {
  const { t, i18n } = useTranslation();
  const { me } = meeting;
  const isMine = message.from === me.id;
  const isPrivate = message.to !== undefined;
  const mayErase = isMine || (me.leads && !isPrivate);
  const name = isMine ? t("chat.me") : nameIn(meeting, message.from, message.name);
  const time = new Intl.DateTimeFormat(i18n.language, { timeStyle: "short" });
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
              {isMine
                ? t("chat.to_person", { name: nameIn(meeting, message.to ?? "", t("chat.gone")) })
                : t("chat.to_you")}
            </span>
          )}
          <time dateTime={new Date(message.at).toISOString()}>{time.format(message.at)}</time>
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
}
