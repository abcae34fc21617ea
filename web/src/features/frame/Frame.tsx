import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Brand } from "../../ui/Brand";
import { useServices } from "../services";
import { AccountButton } from "./AccountButton";
import styles from "./Frame.module.css";
import { PreferencesButton } from "./PreferencesButton";

/** The header and the column that every page but the call itself shares. */
export function Frame({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  const { navigation } = useServices();
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title, t]);
  return (
    <div className={styles.page}>
      <a className={styles.skip} href="#content">
        {t("app.skip")}
      </a>
      <header className={styles.header}>
        <a
          className={styles.brand}
          href="/"
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey) return;
            event.preventDefault();
            navigation.go("/");
          }}
        >
          <Brand />
          {t("app.name")}
        </a>
        <div className={styles.tools}>
          <AccountButton />
          <PreferencesButton />
        </div>
      </header>
      <main id="content" className={styles.content} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
