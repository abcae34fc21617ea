import { useTranslation } from "react-i18next";
import type { Person } from "../../core/session/state";
import { Icon } from "../../ui/Icon";
import { VisuallyHidden } from "../../ui/VisuallyHidden";
import styles from "./PersonMarks.module.css";

/** What everyone must be able to tell at a glance: who is oneself, who is a guest, who can be heard. */
export function PersonMarks({ person }: { person: Person }) {
  const { t } = useTranslation();
  return (
    <>
      {person.isLocal && <span className={styles.you}>({t("call.you")})</span>}
      {person.kind === "guest" && (
        <span className={styles.guest} data-testid="guest-mark">
          {t("call.guest")}
        </span>
      )}
      {person.quality !== "good" && (
        <>
          <Icon name="weak" size={18} />
          <VisuallyHidden>{t("call.weak_connection")}</VisuallyHidden>
        </>
      )}
      <span
        className={styles.sound}
        data-testid="mic-state"
        data-state={person.microphone ? "on" : "off"}
      >
        <Icon name={person.microphone ? "microphone" : "microphoneOff"} size={18} />
        <VisuallyHidden>{t(person.microphone ? "call.unmuted" : "call.muted")}</VisuallyHidden>
      </span>
    </>
  );
}
