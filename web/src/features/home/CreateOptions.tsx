import { useTranslation } from "react-i18next";
import type { CreateMeetingRequest, MeetingRules } from "../../core/api/client";
import { Choice } from "../../ui/Choice";
import { Select } from "../../ui/Select";
import styles from "./Form.module.css";

type Options = Omit<CreateMeetingRequest, "title">;

/** As the organisation has it: the choice is then left out of what is asked. */
const usual = "usual";
const minute = 60_000;
const lengths = ["15", "20", "30", "40", "60"] as const;
const limits = ["1", "2", "3", "5"] as const;

interface Props {
  options: Options;
  rules: MeetingRules;
  /** Otherwise it is asked with the time. */
  hasLength: boolean;
  onChange: (part: Options) => void;
}

export function CreateOptions({ options, rules, hasLength, onChange }: Props) {
  const { t } = useTranslation();
  const asUsual = { id: usual, label: t("create.usual") };
  const inMinutes = (ids: readonly string[]) =>
    ids.map((id) => ({ id, label: t("clock.minutes", { count: Number(id) }) }));
  const allowed = lengths.filter((id) => Number(id) * minute <= rules.length_max);
  const minutesOr = (ms: number | undefined) => (ms === undefined ? usual : String(ms / minute));
  const msOr = (id: string) => (id === usual ? undefined : Number(id) * minute);

  /** A list of the contract's words, with its texts under create.<field>_<word>. */
  function words<Field extends "lobby" | "guests" | "floor_mode">(
    field: Field,
    ids: readonly NonNullable<Options[Field]>[],
    label: (id: NonNullable<Options[Field]>) => string,
  ) {
    return (
      <Select
        label={t(`create.${field}`)}
        options={[asUsual, ...ids.map((id) => ({ id: String(id), label: label(id) }))]}
        value={String(options[field] ?? usual)}
        empty={t("create.usual")}
        onChange={(id) => onChange({ [field]: ids.find((word) => word === id) })}
        testId={`create-${field}`}
      />
    );
  }

  return (
    <div className={styles.options}>
      <Choice
        label={t("create.format")}
        value={options.format ?? "meeting"}
        options={[
          { id: "meeting", label: t("create.format_meeting") },
          { id: "webinar", label: t("create.format_webinar") },
        ]}
        onChange={(format) => onChange({ format: format === "webinar" ? format : undefined })}
      />
      {options.format === "webinar" && <p className={styles.hint}>{t("create.webinar_text")}</p>}
      {hasLength && (
        <Select
          label={t("create.length")}
          options={[asUsual, ...inMinutes(allowed)]}
          value={minutesOr(options.length)}
          empty={t("create.usual")}
          onChange={(id) => onChange({ length: msOr(id) })}
          testId="create-length"
        />
      )}
      {words("lobby", ["nobody", "guests", "everyone"], (id) => t(`create.lobby_${id}`))}
      {words("guests", ["none", "invited", "link"], (id) => t(`create.guests_${id}`))}
      {words("floor_mode", ["open", "chaired", "strict"], (id) => t(`floor.mode_${id}`))}
      <Select
        label={t("floor.turn_limit")}
        options={[asUsual, ...inMinutes(limits)]}
        value={minutesOr(options.turn_limit)}
        empty={t("create.usual")}
        onChange={(id) => onChange({ turn_limit: msOr(id) })}
        testId="create-turn-limit"
      />
    </div>
  );
}
