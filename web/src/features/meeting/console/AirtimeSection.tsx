import { useTranslation } from "react-i18next";
import { airtimeRows } from "../../../core/meeting/airtime";
import type { MeetingState } from "../../../core/meeting/state";
import { clockText } from "../../../core/meeting/time";
import styles from "./Console.module.css";

const rowsShown = 50;

/** Who has spoken how long, as the server heard it: those who have not come last, and are the ones to ask. */
export function AirtimeSection({ meeting }: { meeting: MeetingState }) {
  const { t, i18n } = useTranslation();
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent" });
  const rows = airtimeRows(meeting);
  const silent = rows.filter(({ ms }) => ms === 0).length;
  const { overlap } = meeting.floor;
  return (
    <>
      <ul className={styles.rows} data-testid="airtime">
        {rows.slice(0, rowsShown).map(({ id, name, ms, share, part }) => (
          <li key={id} className={styles.air}>
            <span className={styles.name}>{name}</span>
            <span className={styles.spoken} data-testid="spoken">
              {ms === 0 ? t("airtime.not_yet") : `${clockText(ms)} · ${percent.format(part)}`}
            </span>
            <meter className={styles.bar} value={share} aria-label={name} />
          </li>
        ))}
      </ul>
      {silent > 0 && <p className={styles.note}>{t("airtime.silent", { count: silent })}</p>}
      {overlap > 0 && (
        <p className={styles.note}>{t("airtime.overlap", { time: clockText(overlap) })}</p>
      )}
    </>
  );
}
