import {
  Select as AriaSelect,
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
} from "react-aria-components";
import { Icon, type IconName } from "./Icon";
import styles from "./Select.module.css";

interface Option {
  id: string;
  label: string;
}

interface Props {
  label: string;
  icon?: IconName;
  options: Option[];
  value: string | null;
  empty: string;
  onChange: (id: string) => void;
  onOpenChange?: (isOpen: boolean) => void;
  testId?: string;
}

export function Select({
  label,
  icon,
  options,
  value,
  empty,
  onChange,
  onOpenChange,
  testId,
}: Props) {
  return (
    <AriaSelect
      value={value}
      isDisabled={options.length === 0}
      placeholder={empty}
      onChange={(key) => key !== null && onChange(String(key))}
      onOpenChange={onOpenChange}
      data-testid={testId}
    >
      <Label className={styles.label}>{label}</Label>
      <Button className={styles.button}>
        {icon && <Icon name={icon} size={20} />}
        <SelectValue className={styles.value} />
        <Icon name="chevron" size={20} />
      </Button>
      <Popover className={styles.popover} offset={4}>
        <ListBox className={styles.list} items={options}>
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.label} className={styles.option}>
              {({ isSelected }) => (
                <>
                  <span className={styles.mark}>
                    {isSelected && <Icon name="check" size={20} />}
                  </span>
                  {option.label}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
