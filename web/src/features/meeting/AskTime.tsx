import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { MeetingState } from "../../core/meeting/state";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { TimeForm } from "./TimeForm";

/** Whoever leads answers it (MotionBanner). */
export function AskTime({ call, meeting }: { call: Call; meeting: MeetingState }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button look="quiet" data-testid="ask-time-button" onPress={() => setAsking(true)}>
        {t("motion.ask")}
      </Button>
      <Dialog
        title={t("motion.ask")}
        closeLabel={t("app.cancel")}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
      >
        <TimeForm
          call={call}
          meeting={meeting}
          label={t("motion.ask_for")}
          actions={[
            {
              label: t("motion.ask_action"),
              testId: "ask-time-confirm",
              wish: (asked) => ({ do: "ask_time", ...asked }),
            },
          ]}
          onDone={() => setAsking(false)}
        />
      </Dialog>
    </>
  );
}
