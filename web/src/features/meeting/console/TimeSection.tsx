import { useTranslation } from "react-i18next";
import type { Call } from "../../../core/call";
import type { Wish } from "../../../core/meeting/live";
import { lengthsWithin } from "../../../core/meeting/motion";
import type { MeetingState } from "../../../core/meeting/state";
import { Button } from "../../../ui/Button";
import { TimeForm } from "../TimeForm";
import styles from "./Console.module.css";

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

function ExtendForm({ call, meeting }: Props) {
  const { t } = useTranslation();
  const extend = {
    label: t("time.extend_action"),
    testId: "extend-button",
    wish: (asked: { length: number; reason: string }): Wish => ({ do: "extend", ...asked }),
  };
  const vote = {
    label: t("motion.call_vote"),
    testId: "call-vote-button",
    wish: (asked: { length: number; reason: string }): Wish => ({ do: "call_vote", ...asked }),
  };
  const isVoting = meeting.motion?.stage === "voting";
  return (
    <TimeForm
      call={call}
      meeting={meeting}
      label={t("time.extend")}
      actions={isVoting ? [extend] : [extend, vote]}
    />
  );
}

function PauseForm({ call, meeting }: Props) {
  const { t } = useTranslation();
  const options = lengthsWithin(meeting.meeting.pause_left);
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
        {options.slice(0, 3).map((minutes) => {
          const length = t("clock.minutes", { count: minutes });
          return (
            <Button
              key={minutes}
              aria-label={t("time.pause_for", { length })}
              data-testid={`pause-${minutes}`}
              onPress={() => call.order({ do: "pause", length: minutes * minute })}
            >
              {length}
            </Button>
          );
        })}
      </div>
    </div>
  );
}
