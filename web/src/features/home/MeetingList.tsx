import { useTranslation } from "react-i18next";
import type { ListedMeeting } from "../../core/api/client";
import { byDay, type DayName } from "../../core/plan";
import styles from "./MeetingList.module.css";
import { MeetingRow, type RowAct } from "./MeetingRow";

interface Props {
  meetings: ListedMeeting[];
  onAct: (act: RowAct, meeting: ListedMeeting) => void;
}

/** Today's first; without any that is planned, only a list. */
export function MeetingList({ meetings, onAct }: Props) {
  const { t } = useTranslation();
  if (meetings.length === 0) return <p className={styles.empty}>{t("home.list_empty")}</p>;
  const titles: Record<DayName, string> = {
    today: t("plan.today"),
    tomorrow: t("plan.tomorrow"),
    later: t("plan.later_days"),
    unplanned: t("plan.unplanned"),
  };
  const groups = byDay(meetings, Date.now());
  const isPlain = groups.every(({ day }) => day === "unplanned");
  return groups.map(({ day, meetings: found }) => (
    <section key={day} aria-label={isPlain ? undefined : titles[day]} data-testid={`day-${day}`}>
      {!isPlain && <h3 className={styles.day}>{titles[day]}</h3>}
      <ul className={styles.list}>
        {found.map((meeting) => (
          <MeetingRow
            key={meeting.id}
            meeting={meeting}
            hasDate={day === "later" || day === "unplanned"}
            onAct={onAct}
          />
        ))}
      </ul>
    </section>
  ));
}
