import { useTranslation } from "react-i18next";
import { type ShortcutId, shortcutKeys } from "../../core/shortcuts";
import { Dialog } from "../../ui/Dialog";
import styles from "./HelpDialog.module.css";

const ids = Object.keys(shortcutKeys) as ShortcutId[];

export function HelpDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog
      title={t("shortcuts.title")}
      closeLabel={t("app.close")}
      isOpen={isOpen}
      onClose={onClose}
    >
      <dl className={styles.list}>
        {ids.map((id) => (
          <div key={id} className={styles.row}>
            <dt>
              <kbd className={styles.key}>{shortcutKeys[id].toUpperCase()}</kbd>
            </dt>
            <dd className={styles.what}>{t(`shortcuts.${id}`)}</dd>
          </div>
        ))}
        <div className={styles.row}>
          <dt>
            <kbd className={styles.key}>{t("comfort.space_bar")}</kbd>
          </dt>
          <dd className={styles.what}>{t("comfort.hold_to_talk")}</dd>
        </div>
      </dl>
      <p className={styles.note}>{t("shortcuts.note")}</p>
    </Dialog>
  );
}
