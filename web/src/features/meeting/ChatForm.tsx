import { type FormEvent, memo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { LivePerson } from "../../core/meeting/live";
import { nameOf, sortedPeople } from "../../core/meeting/people";
import type { FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Select } from "../../ui/Select";
import { TextBox } from "../../ui/TextBox";
import styles from "./ChatPanel.module.css";

const everybody = "everybody";

interface Props {
  call: Call;
  me: string;
  people: ReadonlyMap<string, LivePerson>;
}

export const ChatForm = memo(function ChatForm({ call, me, people }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [to, setTo] = useState(everybody);
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isChoosing, setChoosing] = useState(false);
  const chosen = people.get(to);
  // All are listed only while the list is open: it is dear to build, and changes with everybody who comes.
  const others = sortedPeople(isChoosing ? people.values() : chosen ? [chosen] : []);
  const isAlone = people.size - Number(people.has(me)) === 0;

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
      {!isAlone && (
        <Select
          label={t("chat.to")}
          options={[
            { id: everybody, label: t("chat.to_all") },
            ...others
              .filter(({ id }) => id !== me)
              .map((person) => ({ id: person.id, label: nameOf(person) })),
          ]}
          value={chosen ? to : everybody}
          empty={t("chat.to_all")}
          onChange={setTo}
          onOpenChange={setChoosing}
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
});
