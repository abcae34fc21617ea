import { useTranslation } from "react-i18next";
import type { Call } from "../../../core/call";
import { nameOf } from "../../../core/meeting/people";
import type { MeetingState } from "../../../core/meeting/state";
import { Button } from "../../../ui/Button";
import marks from "../../call/PersonMarks.module.css";
import styles from "./Console.module.css";

export function LobbySection({ call, meeting }: { call: Call; meeting: MeetingState }) {
  const { t } = useTranslation();
  const { lobby } = meeting;
  if (lobby.length === 0) return null;
  return (
    <section className={styles.urgent} aria-labelledby="console-lobby" data-testid="lobby">
      <h3 id="console-lobby">{t("lobby.title", { count: lobby.length })}</h3>
      <ul className={styles.rows}>
        {lobby.map((person) => (
          <li key={person.id} className={styles.row} data-testid="lobby-person">
            <span className={styles.name}>{nameOf(person)}</span>
            {person.kind === "guest" && <span className={marks.guest}>{t("call.guest")}</span>}
            <span className={styles.tools}>
              <Button
                look="quiet"
                aria-label={t("lobby.refuse_named", { name: nameOf(person) })}
                data-testid="refuse-button"
                onPress={() => call.order({ do: "refuse", person: person.id })}
              >
                {t("lobby.refuse")}
              </Button>
              <Button
                look="primary"
                aria-label={t("lobby.admit_named", { name: nameOf(person) })}
                data-testid="admit-button"
                onPress={() => call.order({ do: "admit", person: person.id })}
              >
                {t("lobby.admit")}
              </Button>
            </span>
          </li>
        ))}
      </ul>
      {lobby.length > 1 && (
        <Button data-testid="admit-all-button" onPress={() => call.order({ do: "admit" })}>
          {t("lobby.admit_all")}
        </Button>
      )}
    </section>
  );
}
