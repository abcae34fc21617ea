import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MeetingRules } from "../../core/api/client";
import { dayOf, instantOf, utcOffsetAt, type When, whenOf } from "../../core/plan";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { useServices } from "../services";
import styles from "./WhenFields.module.css";

const minute = 60_000;
/** As many as stand in a row; the time can be typed all the same. */
const slotsShown = 4;

interface Props {
  when: When;
  length: number;
  rules: MeetingRules;
  /** A meeting that is moved. */
  meeting?: string;
  /** False while nobody chose a time: the first free slot of the day is then taken. */
  isChosen: boolean;
  onChange: (when: When, isChosen: boolean) => void;
}

export function WhenFields({ when, length, rules, meeting, isChosen, onChange }: Props) {
  const { t, i18n } = useTranslation();
  const { api } = useServices();
  const [slots, setSlots] = useState<number[] | null>(null);
  const { date } = when;

  // Only an answer proposes a time; what was typed meanwhile stays.
  const propose = useRef((_first: number | undefined) => {});
  propose.current = (first) => {
    if (!isChosen && first !== undefined) onChange(whenOf(first), false);
  };

  useEffect(() => {
    const day = dayOf(date, Date.now());
    if (!day) return;
    let isCurrent = true;
    setSlots(null);
    const wanted = { ...day, length, meeting, utc_offset: utcOffsetAt(day.from) };
    api.slots(wanted).then(
      (found) => {
        if (!isCurrent) return;
        setSlots(found);
        propose.current(found[0]);
      },
      () => isCurrent && setSlots([]),
    );
    return () => {
      isCurrent = false;
    };
  }, [api, date, length, meeting]);

  const times = new Intl.DateTimeFormat(i18n.language, { timeStyle: "short" });
  const begins = instantOf(when);
  return (
    <div className={styles.when}>
      <div className={styles.inputs}>
        <Field
          label={t("plan.date")}
          type="date"
          value={date}
          onChange={(next) => onChange({ date: next, time: when.time }, false)}
          testId="plan-date"
        />
        <Field
          label={t("plan.time")}
          type="time"
          value={when.time}
          onChange={(time) => onChange({ date, time }, true)}
          testId="plan-time"
        />
      </div>
      <fieldset className={styles.slots} aria-label={t("plan.slots")}>
        {slots === null && <p>{t("plan.finding")}</p>}
        {slots?.length === 0 && <p role="status">{t("plan.none")}</p>}
        {slots?.slice(0, slotsShown).map((slot) => (
          <Button
            key={slot}
            aria-pressed={slot === begins}
            data-testid="plan-slot"
            onPress={() => onChange(whenOf(slot), true)}
          >
            {times.format(slot)}
          </Button>
        ))}
      </fieldset>
      {begins !== null && (
        <p className={styles.hint}>
          {t("plan.ends", { time: times.format(begins + length), count: rules.rest / minute })}
        </p>
      )}
    </div>
  );
}
