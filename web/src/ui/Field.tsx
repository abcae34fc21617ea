import type { RefObject } from "react";
import {
  Input,
  type InputProps,
  Label,
  Text,
  TextField,
  type TextFieldProps,
} from "react-aria-components";
import styles from "./Field.module.css";
import { Icon } from "./Icon";

interface Props extends Omit<TextFieldProps, "className" | "style" | "children"> {
  label: string;
  hint?: string;
  error?: string | null;
  placeholder?: string;
  inputRef?: RefObject<HTMLInputElement | null>;
  testId?: string;
}

export function Field({ label, hint, error, placeholder, inputRef, testId, ...props }: Props) {
  const input: InputProps & { "data-testid"?: string } = { placeholder, "data-testid": testId };
  return (
    <TextField {...props} isInvalid={Boolean(error)} validationBehavior="aria">
      <Label className={styles.label}>{label}</Label>
      <Input {...input} ref={inputRef} className={styles.input} />
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
