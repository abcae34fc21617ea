import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../../core/call";
import type { MeetingState } from "../../../core/meeting/state";
import { minutesOf } from "../../../core/meeting/time";
import { Button } from "../../../ui/Button";
import { AgendaEditor } from "./AgendaEditor";
import styles from "./Console.module.css";

export function AgendaSection({ call, meeting }: { call: Call; meeting: MeetingState }) {
  const { t } = useTranslation();
  const [isEditing, setEditing] = useState(false);
  const { items, item } = meeting.agenda;
  return (
    <>
      {items.length === 0 ? (
        <p className={styles.note}>{t("agenda.empty")}</p>
      ) : (
        <ol className={styles.rows}>
          {items.map(({ title, length }, index) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: items have no other name than their place.
              key={index}
              className={styles.row}
              data-current={index === item}
              aria-current={index === item ? "step" : undefined}
            >
              <span className={styles.number}>{index + 1}</span>
              <span className={styles.name}>{title}</span>
              {length > 0 && <span>{t("clock.minutes", { count: minutesOf(length) })}</span>}
              {index !== item && (
                <Button
                  look="quiet"
                  aria-label={t("agenda.go_named", { title })}
                  onPress={() => call.order({ do: "move_agenda", item: index })}
                >
                  {t("agenda.go")}
                </Button>
              )}
            </li>
          ))}
        </ol>
      )}
      <div className={styles.buttons}>
        {item < items.length && (
          <Button
            look="primary"
            data-testid="next-item-button"
            onPress={() => call.order({ do: "move_agenda", item: item + 1 })}
          >
            {t(item + 1 < items.length ? "agenda.next" : "agenda.finish")}
          </Button>
        )}
        <Button data-testid="edit-agenda-button" onPress={() => setEditing(true)}>
          {t(items.length === 0 ? "agenda.write" : "agenda.edit")}
        </Button>
      </div>
      {isEditing && <AgendaEditor call={call} items={items} onClose={() => setEditing(false)} />}
    </>
  );
}
