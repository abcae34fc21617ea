import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { DeviceProblem } from "../../core/session/state";
import { Button } from "../../ui/Button";
import { useStore } from "../../ui/useStore";
import styles from "./DeviceProblems.module.css";
import { ProblemPicture } from "./ProblemPicture";

type Subject = "microphone" | "camera" | "both";

/** One explanation per cause: two boxes that say the same thing would be read as two faults. */
export function DeviceProblems({ call }: { call: Call }) {
  const { t } = useTranslation();
  const microphone = useStore(call.store, (state) => state.microphone.problem);
  const camera = useStore(call.store, (state) => state.camera.problem);
  const shown: { problem: DeviceProblem; subject: Subject }[] = [];
  if (microphone && microphone === camera) shown.push({ problem: microphone, subject: "both" });
  else {
    if (microphone) shown.push({ problem: microphone, subject: "microphone" });
    if (camera) shown.push({ problem: camera, subject: "camera" });
  }
  if (shown.length === 0) return null;
  return (
    <div className={styles.problems} role="alert" data-testid="device-problem">
      {shown.map(({ problem, subject }) => (
        <div key={subject} className={styles.problem} data-problem={problem}>
          <ProblemPicture problem={problem} />
          <div className={styles.words}>
            <h2 className={styles.title}>{t(`problem.${problem}_${subject}`)}</h2>
            <p>{t(`problem.${problem}_text`)}</p>
          </div>
        </div>
      ))}
      <div className={styles.foot}>
        <Button data-testid="retry-devices" onPress={() => call.send({ type: "devices_retried" })}>
          {t("app.retry")}
        </Button>
        <p>{t("prejoin.without")}</p>
      </div>
    </div>
  );
}
