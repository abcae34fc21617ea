import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { NetworkLink } from "../network/NetworkLink";
import { useServices } from "../services";
import styles from "./HomePage.module.css";
import { JoinForm } from "./JoinForm";

export function GuestHome() {
  const { t } = useTranslation();
  const { navigation } = useServices();
  return (
    <div className={styles.columns}>
      <div className={styles.pitch}>
        <h1>{t("home.headline")}</h1>
        <p className={styles.lead}>{t("home.lead")}</p>
        <p className={styles.lead}>{t("home.lead_more")}</p>
        <div className={styles.aside}>
          <Icon name="lock" />
          <div>
            <strong>{t("home.sign_in_title")}</strong>
            <p>{t("home.sign_in_text")}</p>
            <Button data-testid="home-sign-in" onPress={() => navigation.signIn()}>
              {t("account.sign_in")}
            </Button>
          </div>
        </div>
      </div>
      <section className={styles.card}>
        <h2>{t("home.join_title")}</h2>
        <JoinForm />
        <NetworkLink />
      </section>
    </div>
  );
}
