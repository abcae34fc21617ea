import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { meetingLink } from "../../core/meetingLink";
import { CopyButton } from "../home/CopyButton";
import styles from "./Alone.module.css";

export function Alone({ call }: { call: Call }) {
  const { t } = useTranslation();
  const { meetingId } = call.store.get();
  return (
    <aside className={styles.alone}>
      <div>
        <p className={styles.title}>{t("call.alone")}</p>
        <p className={styles.text}>{t("call.alone_text")}</p>
      </div>
      <CopyButton text={meetingLink(location.origin, meetingId)} label={t("home.copy")} />
    </aside>
  );
}
