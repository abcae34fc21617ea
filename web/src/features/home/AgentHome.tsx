import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MeetingList as Listed, ListedMeeting, Meeting } from "../../core/api/client";
import { codeOf, type FailureCode } from "../../core/problem";
import { InviteDialog } from "../invite/InviteDialog";
import { useServices } from "../services";
import { CreateForm } from "./CreateForm";
import { EndDialog } from "./EndDialog";
import styles from "./HomePage.module.css";
import { JoinForm } from "./JoinForm";
import { MeetingList } from "./MeetingList";
import type { RowAct } from "./MeetingRow";
import { NewMeeting } from "./NewMeeting";
import { PlanDialog } from "./PlanDialog";

export function AgentHome({ name }: { name: string }) {
  const { t } = useTranslation();
  const { api, account } = useServices();
  const [listed, setListed] = useState<Listed | null>(null);
  const [created, setCreated] = useState<Meeting | null>(null);
  const [asked, setAsked] = useState<{ act: RowAct; meeting: ListedMeeting } | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const doneText = useRef<HTMLParagraphElement>(null);

  const load = useCallback(() => {
    api.meetings().then(setListed, (error: unknown) => {
      // The session expired since the page was opened: show the page of someone signed out.
      if (codeOf(error) === "sign_in_required") void account.load();
      setFailure(codeOf(error));
    });
  }, [api, account]);

  useEffect(load, [load]);

  // The button that had the focus may have gone with its meeting.
  useEffect(() => {
    if (done) doneText.current?.focus();
  }, [done]);

  function add(meeting: Meeting) {
    setCreated(meeting);
    setListed(
      (known) => known && { ...known, meetings: [{ ...meeting, own: true }, ...known.meetings] },
    );
  }

  function remove(meeting: ListedMeeting) {
    setAsked(null);
    setDone(t("home.ended", { title: meeting.title }));
    setCreated((known) => (known?.id === meeting.id ? null : known));
    setListed(
      (known) =>
        known && { ...known, meetings: known.meetings.filter(({ id }) => id !== meeting.id) },
    );
  }

  function planned() {
    setAsked(null);
    setDone(t("plan.changed"));
    load();
  }

  const close = () => setAsked(null);
  return (
    <>
      <h1 className={styles.welcome}>{t("home.welcome", { name })}</h1>
      <div className={styles.desk}>
        <section className={styles.card}>
          <h2>{t("home.create_title")}</h2>
          {listed && <CreateForm rules={listed.rules} onCreated={add} />}
          {created && (
            <NewMeeting
              meeting={created}
              onInvite={() => setAsked({ act: "invite", meeting: { ...created, own: true } })}
            />
          )}
        </section>
        <section className={`${styles.card} ${styles.list}`}>
          <h2>{t("home.list_title")}</h2>
          {failure && <p role="alert">{t(`error.${failure}`)}</p>}
          {done && (
            <p ref={doneText} tabIndex={-1} role="status" data-testid="done-meeting">
              {done}
            </p>
          )}
          {listed && (
            <MeetingList
              meetings={listed.meetings}
              onAct={(act, meeting) => setAsked({ act, meeting })}
            />
          )}
        </section>
        <section className={styles.card}>
          <h2>{t("home.join_title")}</h2>
          <JoinForm />
        </section>
      </div>
      {asked?.act === "end" && (
        <EndDialog meeting={asked.meeting} onEnded={remove} onClose={close} />
      )}
      {asked?.act === "plan" && listed && (
        <PlanDialog
          meeting={asked.meeting}
          rules={listed.rules}
          onPlanned={planned}
          onClose={close}
        />
      )}
      {asked?.act === "invite" && (
        <InviteDialog id={asked.meeting.id} title={asked.meeting.title} onClose={close} />
      )}
    </>
  );
}
