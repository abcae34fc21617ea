import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SignedInBrowser } from "../../core/api/client";
import { codeOf, type FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { useServices } from "../services";
import styles from "./Account.module.css";
import { SessionRow } from "./SessionRow";

/** Where one is signed in, and the way to end what one does not recognise. */
export function SessionsCard() {
  const { t } = useTranslation();
  const { api, account } = useServices();
  const [sessions, setSessions] = useState<SignedInBrowser[]>([]);
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const [done, setDone] = useState<"ended" | "others_ended" | null>(null);
  const doneText = useRef<HTMLParagraphElement>(null);

  const fail = useCallback(
    (error: unknown) => {
      if (codeOf(error) === "sign_in_required") void account.load();
      setFailure(codeOf(error));
    },
    [account],
  );
  useEffect(() => {
    api.sessions().then(setSessions, fail);
  }, [api, fail]);

  // The button that had the focus has gone with its session.
  useEffect(() => {
    if (done) doneText.current?.focus();
  }, [done]);

  async function end(work: Promise<void>, outcome: "ended" | "others_ended") {
    setFailure(null);
    setDone(null);
    try {
      await work;
      setSessions(await api.sessions());
      setDone(outcome);
    } catch (error) {
      fail(error);
    }
  }

  return (
    <section className={styles.card} aria-labelledby="sessions-title">
      <div>
        <h2 id="sessions-title">{t("account.sessions")}</h2>
        <p className={styles.lead}>{t("account.sessions_lead")}</p>
      </div>
      {failure && <p role="alert">{t(`error.${failure}`)}</p>}
      {done && (
        <p
          ref={doneText}
          tabIndex={-1}
          role="status"
          className={styles.done}
          data-testid="session-done"
        >
          {t(`account.${done}`)}
        </p>
      )}
      <ul className={styles.sessions}>
        {sessions.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            onEnd={() => void end(api.endSession(session.id), "ended")}
          />
        ))}
      </ul>
      {sessions.length > 1 && (
        <Button
          data-testid="end-others"
          onPress={() => void end(api.endOtherSessions(), "others_ended")}
        >
          {t("account.end_others")}
        </Button>
      )}
    </section>
  );
}
