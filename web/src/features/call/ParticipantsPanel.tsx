import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import { Avatar } from "./Avatar";
import styles from "./ParticipantsPanel.module.css";
import { PersonMarks } from "./PersonMarks";

export function ParticipantsPanel({ call, onClose }: { call: Call; onClose: () => void }) {
  const { t } = useTranslation();
  const people = useStore(call.store, (state) => state.people);
  return (
    <aside className={styles.panel} aria-label={t("call.participants")} id="participants-panel">
      <header className={styles.header}>
        <h2>{t("call.count", { count: people.length })}</h2>
        <Button look="quiet" square aria-label={t("app.close")} onPress={onClose}>
          <Icon name="close" />
        </Button>
      </header>
      <ul className={styles.list}>
        {people.map((person) => (
          <li
            key={person.identity}
            className={styles.person}
            data-testid="participant"
            data-identity={person.identity}
          >
            <span className={styles.avatar}>
              <Avatar identity={person.identity} name={person.name} />
            </span>
            <span className={styles.name}>{person.name}</span>
            <PersonMarks person={person} />
          </li>
        ))}
      </ul>
    </aside>
  );
}
