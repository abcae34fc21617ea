import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Check } from "../../ui/Check";
import { Dialog } from "../../ui/Dialog";
import { useStore } from "../../ui/useStore";
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
  const pushToTalk = useStore(call.store, (state) => state.pushToTalk);
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
        <Check
          label={t("comfort.push_to_talk")}
          isOn={pushToTalk}
          onChange={(on) => call.send({ type: "push_to_talk_chosen", on })}
          testId="push-to-talk"
        />
      </section>
      <section className={styles.section}>
        <h3 className={styles.title}>{t("settings.display")}</h3>
        <DisplayChoices />
      </section>
    </Dialog>
  );
}
