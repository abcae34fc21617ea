import { useTranslation } from "react-i18next";
import { Field } from "../../ui/Field";
import type { useField } from "./useField";

/** Enough of an address to ask with; the server knows the rest. */
export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim());
}

export function EmailField({ field }: { field: ReturnType<typeof useField> }) {
  const { t } = useTranslation();
  return (
    <Field
      {...field.props}
      label={t("sign_in.email")}
      type="email"
      name="email"
      autoComplete="username"
      maxLength={254}
      testId="email-field"
    />
  );
}
