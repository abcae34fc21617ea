import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Meeting } from "../../core/api/client";
import { codeOf, type FailureCode } from "../../core/problem";
import { useServices } from "../services";
import { CreateForm } from "./CreateForm";
import { EndDialog } from "./EndDialog";
import styles from "./HomePage.module.css";
import { JoinForm } from "./JoinForm";
import { MeetingList } from "./MeetingList";
import { NewMeeting } from "./NewMeeting";

export function AgentHome({ name }: { name: string }) {
  const { t } = useTranslation();
  const { api, account } = useServices();
  const [meetings, setMeetings] = useState<Meeting[] | null>(null);
  const [created, setCreated] = useState<Meeting | null>(null);
  const [ending, setEnding] = useState<Meeting | null>(null);
  const [ended, setEnded] = useState<Meeting | null>(null);
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const endedText = useRef<HTMLParagraphElement>(null);

  useEffect(() => {
    api.meetings().then(setMeetings, (error: unknown) => {
      // The session expired since the page was opened: show the page of someone signed out.
      if (codeOf(error) === "sign_in_required") void account.load();
      setFailure(codeOf(error));
    });
  }, [api, account]);

  // The button that had the focus has gone with its meeting.
  useEffect(() => {
    if (ended) endedText.current?.focus();
  }, [ended]);

  function add(meeting: Meeting) {
    setCreated(meeting);
    setMeetings((known) => [meeting, ...(known ?? [])]);
  }

  function remove(meeting: Meeting) {
    setEnding(null);
    setEnded(meeting);
    setCreated((known) => (known?.id === meeting.id ? null : known));
    setMeetings((known) => (known ?? []).filter(({ id }) => id !== meeting.id));
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
          {ended && (
            <p ref={endedText} tabIndex={-1} role="status" data-testid="ended-meeting">
              {t("home.ended", { title: ended.title })}
            </p>
          )}
          {meetings && <MeetingList meetings={meetings} onEnd={setEnding} />}
        </section>
        <section className={styles.card}>
          <h2>{t("home.join_title")}</h2>
          <JoinForm />
        </section>
      </div>
      {ending && <EndDialog meeting={ending} onEnded={remove} onClose={() => setEnding(null)} />}
    </>
  );
}
