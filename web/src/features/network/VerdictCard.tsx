import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Results, verdictOf } from "../../core/network/results";
import { Icon } from "../../ui/Icon";
import styles from "./Network.module.css";
import { gradeIcons } from "./StepRow";

/** Takes the focus: whoever waited half a minute is told without having to look for it. */
export function VerdictCard({ results }: { results: Results }) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  const { code, grade } = verdictOf(results);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section
      className={styles.verdict}
      data-grade={grade}
      data-testid="network-verdict"
      data-code={code}
    >
      <span className={styles.seal}>
        <Icon name={gradeIcons[grade]} size={28} />
      </span>
      <div>
        <p className={styles.kicker}>{`${t("network.result")} · ${t(`network.state.${grade}`)}`}</p>
        <h2 ref={heading} tabIndex={-1}>
          {t(`network.verdict.${code}`)}
        </h2>
        <p>{t(`network.advice.${code}`)}</p>
      </div>
    </section>
  );
}
