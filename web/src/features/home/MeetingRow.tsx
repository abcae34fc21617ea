import { useTranslation } from "react-i18next";
import type { Meeting } from "../../core/api/client";
import { meetingLink } from "../../core/meetingLink";
import { Button } from "../../ui/Button";
import { useServices } from "../services";
import { CopyButton } from "./CopyButton";
import styles from "./MeetingList.module.css";

interface Props {
  meeting: Meeting;
  onEnd: (meeting: Meeting) => void;
}

export function MeetingRow({ meeting, onEnd }: Props) {
  const { t, i18n } = useTranslation();
  const { navigation } = useServices();
  const { id, title, created_at } = meeting;
  const dates = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" });
  return (
    <li className={styles.meeting} data-testid="meeting">
      <div className={styles.what}>
        <p className={styles.title}>{title}</p>
        <time className={styles.date} dateTime={created_at}>
          {dates.format(new Date(created_at))}
        </time>
      </div>
      <Button
        look="quiet"
        aria-label={t("home.end_named", { title })}
        data-testid="end-button"
        onPress={() => onEnd(meeting)}
      >
        {t("home.end")}
      </Button>
      <CopyButton
        compact
        text={meetingLink(location.origin, id)}
        label={t("home.copy_named", { title })}
      />
      <Button
        aria-label={t("home.enter_named", { title })}
        onPress={() => navigation.go(`/m/${id}`)}
      >
        {t("home.enter")}
      </Button>
    </li>
  );
}
