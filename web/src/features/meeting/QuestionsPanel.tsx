import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { QuestionState } from "../../core/meeting/live";
import type { MeetingState } from "../../core/meeting/state";
import type { FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Scroll } from "../../ui/Scroll";
import { TextBox } from "../../ui/TextBox";
import { MoreOfList } from "./MoreOfList";
import styles from "./QuestionsPanel.module.css";
import { SidePanel } from "./SidePanel";

interface Props {
  call: Call;
  meeting: MeetingState;
  onClose: () => void;
}

const rowsAtOnce = 100;
const order: QuestionState[] = ["asked", "shown", "answered", "dismissed"];

export function QuestionsPanel({ call, meeting, onClose }: Props) {
  const { t } = useTranslation();
  const { questions, me } = meeting;
  const [shown, setShown] = useState(rowsAtOnce);
  const sorted = [...questions].sort(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.number - b.number,
  );
  return (
    <SidePanel id="questions-panel" title={t("panel.questions")} onClose={onClose}>
      <Scroll label={t("panel.questions")}>
        {sorted.length === 0 && <p className={styles.empty}>{t("question.empty")}</p>}
        <ul className={styles.list}>
          {sorted.slice(0, shown).map(({ number, name, text, state }) => (
            <QuestionRow
              key={number}
              call={call}
              leads={me.leads}
              number={number}
              name={name}
              text={text}
              state={state}
            />
          ))}
        </ul>
        <MoreOfList hidden={sorted.length - shown} onMore={() => setShown(shown + rowsAtOnce)} />
      </Scroll>
      {!me.leads && <AskForm call={call} />}
    </SidePanel>
  );
}

const nextStates: Record<QuestionState, QuestionState[]> = {
  asked: ["shown", "dismissed"],
  shown: ["answered", "dismissed"],
  answered: ["shown"],
  dismissed: ["shown"],
};

interface RowProps {
  call: Call;
  leads: boolean;
  number: number;
  name: string;
  text: string;
  state: QuestionState;
}

/** Told its parts: the list is told anew as a whole, and most of it as it was. */
const QuestionRow = memo(function QuestionRow(props: RowProps) {
  const { call, leads, number, name, text, state } = props;
  const { t } = useTranslation();
  return (
    <li className={styles.question} data-state={state} data-testid="question">
      <p className={styles.meta}>
        <strong>{name}</strong>
        <span className={styles.state}>{t(`question.${state}`)}</span>
      </p>
      <p className={styles.text}>{text}</p>
      {leads && (
        <div className={styles.actions}>
          {nextStates[state].map((next) => (
            <Button
              key={next}
              aria-label={t("question.named", { action: t(`question.to_${next}`), name })}
              data-testid={`question-${next}`}
              onPress={() => call.order({ do: "move_question", number, state: next })}
            >
              {t(`question.to_${next}`)}
            </Button>
          ))}
        </div>
      )}
    </li>
  );
});

function AskForm({ call }: { call: Call }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const [isSent, setSent] = useState(false);
  async function submit() {
    if (text.trim() === "") return;
    const code = await call.ask({ do: "ask", text });
    setFailure(code);
    setSent(code === null);
    if (code === null) setText("");
  }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <TextBox
        label={t("question.label")}
        hint={t("question.hint")}
        error={failure && t(`error.${failure}`)}
        value={text}
        maxLength={4000}
        onChange={(value) => {
          setText(value);
          setFailure(null);
          setSent(false);
        }}
        testId="question-field"
      />
      <p role="status" className={styles.sent}>
        {isSent && t("question.sent")}
      </p>
      <Button type="submit" look="primary" data-testid="question-send">
        {t("question.ask")}
      </Button>
    </form>
  );
}
