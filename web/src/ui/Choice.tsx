import { Label, Radio, RadioGroup, Text } from "react-aria-components";
import styles from "./Choice.module.css";

interface Props<T extends string> {
  label: string;
  options: readonly { id: T; label: string; lang?: string; isDisabled?: boolean }[];
  value: T;
  onChange: (id: T) => void;
  /** What it does, or why not all of it can be had. */
  hint?: string;
  testId?: string;
}

/** One among a few, all visible: a row of radios drawn as segments. */
export function Choice<T extends string>(props: Props<T>) {
  const { label, options, value, onChange, hint, testId } = props;
  return (
    <RadioGroup
      value={value}
      orientation="horizontal"
      data-testid={testId}
      onChange={(next) => {
        const chosen = options.find(({ id }) => id === next);
        if (chosen) onChange(chosen.id);
      }}
    >
      <Label className={styles.label}>{label}</Label>
      <div className={styles.row}>
        {options.map((option) => (
          <Radio
            key={option.id}
            value={option.id}
            className={styles.option}
            lang={option.lang}
            isDisabled={option.isDisabled}
            data-testid={testId && `${testId}-${option.id}`}
          >
            {option.label}
          </Radio>
        ))}
      </div>
      {hint && (
        <Text slot="description" className={styles.hint}>
          {hint}
        </Text>
      )}
    </RadioGroup>
  );
}
