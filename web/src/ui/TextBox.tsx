import { Label, Text, TextArea, TextField, type TextFieldProps } from "react-aria-components";
import styles from "./Field.module.css";
import { Icon } from "./Icon";
import box from "./TextBox.module.css";

interface Props extends Omit<TextFieldProps, "className" | "style" | "children"> {
  label: string;
  hint?: string;
  error?: string | null;
  /** Enter alone; with Shift it begins a line, and while a character is composed it ends that. */
  onEnter?: () => void;
  testId?: string;
}

/** For more than one line. */
export function TextBox({ label, hint, error, onEnter, testId, ...props }: Props) {
  const area: { "data-testid"?: string } = { "data-testid": testId };
  return (
    <TextField {...props} isInvalid={Boolean(error)} validationBehavior="aria">
      <Label className={styles.label}>{label}</Label>
      <TextArea
        {...area}
        className={`${styles.input} ${box.area}`}
        rows={2}
        onKeyDown={(event) => {
          if (!onEnter || event.key !== "Enter" || event.shiftKey) return;
          if (event.nativeEvent.isComposing) return;
          event.preventDefault();
          onEnter();
        }}
      />
      {error ? (
        <Text slot="errorMessage" elementType="p" className={styles.error}>
          <Icon name="warning" size={20} />
          {error}
        </Text>
      ) : (
        hint && (
          <Text slot="description" elementType="p" className={styles.hint}>
            {hint}
          </Text>
        )
      )}
    </TextField>
  );
}
