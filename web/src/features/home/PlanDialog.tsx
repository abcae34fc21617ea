import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ListedMeeting, Meeting, MeetingRules } from "../../core/api/client";
import { whenOf } from "../../core/plan";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { useServices } from "../services";
import styles from "./EndDialog.module.css";
import form from "./Form.module.css";
import { LengthSelect } from "./LengthSelect";
import { TooClose } from "./TooClose";
import { usePlan } from "./usePlan";
import { WhenFields } from "./WhenFields";

interface Props {
  meeting: ListedMeeting;
  rules: MeetingRules;
  onPlanned: (meeting: Meeting) => void;
  onClose: () => void;
}

/** Another time for a meeting, or its first. */
export function PlanDialog({ meeting, rules, onPlanned, onClose }: Props) {
  const { t } = useTranslation();
  const { api } = useServices();
  const plan = usePlan(rules, meeting.plan?.begins_at);
  const [length, setLength] = useState(meeting.plan?.length ?? rules.length);
  const [isWorking, setWorking] = useState(false);

  async function submit(insist: boolean) {
    const asked = plan.asked(insist);
    if (!asked) return;
    setWorking(true);
    try {
      onPlanned(await api.planMeeting(meeting.id, { ...asked, length }));
    } catch (error) {
      plan.refused(error);
      setWorking(false);
    }
  }

  const { failure } = plan;
  return (
    <Dialog
      title={t("plan.change_title", { title: meeting.title })}
      closeLabel={t("app.cancel")}
      isOpen
      onClose={onClose}
    >
      <div className={form.form}>
        <p>{t("plan.change_text")}</p>
        <WhenFields
          when={plan.when}
          isChosen={plan.isChosen}
          length={length}
          rules={rules}
          meeting={meeting.id}
          onChange={plan.choose}
        />
        <LengthSelect length={length} rules={rules} onChange={setLength} />
        {failure && (
          <p role="alert">
            {failure === "date_required" ? t("plan.date_required") : t(`error.${failure}`)}
          </p>
        )}
        {plan.slot && (
          <TooClose
            slot={plan.slot}
            onTake={(at) => plan.choose(whenOf(at), true)}
            onInsist={() => void submit(true)}
          />
        )}
        <div className={styles.choices}>
          <Button onPress={onClose}>{t("app.cancel")}</Button>
          <Button
            look="primary"
            isDisabled={isWorking}
            data-testid="plan-save"
            onPress={() => void submit(false)}
          >
            {t("plan.change_action")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
