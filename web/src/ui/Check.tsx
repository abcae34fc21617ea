import { Checkbox } from "react-aria-components";
import styles from "./Check.module.css";
import { Icon } from "./Icon";

interface Props {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  testId?: string;
}

/** One thing that is so or not. */
export function Check({ label, isOn, onChange, testId }: Props) {
  return (
    <Checkbox className={styles.check} isSelected={isOn} onChange={onChange} data-testid={testId}>
      <span className={styles.box}>{isOn && <Icon name="check" size={20} />}</span>
      {label}
    </Checkbox>
  );
}
