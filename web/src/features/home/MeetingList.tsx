import { useTranslation } from "react-i18next";
import type { Meeting } from "../../core/api/client";
import styles from "./MeetingList.module.css";
import { MeetingRow } from "./MeetingRow";

interface Props {
  meetings: Meeting[];
  onEnd: (meeting: Meeting) => void;
}

export function MeetingList({ meetings, onEnd }: Props) {
  const { t } = useTranslation();
  if (meetings.length === 0) return <p className={styles.empty}>{t("home.list_empty")}</p>;
  return (
    <ul className={styles.list}>
      {meetings.map((meeting) => (
        <MeetingRow key={meeting.id} meeting={meeting} onEnd={onEnd} />
      ))}
    </ul>
  );
}
