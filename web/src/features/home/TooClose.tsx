import { useTranslation } from "react-i18next";
import type { NextSlot } from "../../core/problem";
import { Button } from "../../ui/Button";
import styles from "./WhenFields.module.css";

interface Props {
  slot: NextSlot;
  onTake: (at: number) => void;
  onInsist: () => void;
}

/** A plan that left no break: where it would have one and, if the organisation lets people, without it. */
export function TooClose({ slot, onTake, onInsist }: Props) {
  const { t, i18n } = useTranslation();
  const { at, mayInsist } = slot;
  const times = new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" });
  return (
    <div className={styles.problem} role="alert" data-testid="too-close">
      <p>{t("error.plan_too_close")}</p>
      {at !== null && <p>{t("plan.next", { when: times.format(at) })}</p>}
      <div className={styles.choices}>
        {at !== null && (
          <Button data-testid="take-slot" onPress={() => onTake(at)}>
            {t("plan.take")}
          </Button>
        )}
        {mayInsist && (
          <Button look="quiet" data-testid="insist-button" onPress={onInsist}>
            {t("plan.insist")}
          </Button>
        )}
      </div>
    </div>
  );
}
