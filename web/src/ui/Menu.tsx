import type { ReactElement } from "react";
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Icon, type IconName } from "./Icon";
import styles from "./Menu.module.css";

export interface MenuEntry {
  id: string;
  label: string;
  icon: IconName;
  shortcut?: string;
  onAction: () => void;
}

interface Props {
  label: string;
  entries: MenuEntry[];
  /** The button that opens the menu. */
  trigger: ReactElement;
}

export function Menu({ label, entries, trigger }: Props) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={styles.popover} offset={8}>
        <AriaMenu className={styles.menu} aria-label={label}>
          {entries.map((entry) => (
            <MenuItem
              key={entry.id}
              id={entry.id}
              textValue={entry.label}
              className={styles.item}
              onAction={entry.onAction}
            >
              <Icon name={entry.icon} size={20} />
              <span className={styles.text}>{entry.label}</span>
              {entry.shortcut && <kbd className={styles.key}>{entry.shortcut}</kbd>}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
