import { useTranslation } from "react-i18next";
import { steps } from "../../core/network/results";
import type { NetworkTester } from "../../core/network/run";
import { Button } from "../../ui/Button";
import { useStore } from "../../ui/useStore";
import { VisuallyHidden } from "../../ui/VisuallyHidden";
import styles from "./Network.module.css";
import { ReportCard } from "./ReportCard";
import { StepRow } from "./StepRow";
import { VerdictCard } from "./VerdictCard";

export function NetworkTest({ tester }: { tester: NetworkTester }) {
  const { t } = useTranslation();
  const state = useStore(tester.store, (current) => current);
  const { phase, step } = state;
  const isRunning = phase === "running";
  const past = step === null ? (phase === "done" ? steps.length : 0) : steps.indexOf(step);
  const status = isRunning && step ? t("network.running", { step: t(`network.step.${step}`) }) : "";
  return (
    <div className={styles.page}>
      <div className={styles.intro}>
        <h1>{t("network.title")}</h1>
        <p className={styles.lead}>{t("network.lead")}</p>
        {phase === "ready" && <p className={styles.lead}>{t("network.devices_note")}</p>}
        <Button
          look={phase === "done" ? "secondary" : "primary"}
          isDisabled={isRunning}
          data-testid="network-start"
          onPress={() => void tester.start()}
        >
          {t(phase === "ready" ? "network.start" : "network.again")}
        </Button>
      </div>
      <VisuallyHidden>
        <span role="status">{phase === "done" ? t("network.done") : status}</span>
      </VisuallyHidden>
      {isRunning && (
        <progress
          className={styles.progress}
          aria-label={t("network.progress")}
          max={steps.length}
          value={past}
        />
      )}
      {phase === "done" && <VerdictCard results={state.results} />}
      {phase !== "ready" && (
        <section className={styles.card} aria-labelledby="network-steps">
          <h2 id="network-steps">{t("network.steps")}</h2>
          <ol className={styles.steps}>
            {steps.map((one, index) => (
              <StepRow
                key={one}
                step={one}
                results={state.results}
                isRunning={one === step}
                isPast={index < past}
              />
            ))}
          </ol>
        </section>
      )}
      {phase === "done" && <ReportCard state={state} />}
    </div>
  );
}
