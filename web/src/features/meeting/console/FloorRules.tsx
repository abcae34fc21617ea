import { useTranslation } from "react-i18next";
import type { Call } from "../../../core/call";
import type { FloorMode, FloorOrder } from "../../../core/meeting/live";
import type { MeetingState } from "../../../core/meeting/state";
import { minutesOf } from "../../../core/meeting/time";
import { Choice } from "../../../ui/Choice";
import { Select } from "../../../ui/Select";
import styles from "./Console.module.css";

const modes: FloorMode[] = ["open", "chaired", "strict"];
const orders: FloorOrder[] = ["first_come", "least_airtime"];
const limits = [0, 1, 2, 3, 5, 10];

export function FloorRules({ call, meeting }: { call: Call; meeting: MeetingState }) {
  const { t } = useTranslation();
  const { mode, order, turn_limit } = meeting.floor;
  const limit = minutesOf(turn_limit);
  // Another client may have set a limit that is not offered here.
  const offered = limits.includes(limit) ? limits : [...limits, limit].sort((a, b) => a - b);
  return (
    <>
      <Choice
        label={t("floor.mode")}
        value={mode}
        options={modes.map((id) => ({ id, label: t(`floor.mode_${id}`) }))}
        onChange={(next) => call.order({ do: "set_floor", mode: next })}
      />
      <p className={styles.note}>{t(`floor.mode_${mode}_text`)}</p>
      <Choice
        label={t("floor.order")}
        value={order}
        options={orders.map((id) => ({ id, label: t(`floor.order_${id}`) }))}
        onChange={(next) => call.order({ do: "set_floor", order: next })}
      />
      <Select
        label={t("floor.turn_limit")}
        options={offered.map((minutes) => ({
          id: String(minutes),
          label: minutes === 0 ? t("floor.no_limit") : t("clock.minutes", { count: minutes }),
        }))}
        value={String(limit)}
        empty={t("floor.no_limit")}
        onChange={(id) => call.order({ do: "set_floor", turn_limit: Number(id) * 60_000 })}
        testId="turn-limit"
      />
    </>
  );
}
