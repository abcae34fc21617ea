import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Dialog } from "../../ui/Dialog";
import { DevicePickers } from "../devices/DevicePickers";
import { EffectChoices } from "../devices/EffectChoices";
import { DisplayChoices } from "../frame/DisplayChoices";
import styles from "./SettingsDialog.module.css";
import { SwitchCheck } from "./SwitchCheck";

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
        <EffectChoices call={call} />
        <SwitchCheck call={call} what="pushToTalk" testId="push-to-talk" />
        <SwitchCheck call={call} what="sounds" testId="sounds" />
      </section>
      <section className={styles.section}>
        <h3 className={styles.title}>{t("settings.display")}</h3>
        <DisplayChoices />
        <SwitchCheck call={call} what="letterKeys" testId="letter-keys" />
      </section>
    </Dialog>
  );
}
