import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { countOf } from "../../core/meeting/people";
import { Brand } from "../../ui/Brand";
import { useStore } from "../../ui/useStore";
import { Countdown } from "../meeting/Countdown";
import styles from "./CallHeader.module.css";

export function CallHeader({ call, title }: { call: Call; title: string }) {
  const { t } = useTranslation();
  const meeting = useStore(call.store, (state) => state.meeting);
  const seen = useStore(call.store, (state) => state.people.length);
  const count = meeting ? countOf(meeting) : seen;
  const connection = useStore(call.store, (state) =>
    state.phase === "returning" ? "returning" : state.connection,
  );
  return (
    <header className={styles.header}>
      <Brand size={28} />
      <h1 className={styles.title}>{title}</h1>
      {meeting && <Countdown meeting={meeting} />}
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
