import { Label, Radio, RadioGroup } from "react-aria-components";
import styles from "./Choice.module.css";

interface Props<T extends string> {
  label: string;
  options: readonly { id: T; label: string; lang?: string }[];
  value: T;
  onChange: (id: T) => void;
}

/** One among a few, all visible: a row of radios drawn as segments. */
export function Choice<T extends string>({ label, options, value, onChange }: Props<T>) {
  return (
    <RadioGroup
      value={value}
      orientation="horizontal"
      onChange={(next) => {
        const chosen = options.find(({ id }) => id === next);
        if (chosen) onChange(chosen.id);
      }}
    >
      <Label className={styles.label}>{label}</Label>
      <div className={styles.row}>
        {options.map((option) => (
          <Radio key={option.id} value={option.id} className={styles.option} lang={option.lang}>
            {option.label}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
