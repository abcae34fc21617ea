import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Brand } from "../../ui/Brand";
import { useStore } from "../../ui/useStore";
import styles from "./CallHeader.module.css";

export function CallHeader({ call, title }: { call: Call; title: string }) {
  const { t } = useTranslation();
  const count = useStore(call.store, (state) => state.people.length);
  const connection = useStore(call.store, (state) =>
    state.phase === "returning" ? "returning" : state.connection,
  );
  return (
    <header className={styles.header}>
      <Brand size={28} />
      <h1 className={styles.title}>{title}</h1>
      <span className={styles.count}>{t("call.count", { count })}</span>
      <span
        className={styles.dot}
        role="img"
        aria-label={t(`connection.${connection}`)}
        title={t(`connection.${connection}`)}
        data-testid="connection-state"
        data-state={connection}
      />
    </header>
  );
}
