import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../../core/call";
import type { HandReason } from "../../../core/meeting/live";
import { Button } from "../../../ui/Button";
import { Icon, type IconName } from "../../../ui/Icon";
import styles from "./Console.module.css";

interface Props {
  call: Call;
  person: string;
  name: string;
  reason: HandReason;
  index: number;
  onMoved: (text: string) => void;
}

/** The order is changed by buttons, for the keyboard, the finger and the mouse alike. */
export const QueueRow = memo(function QueueRow(props: Props) {
  const { call, person, name, reason, index, onMoved } = props;
  const { t } = useTranslation();
  // At the ends the buttons stay, with the focus on them, and do nothing.
  async function move(position: number) {
    const queue = call.store.get().meeting?.floor.queue ?? [];
    if (position < 0 || position >= queue.length) return;
    const code = await call.ask({ do: "move_hand", person, position });
    if (code === null) onMoved(t("queue.moved", { name, position: position + 1 }));
    else call.send({ type: "order_refused", code });
  }
  const tool = (action: "up" | "down" | "lower" | "give", icon: IconName, onPress: () => void) => (
    <Button
      look="quiet"
      square
      aria-label={t(`queue.${action}`, { name })}
      data-testid={`queue-${action}`}
      onPress={onPress}
    >
      <Icon name={icon} size={20} />
    </Button>
  );
  return (
    <li className={styles.row} data-testid="queue-row" data-person={person} data-name={name}>
      <span className={styles.number}>{index + 1}</span>
      <span className={styles.name}>
        {name}
        {reason !== "speak" && <span className={styles.why}>{t(`hand.reason_${reason}`)}</span>}
      </span>
      <span className={styles.tools}>
        {tool("give", "microphone", () => call.order({ do: "give_floor", person }))}
        {tool("up", "up", () => void move(index - 1))}
        {tool("down", "chevron", () => void move(index + 1))}
        {tool("lower", "close", () => call.order({ do: "lower_hand", person }))}
      </span>
    </li>
  );
});
