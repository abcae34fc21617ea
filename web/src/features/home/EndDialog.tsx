import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Meeting } from "../../core/api/client";
import { codeOf, type FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { useServices } from "../services";
import styles from "./EndDialog.module.css";

interface Props {
  meeting: Meeting;
  onEnded: (meeting: Meeting) => void;
  onClose: () => void;
}

/** Asks first: it cannot be taken back, and people may be in the meeting. */
export function EndDialog({ meeting, onEnded, onClose }: Props) {
  const { t } = useTranslation();
  const { api } = useServices();
  const [isWorking, setWorking] = useState(false);
  const [failure, setFailure] = useState<FailureCode | null>(null);

  async function end() {
    setWorking(true);
    setFailure(null);
    try {
      await api.endMeeting(meeting.id);
      onEnded(meeting);
    } catch (error) {
      setFailure(codeOf(error));
      setWorking(false);
    }
  }

  return (
    <Dialog title={t("home.end_title")} closeLabel={t("home.end_cancel")} isOpen onClose={onClose}>
      <p>{t("home.end_text", { title: meeting.title })}</p>
      {failure && <p role="alert">{t(`error.${failure}`)}</p>}
      <div className={styles.choices}>
        <Button onPress={onClose}>{t("home.end_cancel")}</Button>
        <Button
          look="danger"
          isDisabled={isWorking}
          data-testid="end-confirm"
          onPress={() => void end()}
        >
          {t("home.end_action")}
        </Button>
      </div>
    </Dialog>
  );
}
