import { useTranslation } from "react-i18next";
import type { Call } from "../../../core/call";
import type { MeetingState } from "../../../core/meeting/state";
import { Button } from "../../../ui/Button";
import styles from "./Console.module.css";

/** Of everybody but those who lead and whoever has the floor. */
export function MicrophonesSection({ call, meeting }: { call: Call; meeting: MeetingState }) {
  const { t } = useTranslation();
  const blocked = [...meeting.people.values()].filter(
    ({ microphone }) => microphone === "blocked",
  ).length;
  return (
    <>
      <p className={styles.note}>{t("microphones.text")}</p>
      <div className={styles.buttons}>
        <Button
          data-testid="mute-all-button"
          onPress={() => call.order({ do: "stop", source: "microphone" })}
        >
          {t("microphones.mute_all")}
        </Button>
        <Button
          data-testid="block-all-button"
          onPress={() => call.order({ do: "stop", source: "microphone", blocked: true })}
        >
          {t("microphones.block_all")}
        </Button>
        <Button
          data-testid="allow-all-button"
          onPress={() => call.order({ do: "allow", source: "microphone" })}
        >
          {t("microphones.allow_all")}
        </Button>
      </div>
      {blocked > 0 && <p className={styles.note}>{t("microphones.blocked", { count: blocked })}</p>}
    </>
  );
}
