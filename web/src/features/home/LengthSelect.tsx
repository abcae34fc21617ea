import { useTranslation } from "react-i18next";
import type { MeetingRules } from "../../core/api/client";
import { Select } from "../../ui/Select";

const minute = 60_000;
const lengths = [15, 20, 25, 30, 40, 60, 90, 120];

interface Props {
  length: number;
  rules: MeetingRules;
  onChange: (length: number) => void;
}

/** Those that the organisation allows. */
export function LengthSelect({ length, rules, onChange }: Props) {
  const { t } = useTranslation();
  const usual = rules.length / minute;
  const allowed = lengths.filter((minutes) => minutes * minute <= rules.length_max);
  const all = [...new Set([...allowed, usual, length / minute])].sort((a, b) => a - b);
  return (
    <Select
      label={t("plan.length")}
      options={all.map((count) => ({
        id: String(count),
        label: t("clock.minutes", { count }),
      }))}
      value={String(length / minute)}
      empty=""
      onChange={(id) => onChange(Number(id) * minute)}
      testId="plan-length"
    />
  );
}
