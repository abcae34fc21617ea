import { useTranslation } from "react-i18next";
import type { MeetingState } from "../../core/meeting/state";
import { clockText, timeLeft } from "../../core/meeting/time";
import { Icon } from "../../ui/Icon";
import { VisuallyHidden } from "../../ui/VisuallyHidden";
import styles from "./Countdown.module.css";
import { useNow } from "./useNow";

/** Read on demand; what has to be said aloud, the notices say. */
export function Countdown({ meeting }: { meeting: MeetingState }) {
  const { t } = useTranslation();
  const { ms, stage } = timeLeft(meeting.clock, useNow(meeting.offset));
  return (
    <span
      className={styles.countdown}
      role="timer"
      aria-live="off"
      title={t(`clock.${stage}`)}
      data-stage={stage}
      data-testid="countdown"
    >
      <Icon name={stage === "paused" ? "pause" : "clock"} size={20} />
      <VisuallyHidden>{t(`clock.${stage}`)}</VisuallyHidden>
      {clockText(ms)}
    </span>
  );
}
