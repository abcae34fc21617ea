import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { useServices } from "../services";
import { EmailField, isEmail } from "./EmailField";
import styles from "./SignIn.module.css";
import { useAttempt } from "./useAttempt";
import { useField } from "./useField";

interface Props {
  /** A stronger door may stand above it. */
  look: "primary" | "secondary";
}

export function PasswordForm({ look }: Props) {
  const { t } = useTranslation();
  const { api, account } = useServices();
  const email = useField();
  const password = useField();
  const { isBusy, attempt } = useAttempt((code) => password.refuse(t(`error.${code}`)));

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!isEmail(email.value)) return email.refuse(t("sign_in.email_invalid"));
    if (password.value === "") return password.refuse(t("sign_in.password_required"));
    void attempt(async () =>
      account.enter(await api.signInByPassword(email.value, password.value)),
    );
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <EmailField field={email} />
      <Field
        {...password.props}
        label={t("sign_in.password")}
        type="password"
        name="password"
        autoComplete="current-password"
        maxLength={256}
        testId="password-field"
      />
      <Button type="submit" look={look} wide isDisabled={isBusy} data-testid="password-button">
        {t(isBusy ? "sign_in.working" : "sign_in.action")}
      </Button>
    </form>
  );
}
