import { useTranslation } from "react-i18next";
import type { Meeting } from "../../core/api/client";
import { meetingLink } from "../../core/meetingLink";
import { Button } from "../../ui/Button";
import { useServices } from "../services";
import { CopyButton } from "./CopyButton";
import styles from "./MeetingList.module.css";

export function MeetingList({ meetings }: { meetings: Meeting[] }) {
  const { t, i18n } = useTranslation();
  const { navigation } = useServices();
  if (meetings.length === 0) return <p className={styles.empty}>{t("home.list_empty")}</p>;
  const dates = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" });
  return (
    <ul className={styles.list}>
      {meetings.map(({ id, title, created_at }) => (
        <li key={id} className={styles.meeting} data-testid="meeting">
          <div className={styles.what}>
            <p className={styles.title}>{title}</p>
            <time className={styles.date} dateTime={created_at}>
              {dates.format(new Date(created_at))}
            </time>
          </div>
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
      ))}
    </ul>
  );
}
