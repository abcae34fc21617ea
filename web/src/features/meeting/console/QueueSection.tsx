import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../../core/call";
import { nameIn } from "../../../core/meeting/people";
import type { MeetingState } from "../../../core/meeting/state";
import { Button } from "../../../ui/Button";
import { VisuallyHidden } from "../../../ui/VisuallyHidden";
import { MoreOfList } from "../MoreOfList";
import { TurnTimer } from "../TurnTimer";
import styles from "./Console.module.css";
import { QueueRow } from "./QueueRow";

const rowsAtOnce = 50;

/** Who speaks, and who is next: what a chair looks at most. */
export function QueueSection({ call, meeting }: { call: Call; meeting: MeetingState }) {
  const { t } = useTranslation();
  const [moved, setMoved] = useState("");
  const [shown, setShown] = useState(rowsAtOnce);
  const { queue, holder } = meeting.floor;
  return (
    <section className={styles.open} aria-labelledby="console-queue">
      <h3 id="console-queue">{t("queue.title")}</h3>
      {holder !== null && (
        <div className={styles.holder} data-testid="console-holder">
          <span className={styles.name}>
            {t("floor.holder", { name: nameIn(meeting, holder) })}
          </span>
          <TurnTimer call={call} meeting={meeting} />
          <Button
            data-testid="take-floor-button"
            onPress={() => call.order({ do: "release_floor" })}
          >
            {t("floor.take_back")}
          </Button>
        </div>
      )}
      {queue.length === 0 ? (
        <p className={styles.note}>{t("queue.empty")}</p>
      ) : (
        <>
          <Button
            look="primary"
            wide
            data-testid="give-next-button"
            onPress={() => call.order({ do: "give_floor" })}
          >
            {t("queue.give_next", { name: nameIn(meeting, queue[0]?.person ?? "") })}
          </Button>
          <ol className={styles.rows}>
            {queue.slice(0, shown).map(({ person, reason }, index) => (
              <QueueRow
                key={person}
                call={call}
                person={person}
                name={nameIn(meeting, person)}
                reason={reason}
                index={index}
                onMoved={setMoved}
              />
            ))}
          </ol>
          <MoreOfList hidden={queue.length - shown} onMore={() => setShown(shown + rowsAtOnce)} />
        </>
      )}
      <VisuallyHidden>
        <span role="status">{moved}</span>
      </VisuallyHidden>
    </section>
  );
}
