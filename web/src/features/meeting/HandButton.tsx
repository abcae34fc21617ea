import { useTranslation } from "react-i18next";
import type { Call } from "../../core/call";
import type { HandReason } from "../../core/meeting/live";
import { Button } from "../../ui/Button";
import { Icon, type IconName } from "../../ui/Icon";
import { Menu, type MenuEntry } from "../../ui/Menu";
import { ControlButton } from "../call/ControlButton";
import styles from "./HandButton.module.css";
import { type Hand, useHand } from "./useHand";

const reasons: { reason: Exclude<HandReason, "speak">; icon: IconName }[] = [
  { reason: "question", icon: "question" },
  { reason: "direct_reply", icon: "reply" },
  { reason: "technical", icon: "warning" },
];

export function useReasons(hand: Hand | null): MenuEntry[] {
  const { t } = useTranslation();
  if (!hand || hand.hasFloor || hand.position !== null) return [];
  return reasons.map(({ reason, icon }) => ({
    id: reason,
    label: t(`hand.raise_${reason}`),
    icon,
    onAction: () => hand.raise(reason),
  }));
}

/** One press raises the hand; why is a second thought, in the menu beside it. */
export function HandButton({ call, withReasons }: { call: Call; withReasons: boolean }) {
  const { t } = useTranslation();
  const hand = useHand(call);
  const entries = useReasons(hand);
  if (!hand) return null;
  const { position, waiting, hasFloor } = hand;
  const isUp = position !== null;
  return (
    <span className={styles.hand}>
      <ControlButton
        icon={hasFloor ? "handDown" : "hand"}
        label={
          hasFloor
            ? t("hand.release")
            : isUp
              ? t("hand.lower", { position, count: waiting })
              : t("hand.raise")
        }
        caption={t(hasFloor ? "hand.short_release" : "hand.short_raise")}
        badge={position ?? 0}
        shortcut="hand"
        look={hasFloor || isUp ? "active" : "plain"}
        testId="hand-button"
        state={hasFloor || isUp ? "on" : "off"}
        onPress={hand.press}
      />
      {withReasons && entries.length > 0 && (
        <Menu
          label={t("hand.reasons")}
          entries={entries}
          trigger={
            <Button
              look="quiet"
              square
              aria-label={t("hand.reasons")}
              data-testid="hand-reasons-button"
            >
              <Icon name="chevron" size={20} />
            </Button>
          }
        />
      )}
    </span>
  );
}
