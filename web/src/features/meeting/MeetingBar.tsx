import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { mayAskTime } from "../../core/meeting/motion";
import { nameIn } from "../../core/meeting/people";
import type { MeetingState } from "../../core/meeting/state";
import { clockText, itemLeft } from "../../core/meeting/time";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import { AskTime } from "./AskTime";
import styles from "./MeetingBar.module.css";
import { TurnTimer } from "./TurnTimer";
import { useNow } from "./useNow";

/** Who has the floor, what is dealt with, and by which rule one speaks: nothing where there is no rule. */
export function MeetingBar({ call }: { call: Call }) {
  const meeting = useStore(call.store, (state) => state.meeting);
  return meeting && <Bar call={call} meeting={meeting} />;
}

function Bar({ call, meeting }: { call: Call; meeting: MeetingState }) {
  const { t } = useTranslation();
  const { floor, agenda } = meeting;
  const item = agenda.items[agenda.item];
  const isNearEnd = mayAskTime(meeting, useNow(meeting.offset));
  if (floor.mode === "open" && floor.holder === null && !item && !isNearEnd) return null;
  return (
    <section className={styles.bar} aria-label={t("meeting.bar")} data-testid="meeting-bar">
      {item && <AgendaPoint meeting={meeting} title={item.title} />}
      {floor.mode !== "open" && floor.holder === null && (
        <span className={styles.part} data-testid="floor-mode" data-mode={floor.mode}>
          <Icon name="hand" size={18} />
          {t(`floor.bar_${floor.mode}`)}
        </span>
      )}
      {floor.holder !== null && (
        <span className={styles.part} data-testid="floor-holder">
          <Icon name="microphone" size={18} />
          <strong>
            {floor.holder === meeting.me.id
              ? t("floor.yours")
              : t("floor.holder", { name: nameIn(meeting, floor.holder) })}
          </strong>
          <TurnTimer call={call} meeting={meeting} />
        </span>
      )}
      {isNearEnd && <AskTime call={call} meeting={meeting} />}
    </section>
  );
}

function AgendaPoint({ meeting, title }: { meeting: MeetingState; title: string }) {
  const { t } = useTranslation();
  const { agenda, offset } = meeting;
  const left = itemLeft(agenda, useNow(offset));
  const point = { number: agenda.item + 1, count: agenda.items.length };
  return (
    <span className={styles.part} data-testid="agenda-item">
      <Icon name="list" size={18} />
      <span className={styles.title}>
        {t("agenda.point", point)} <strong>{title}</strong>
      </span>
      {left !== null && (
        <span className={styles.time} data-late={left < 0}>
          {left < 0 ? t("agenda.late", { time: clockText(-left) }) : clockText(left)}
        </span>
      )}
    </span>
  );
}
