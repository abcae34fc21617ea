import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { clockText } from "../../core/meeting/time";
import type { Rest } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { useStore } from "../../ui/useStore";
import { Frame } from "../frame/Frame";
import { useNow } from "../meeting/useNow";
import styles from "./BreakPage.module.css";
import { StretchPicture } from "./StretchPicture";

/** Between two meetings: it begins by itself when the break is over. */
export function BreakPage({ call }: { call: Call }) {
  const { t } = useTranslation();
  const rest = useStore(call.store, (state) => state.rest);
  const now = useNow(0);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  if (!rest) return null;
  return (
    <Frame title={t("break.title")}>
      <section className={styles.card} data-testid="break" data-rule={rest.rule}>
        <StretchPicture />
        <h1 ref={heading} tabIndex={-1}>
          {t("break.title")}
        </h1>
        <p className={styles.text}>{t("break.text")}</p>
        <p className={styles.left} role="timer" data-testid="break-left">
          {clockText(rest.until - now)}
        </p>
        <p className={styles.text}>{t("break.after")}</p>
        <Skip call={call} rule={rest.rule} />
      </section>
    </Frame>
  );
}

/** As the organisation wants it: said, advised against, or held to but for an emergency. */
function Skip({ call, rule }: { call: Call; rule: Rest["rule"] }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const skip = () => call.send({ type: "break_skipped", emergency: null });
  if (rule === "inform" || (rule === "discourage" && isAsking)) {
    return (
      <>
        {rule === "discourage" && <p role="status">{t("break.sure")}</p>}
        <Button data-testid="skip-break" onPress={skip}>
          {t("break.now")}
        </Button>
      </>
    );
  }
  if (rule === "block" && isAsking) return <EmergencyForm call={call} />;
  return (
    <Button look="quiet" data-testid="ask-skip-break" onPress={() => setAsking(true)}>
      {t(rule === "block" ? "break.emergency" : "break.cannot_wait")}
    </Button>
  );
}

function EmergencyForm({ call }: { call: Call }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const [isMissing, setMissing] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (reason.trim() === "") return setMissing(true);
    call.send({ type: "break_skipped", emergency: reason.trim() });
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Field
        label={t("break.reason")}
        hint={t("break.reason_hint")}
        error={isMissing ? t("break.reason_missing") : null}
        value={reason}
        maxLength={200}
        autoFocus
        onChange={(value) => {
          setReason(value);
          setMissing(false);
        }}
        testId="emergency-reason"
      />
      <Button type="submit" look="danger" data-testid="skip-break">
        {t("break.emergency_action")}
      </Button>
    </form>
  );
}
