import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { type ShortcutId, shortcutKeys } from "../../core/shortcuts";
import { Dialog } from "../../ui/Dialog";
import { useStore } from "../../ui/useStore";
import styles from "./HelpDialog.module.css";
import { SwitchCheck } from "./SwitchCheck";

const ids = Object.keys(shortcutKeys) as ShortcutId[];

interface Props {
  call: Call;
  isOpen: boolean;
  onClose: () => void;
}

export function HelpDialog({ call, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  const letterKeys = useStore(call.store, (state) => state.letterKeys);
  return (
    <Dialog
      title={t("shortcuts.title")}
      closeLabel={t("app.close")}
      isOpen={isOpen}
      onClose={onClose}
    >
      <SwitchCheck call={call} what="letterKeys" testId="letter-keys" />
      <dl className={styles.list}>
        {letterKeys &&
          ids.map((id) => (
            <Row key={id} name={shortcutKeys[id].toUpperCase()} what={t(`shortcuts.${id}`)} />
          ))}
        <Row name={t("comfort.space_bar")} what={t("comfort.hold_to_talk")} />
      </dl>
      <p className={styles.note}>{t(letterKeys ? "shortcuts.note" : "shortcuts.note_off")}</p>
    </Dialog>
  );
}

function Row({ name, what }: { name: string; what: string }) {
  return (
    <div className={styles.row}>
      <dt>
        <kbd className={styles.key}>{name}</kbd>
      </dt>
      <dd className={styles.what}>{what}</dd>
    </div>
  );
}
