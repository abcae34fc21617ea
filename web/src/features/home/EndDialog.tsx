import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ListedMeeting } from "../../core/api/client";
import { codeOf, type FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { useServices } from "../services";
import styles from "./EndDialog.module.css";

interface Props {
  meeting: ListedMeeting;
  onEnded: (meeting: ListedMeeting) => void;
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

  const { plan, title } = meeting;
  const isToCome = plan !== undefined && plan.begins_at + plan.length > Date.now();
  const keep = isToCome ? t("plan.cancel_keep") : t("home.end_cancel");
  return (
    <Dialog
      title={isToCome ? t("plan.cancel_title") : t("home.end_title")}
      closeLabel={keep}
      isOpen
      onClose={onClose}
    >
      <p>{isToCome ? t("plan.cancel_text", { title }) : t("home.end_text", { title })}</p>
      {failure && <p role="alert">{t(`error.${failure}`)}</p>}
      <div className={styles.choices}>
        <Button onPress={onClose}>{keep}</Button>
        <Button
          look="danger"
          isDisabled={isWorking}
          data-testid="end-confirm"
          onPress={() => void end()}
        >
          {isToCome ? t("plan.cancel_action") : t("home.end_action")}
        </Button>
      </div>
    </Dialog>
  );
}
