import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../../core/call";
import type { MeetingState } from "../../../core/meeting/state";
import type { FailureCode } from "../../../core/problem";
import { Button } from "../../../ui/Button";
import { Choice } from "../../../ui/Choice";
import { Field } from "../../../ui/Field";
import styles from "./Console.module.css";

const lengths = [5, 10, 15, 20];
const minute = 60_000;

interface Props {
  call: Call;
  meeting: MeetingState;
}

export function TimeSection({ call, meeting }: Props) {
  return (
    <>
      <ExtendForm call={call} meeting={meeting} />
      <PauseForm call={call} meeting={meeting} />
    </>
  );
}

function useLengths(left: number) {
  const { t } = useTranslation();
  return lengths
    .filter((minutes) => minutes * minute <= left)
    .map((minutes) => ({
      id: String(minutes),
      label: t("clock.minutes", { count: minutes }),
    }));
}

function ExtendForm({ call, meeting }: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const options = useLengths(meeting.meeting.extension_left);
  const [asked, setLength] = useState("5");
  if (options.length === 0) return <p className={styles.note}>{t("time.no_extension")}</p>;
  const length = options.some(({ id }) => id === asked) ? asked : (options[0]?.id ?? "5");

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (reason.trim() === "") return setFailure("text_required");
    const code = await call.ask({ do: "extend", length: Number(length) * minute, reason });
    setFailure(code);
    if (code === null) setReason("");
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Choice label={t("time.extend")} value={length} options={options} onChange={setLength} />
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
      <Button type="submit" data-testid="extend-button">
        {t("time.extend_action")}
      </Button>
    </form>
  );
}

function PauseForm({ call, meeting }: Props) {
  const { t } = useTranslation();
  const options = useLengths(meeting.meeting.pause_left);
  if (meeting.clock.paused_until !== null) {
    return (
      <Button data-testid="continue-button" onPress={() => call.order({ do: "continue" })}>
        {t("meeting.continue")}
      </Button>
    );
  }
  if (options.length === 0) return <p className={styles.note}>{t("time.no_pause")}</p>;
  return (
    <div className={styles.form}>
      <p className={styles.label}>{t("time.pause")}</p>
      <div className={styles.buttons}>
        {options.slice(0, 3).map(({ id, label }) => (
          <Button
            key={id}
            aria-label={t("time.pause_for", { length: label })}
            data-testid={`pause-${id}`}
            onPress={() => call.order({ do: "pause", length: Number(id) * minute })}
          >
            {label}
          </Button>
        ))}
      </div>
    </div>
  );
}
