import { useTranslation } from "react-i18next";
import { type Grade, gradeOf, type Results, type Step } from "../../core/network/results";
import { Icon, type IconName } from "../../ui/Icon";
import styles from "./Network.module.css";
import { foundWords } from "./words";

interface Props {
  step: Step;
  results: Results;
  isRunning: boolean;
  isPast: boolean;
}

export const gradeIcons: Record<Grade, IconName> = {
  good: "check",
  fair: "warning",
  bad: "close",
  none: "more",
};

export function StepRow({ step, results, isRunning, isPast }: Props) {
  const { t } = useTranslation();
  const grade = gradeOf(step, results);
  const state = isRunning ? "running" : isPast ? grade : "waiting";
  const words = foundWords(t, step, results);
  return (
    <li className={styles.step} data-testid={`network-${step}`} data-state={state}>
      <span className={styles.mark}>
        <Icon name={isPast ? gradeIcons[grade] : "clock"} size={20} />
      </span>
      <div className={styles.what}>
        <p className={styles.name}>
          {t(`network.step.${step}`)}
          <span className={styles.state}>{t(`network.state.${state}`)}</span>
        </p>
        {words.map((line) => (
          <p key={line} className={styles.found}>
            {line}
          </p>
        ))}
        {isPast && words.length === 0 && (
          <p className={styles.found}>{t("network.found.not_tried")}</p>
        )}
      </div>
    </li>
  );
}
