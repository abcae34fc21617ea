import { useTranslation } from "react-i18next";
import type { Doors as DoorsThere } from "../../core/api/client";
import { PasswordForm } from "./PasswordForm";
import styles from "./SignIn.module.css";

/** The doors that are configured, the easiest first. */
export function Doors({ doors }: { doors: DoorsThere }) {
  const { t } = useTranslation();
  return (
    <section className={styles.card}>
      <div>
        <h1>{t("sign_in.title")}</h1>
        <p className={styles.lead}>{t("sign_in.lead")}</p>
      </div>
      {doors.password ? <PasswordForm /> : <p>{t("sign_in.none")}</p>}
    </section>
  );
}
