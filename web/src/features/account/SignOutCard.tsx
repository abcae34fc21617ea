import { useState } from "react";
import { useTranslation } from "react-i18next";
import { codeOf, type FailureCode } from "../../core/problem";
import { rememberSignOut } from "../../core/signInPath";
import { Button } from "../../ui/Button";
import { useServices } from "../services";
import styles from "./Account.module.css";

/** For whoever came by single sign-on: the identity provider keeps a session of its own. */
export function SignOutCard({ label }: { label: string }) {
  const { t } = useTranslation();
  const { api, account } = useServices();
  const [failure, setFailure] = useState<FailureCode | null>(null);

  async function signOutThere() {
    setFailure(null);
    try {
      const url = await api.signOutAtProvider();
      rememberSignOut(url);
      location.assign(url);
    } catch (error) {
      setFailure(codeOf(error));
    }
  }

  return (
    <section className={styles.card}>
      <div>
        <h2>{t("account.sign_out_title")}</h2>
        <p className={styles.lead}>{t("account.sign_out_text", { label })}</p>
      </div>
      {failure && <p role="alert">{t(`error.${failure}`)}</p>}
      <div className={styles.choices}>
        <Button data-testid="sign-out-here" onPress={() => void account.signOut()}>
          {t("account.sign_out_here")}
        </Button>
        <Button data-testid="sign-out-there" onPress={() => void signOutThere()}>
          {t("account.sign_out_there", { label })}
        </Button>
      </div>
    </section>
  );
}
