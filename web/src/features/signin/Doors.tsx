import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Doors as DoorsThere } from "../../core/api/client";
import { asFailureCode } from "../../core/problem";
import { comesFromSignOut, problemCode, singleSignOnPath } from "../../core/signInPath";
import { Button } from "../../ui/Button";
import { ButtonLink } from "../../ui/ButtonLink";
import { Icon } from "../../ui/Icon";
import { CodeForm } from "./CodeForm";
import { PasswordForm } from "./PasswordForm";
import styles from "./SignIn.module.css";

/** The doors that are configured, the easiest first; of two forms one is open at a time. */
export function Doors({ doors }: { doors: DoorsThere }) {
  const { t } = useTranslation();
  const [wantsPassword, setWantsPassword] = useState(false);
  const [isWaitingForCode, setWaitingForCode] = useState(false);
  const byCode = doors.email_code && !(doors.password && wantsPassword);
  const hasForm = doors.password || doors.email_code;
  const sso = doors.single_sign_on;
  return (
    <section className={styles.card}>
      <div>
        <h1>{t("sign_in.title")}</h1>
        <p className={styles.lead}>{t("sign_in.lead")}</p>
      </div>
      <Problem />
      <SignedOut />
      {sso && (
        <ButtonLink href={singleSignOnPath(location.search)} data-testid="sso-button">
          {t("sign_in.sso", { label: sso.label })}
        </ButtonLink>
      )}
      {sso && hasForm && <p className={styles.or}>{t("sign_in.or")}</p>}
      {byCode && <CodeForm look={sso ? "secondary" : "primary"} onStep={setWaitingForCode} />}
      {doors.password && !byCode && <PasswordForm look={sso ? "secondary" : "primary"} />}
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
      {!sso && !hasForm && <p>{t("sign_in.none")}</p>}
    </section>
  );
}

/** What went wrong at the identity provider, when one comes from there. */
function Problem() {
  const { t } = useTranslation();
  // What the page began with: moving on takes it out of the address.
  const [code] = useState(() => asFailureCode(problemCode(location.search)));
  if (!code) return null;
  return (
    <p role="alert" className={styles.problem} data-testid="sign-in-problem">
      <Icon name="warning" size={20} />
      {t(`error.${code}`)}
    </p>
  );
}

/** The identity provider has ended its session as well, and sent the browser back. */
function SignedOut() {
  const { t } = useTranslation();
  const [isBack] = useState(() => comesFromSignOut(location.search));
  if (!isBack) return null;
  return (
    <p role="status" className={styles.sent} data-testid="signed-out">
      {t("account.signed_out_there")}
    </p>
  );
}
