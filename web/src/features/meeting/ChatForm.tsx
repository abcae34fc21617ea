import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { nameOf, sortedPeople } from "../../core/meeting/people";
import type { MeetingState } from "../../core/meeting/state";
import type { FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Select } from "../../ui/Select";
import { TextBox } from "../../ui/TextBox";
import styles from "./ChatPanel.module.css";

const everybody = "everybody";

export function ChatForm({ call, meeting }: { call: Call; meeting: MeetingState }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [to, setTo] = useState(everybody);
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const [isBusy, setBusy] = useState(false);
  const others = sortedPeople(meeting.people.values()).filter(({ id }) => id !== meeting.me.id);
  const isThere = to === everybody || meeting.people.has(to);

  async function submit(event?: FormEvent) {
    event?.preventDefault();
    if (text.trim() === "" || isBusy) return;
    setBusy(true);
    const code = await call.ask({ do: "say", text, ...(to !== everybody && { to }) });
    setBusy(false);
    setFailure(code);
    // What was refused stays, to be sent again.
    if (code === null) setText("");
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      {others.length > 0 && (
        <Select
          label={t("chat.to")}
          options={[
            { id: everybody, label: t("chat.to_all") },
            ...others.map((person) => ({ id: person.id, label: nameOf(person) })),
          ]}
          value={isThere ? to : everybody}
          empty={t("chat.to_all")}
          onChange={setTo}
          testId="chat-to"
        />
      )}
      <div className={styles.write}>
        <TextBox
          label={t("chat.label")}
          error={failure && t(`error.${failure}`)}
          value={text}
          maxLength={4000}
          onChange={(value) => {
            setText(value);
            setFailure(null);
          }}
          onEnter={() => void submit()}
          testId="chat-field"
        />
        <Button
          type="submit"
          look="primary"
          square
          aria-label={t(to === everybody ? "chat.send" : "chat.send_private")}
          data-testid="chat-send"
        >
          <Icon name="send" />
        </Button>
      </div>
    </form>
  );
}
