import type { ReactElement } from "react";
import {
  Menu as AriaMenu,
  Header,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
} from "react-aria-components";
import { Icon, type IconName } from "./Icon";
import styles from "./Menu.module.css";

export interface MenuEntry {
  id: string;
  label: string;
  icon: IconName;
  shortcut?: string;
  onAction: () => void;
}

/** Entries that are on or off: one of them, or each for itself. */
export interface MenuChoices {
  id: string;
  label: string;
  isOneOf: boolean;
  entries: (MenuEntry & { isOn: boolean })[];
}

interface Props {
  label: string;
  choices?: MenuChoices[];
  entries: MenuEntry[];
  /** The button that opens the menu. */
  trigger: ReactElement;
}

export function Menu({ label, choices = [], entries, trigger }: Props) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={styles.popover} offset={8}>
        <AriaMenu className={styles.menu} aria-label={label}>
          {entries.map((entry) => (
            <Item key={entry.id} entry={entry} />
          ))}
          {choices.map((section) => (
            <MenuSection
              key={section.id}
              className={styles.section}
              selectionMode={section.isOneOf ? "single" : "multiple"}
              disallowEmptySelection={section.isOneOf}
              shouldCloseOnSelect
              selectedKeys={section.entries.filter(({ isOn }) => isOn).map(({ id }) => id)}
            >
              <Header className={styles.header}>{section.label}</Header>
              {section.entries.map((entry) => (
                <Item key={entry.id} entry={entry} isOn={entry.isOn} />
              ))}
            </MenuSection>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

function Item({ entry, isOn = false }: { entry: MenuEntry; isOn?: boolean }) {
  return (
    <MenuItem
      id={entry.id}
      textValue={entry.label}
      className={styles.item}
      data-testid={`menu-${entry.id}`}
      onAction={entry.onAction}
    >
      <Icon name={entry.icon} size={20} />
      <span className={styles.text}>{entry.label}</span>
      {entry.shortcut && <kbd className={styles.key}>{entry.shortcut}</kbd>}
      {isOn && <Icon name="check" size={20} />}
    </MenuItem>
  );
}
