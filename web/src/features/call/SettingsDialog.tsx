import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Dialog } from "../../ui/Dialog";
import { DevicePickers } from "../devices/DevicePickers";
import { DisplayChoices } from "../frame/DisplayChoices";
import styles from "./SettingsDialog.module.css";

interface Props {
  call: Call;
  isOpen: boolean;
  onClose: () => void;
}

export function SettingsDialog({ call, isOpen, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Dialog
      title={t("settings.title")}
      closeLabel={t("app.close")}
      isOpen={isOpen}
      onClose={onClose}
    >
      <section className={styles.section}>
        <h3 className={styles.title}>{t("settings.devices")}</h3>
        <DevicePickers call={call} />
      </section>
      <section className={styles.section}>
        <h3 className={styles.title}>{t("settings.display")}</h3>
        <DisplayChoices />
      </section>
    </Dialog>
  );
}
