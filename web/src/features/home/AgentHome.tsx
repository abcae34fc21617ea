import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Meeting } from "../../core/api/client";
import { codeOf, type FailureCode } from "../../core/problem";
import { useServices } from "../services";
import { CreateForm } from "./CreateForm";
import styles from "./HomePage.module.css";
import { JoinForm } from "./JoinForm";
import { MeetingList } from "./MeetingList";
import { NewMeeting } from "./NewMeeting";

export function AgentHome({ name }: { name: string }) {
  const { t } = useTranslation();
  const { api, account } = useServices();
  const [meetings, setMeetings] = useState<Meeting[] | null>(null);
  const [created, setCreated] = useState<Meeting | null>(null);
  const [failure, setFailure] = useState<FailureCode | null>(null);

  useEffect(() => {
    api.meetings().then(setMeetings, (error: unknown) => {
      // The session expired since the page was opened: show the page of someone signed out.
      if (codeOf(error) === "sign_in_required") void account.load();
      setFailure(codeOf(error));
    });
  }, [api, account]);

  function add(meeting: Meeting) {
    setCreated(meeting);
    setMeetings((known) => [meeting, ...(known ?? [])]);
  }

  return (
    <>
      <h1 className={styles.welcome}>{t("home.welcome", { name })}</h1>
      <div className={styles.desk}>
        <section className={styles.card}>
          <h2>{t("home.create_title")}</h2>
          <CreateForm onCreated={add} />
          {created && <NewMeeting meeting={created} />}
        </section>
        <section className={`${styles.card} ${styles.list}`}>
          <h2>{t("home.list_title")}</h2>
          {failure && <p role="alert">{t(`error.${failure}`)}</p>}
          {meetings && <MeetingList meetings={meetings} />}
        </section>
        <section className={styles.card}>
          <h2>{t("home.join_title")}</h2>
          <JoinForm />
        </section>
      </div>
    </>
  );
}
