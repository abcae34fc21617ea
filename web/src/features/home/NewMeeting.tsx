import { useTranslation } from "react-i18next";
import type { Meeting } from "../../core/api/client";
import { meetingLink } from "../../core/meetingLink";
import { Button } from "../../ui/Button";
import { useServices } from "../services";
import { CopyButton } from "./CopyButton";
import styles from "./NewMeeting.module.css";

interface Props {
  meeting: Meeting;
  onInvite: () => void;
}

export function NewMeeting({ meeting, onInvite }: Props) {
  const { t } = useTranslation();
  const { navigation } = useServices();
  const link = meetingLink(location.origin, meeting.id);
  return (
    <div className={styles.created} role="status">
      <div>
        <p className={styles.title}>
          {t(meeting.plan ? "plan.planned" : "home.created", { title: meeting.title })}
        </p>
        <p className={styles.hint}>{t("home.created_hint")}</p>
      </div>
      <output className={styles.link} aria-label={t("home.link_label")} data-testid="meeting-link">
        {link}
      </output>
      <div className={styles.actions}>
        <CopyButton text={link} label={t("home.copy")} />
        <Button data-testid="invite-new" onPress={onInvite}>
          {t("invite.open")}
        </Button>
        <Button
          look="primary"
          data-testid="enter-button"
          onPress={() => navigation.go(`/m/${meeting.id}`)}
        >
          {t("home.enter")}
        </Button>
      </div>
    </div>
  );
}
