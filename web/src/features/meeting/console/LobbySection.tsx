import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../../core/call";
import type { LobbyPerson } from "../../../core/meeting/live";
import { nameOf } from "../../../core/meeting/people";
import type { MeetingState } from "../../../core/meeting/state";
import { Button } from "../../../ui/Button";
import marks from "../../call/PersonMarks.module.css";
import { MoreOfList } from "../MoreOfList";
import styles from "./Console.module.css";

const rowsAtOnce = 50;

export function LobbySection({ call, meeting }: { call: Call; meeting: MeetingState }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(rowsAtOnce);
  const { lobby } = meeting;
  if (lobby.length === 0) return null;
  return (
    <section className={styles.urgent} aria-labelledby="console-lobby" data-testid="lobby">
      <h3 id="console-lobby">{t("lobby.title", { count: lobby.length })}</h3>
      <ul className={styles.rows}>
        {lobby.slice(0, shown).map((person) => (
          <LobbyRow
            key={person.id}
            call={call}
            id={person.id}
            name={nameOf(person)}
            kind={person.kind}
          />
        ))}
      </ul>
      <MoreOfList hidden={lobby.length - shown} onMore={() => setShown(shown + rowsAtOnce)} />
      {lobby.length > 1 && (
        <Button data-testid="admit-all-button" onPress={() => call.order({ do: "admit" })}>
          {t("lobby.admit_all")}
        </Button>
      )}
    </section>
  );
}

interface RowProps {
  call: Call;
  id: string;
  name: string;
  kind: LobbyPerson["kind"];
}

const LobbyRow = memo(function LobbyRow({ call, id, name, kind }: RowProps) {
  const { t } = useTranslation();
  return (
    <li className={styles.row} data-testid="lobby-person">
      <span className={styles.name}>{name}</span>
      {kind === "guest" && <span className={marks.guest}>{t("call.guest")}</span>}
      <span className={styles.tools}>
        <Button
          look="quiet"
          aria-label={t("lobby.refuse_named", { name })}
          data-testid="refuse-button"
          onPress={() => call.order({ do: "refuse", person: id })}
        >
          {t("lobby.refuse")}
        </Button>
        <Button
          look="primary"
          aria-label={t("lobby.admit_named", { name })}
          data-testid="admit-button"
          onPress={() => call.order({ do: "admit", person: id })}
        >
          {t("lobby.admit")}
        </Button>
      </span>
    </li>
  );
});
