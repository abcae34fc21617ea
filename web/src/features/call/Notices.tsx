import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { useStore } from "../../ui/useStore";
import styles from "./Notices.module.css";
import { noticeText } from "./noticeText";

/** Seen for some seconds, and read aloud by screen readers as each one is added. */
export function Notices({ call }: { call: Call }) {
  const { t } = useTranslation();
  const notices = useStore(call.store, (state) => state.notices);
  return (
    <div className={styles.notices} role="log" aria-live="polite" data-testid="notices">
      {notices.map((notice) => (
        <p key={notice.id} className={styles.notice} data-kind={notice.kind}>
          {noticeText(t, notice)}
        </p>
      ))}
    </div>
  );
}
