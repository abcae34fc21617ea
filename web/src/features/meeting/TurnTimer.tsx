import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { MeetingState } from "../../core/meeting/state";
import { clockText, turnLeft } from "../../core/meeting/time";
import styles from "./MeetingBar.module.css";
import { useNow } from "./useNow";

/** A turn that is too long is not cut off: the one who speaks sees it, and is told once. */
export function TurnTimer({ call, meeting }: { call: Call; meeting: MeetingState }) {
  const { t } = useTranslation();
  const left = turnLeft(meeting.floor, useNow(meeting.offset));
  const isOver = left !== null && left < 0;
  const isMine = meeting.floor.holder === meeting.me.id;
  useEffect(() => {
    if (isOver && isMine) call.send({ type: "turn_over" });
  }, [call, isOver, isMine]);
  if (left === null) return null;
  return (
    <span className={styles.time} role="timer" data-late={isOver} data-testid="turn-timer">
      {isOver ? t("floor.turn_late", { time: clockText(-left) }) : clockText(left)}
    </span>
  );
}
