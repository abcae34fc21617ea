import { useTranslation } from "react-i18next";
import type { SignedInBrowser } from "../../core/api/client";
import { browserName, systemName } from "../../core/browserName";
import { Button } from "../../ui/Button";
import styles from "./Account.module.css";

interface Props {
  session: SignedInBrowser;
  onEnd: () => void;
}

export function SessionRow({ session, onEnd }: Props) {
  const { t, i18n } = useTranslation();
  const dates = new Intl.DateTimeFormat(i18n.language, { dateStyle: "long", timeStyle: "short" });
  const date = (text: string) => dates.format(new Date(text));
  const browser = browserName(session.browser);
  const system = systemName(session.system);
  const name =
    browser && system
      ? t("account.browser_on", { browser, system })
      : browser || system || t("account.browser_unknown");
  return (
    <li className={styles.session} data-testid="session">
      <div className={styles.what}>
        <p className={styles.browser}>
          {name}
          {session.current && <span className={styles.here}>{t("account.this_one")}</span>}
        </p>
        <p className={styles.when}>
          {t("account.opened", { date: date(session.created_at) })},{" "}
          {t(`account.door_${session.door}`)}
        </p>
        <p className={styles.when}>{t("account.seen", { date: date(session.seen_at) })}</p>
      </div>
      {!session.current && (
        <Button
          look="quiet"
          aria-label={t("account.end_named", { browser: name, date: date(session.created_at) })}
          data-testid="end-session"
          onPress={onEnd}
        >
          {t("account.end")}
        </Button>
      )}
    </li>
  );
}
