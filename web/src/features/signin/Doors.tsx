import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Doors as DoorsThere } from "../../core/api/client";
import { Button } from "../../ui/Button";
import { CodeForm } from "./CodeForm";
import { PasswordForm } from "./PasswordForm";
import styles from "./SignIn.module.css";

/** The doors that are configured, the easiest first; of two forms one is open at a time. */
export function Doors({ doors }: { doors: DoorsThere }) {
  const { t } = useTranslation();
  const [wantsPassword, setWantsPassword] = useState(false);
  const [isWaitingForCode, setWaitingForCode] = useState(false);
  const byCode = doors.email_code && !(doors.password && wantsPassword);
  return (
    <section className={styles.card}>
      <div>
        <h1>{t("sign_in.title")}</h1>
        <p className={styles.lead}>{t("sign_in.lead")}</p>
      </div>
      {byCode && <CodeForm onStep={setWaitingForCode} />}
      {doors.password && !byCode && <PasswordForm />}
      {doors.password && doors.email_code && !isWaitingForCode && (
        <Button
          look="quiet"
          wide
          data-testid="other-door-button"
          onPress={() => setWantsPassword(!wantsPassword)}
        >
          {t(byCode ? "sign_in.by_password" : "sign_in.by_code")}
        </Button>
      )}
      {!doors.password && !doors.email_code && <p>{t("sign_in.none")}</p>}
    </section>
  );
}
