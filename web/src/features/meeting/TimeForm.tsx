import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { Wish } from "../../core/meeting/live";
import { lengthsWithin } from "../../core/meeting/motion";
import type { MeetingState } from "../../core/meeting/state";
import type { FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Choice } from "../../ui/Choice";
import { Field } from "../../ui/Field";
import styles from "./console/Console.module.css";

const minute = 60_000;

interface Props {
  call: Call;
  meeting: MeetingState;
  label: string;
  /** What can be done with the time and its reason; the first by the enter key. */
  actions: {
    label: string;
    testId: string;
    wish: (asked: { length: number; reason: string }) => Wish;
  }[];
  onDone?: () => void;
}

/** So many minutes more, and why. */
export function TimeForm({ call, meeting, label, actions, onDone }: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const options = lengthsWithin(meeting.meeting.extension_left).map((minutes) => ({
    id: String(minutes),
    label: t("clock.minutes", { count: minutes }),
  }));
  const [asked, setLength] = useState("5");
  if (options.length === 0) return <p className={styles.note}>{t("time.no_extension")}</p>;
  const length = options.some(({ id }) => id === asked) ? asked : (options[0]?.id ?? "5");

  async function send(action: Props["actions"][number] | undefined) {
    if (!action) return;
    if (reason.trim() === "") return setFailure("text_required");
    const code = await call.ask(action.wish({ length: Number(length) * minute, reason }));
    setFailure(code);
    if (code !== null) return;
    setReason("");
    onDone?.();
  }

  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send(actions[0]);
      }}
    >
      <Choice label={label} value={length} options={options} onChange={setLength} />
      <Field
        label={t("time.reason")}
        hint={t("time.reason_hint")}
        error={failure && t(`error.${failure}`)}
        value={reason}
        maxLength={200}
        onChange={(value) => {
          setReason(value);
          setFailure(null);
        }}
        testId="extend-reason"
      />
      <div className={styles.buttons}>
        {actions.map((action, index) => (
          <Button
            key={action.testId}
            type={index === 0 ? "submit" : "button"}
            data-testid={action.testId}
            onPress={index === 0 ? undefined : () => void send(action)}
          >
            {action.label}
          </Button>
        ))}
      </div>
    </form>
  );
}
