import { Button, Tooltip, TooltipTrigger } from "react-aria-components";
import type { ShortcutId } from "../../core/shortcuts";
import { Icon, type IconName } from "../../ui/Icon";
import styles from "./ControlButton.module.css";
import { useLetter } from "./LetterKeys";

interface Props {
  icon: IconName;
  /** What pressing does. It begins with, or holds, the caption's meaning. */
  label: string;
  caption: string;
  shortcut?: ShortcutId;
  look?: "plain" | "off" | "active" | "danger";
  testId: string;
  state?: "on" | "off";
  isExpanded?: boolean;
  /** A number drawn on the button; the label says it in words. */
  badge?: number;
  onPress?: () => void;
}

export function ControlButton(props: Props) {
  const {
    icon,
    label,
    caption,
    shortcut,
    look = "plain",
    testId,
    state,
    isExpanded,
    badge = 0,
  } = props;
  const key = useLetter(shortcut);
  return (
    <TooltipTrigger delay={600} closeDelay={0}>
      <Button
        className={styles.control}
        aria-label={label}
        aria-keyshortcuts={key}
        aria-expanded={isExpanded}
        data-look={look}
        data-state={state}
        data-testid={testId}
        data-badge={badge > 99 ? "99+" : badge || undefined}
        onPress={props.onPress}
      >
        <Icon name={icon} />
        <span className={styles.caption} aria-hidden="true">
          {caption}
        </span>
      </Button>
      <Tooltip className={styles.tip} offset={8}>
        {label}
        {key && <kbd className={styles.key}>{key.toUpperCase()}</kbd>}
      </Tooltip>
    </TooltipTrigger>
  );
}
