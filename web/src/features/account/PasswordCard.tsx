import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OwnAccount } from "../../core/api/client";
import type { FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { useServices } from "../services";
import { useAttempt } from "../signin/useAttempt";
import { useField } from "../signin/useField";
import styles from "./Account.module.css";

interface Props {
  right: OwnAccount["password"];
  onChanged: () => void;
}

const ofCurrent = new Set<FailureCode>(["wrong_password", "too_many_attempts"]);

export function PasswordCard({ right, onChanged }: Props) {
  const { t } = useTranslation();
  const { api } = useServices();
  const current = useField();
  const password = useField();
  const [isDone, setDone] = useState(false);
  const { isBusy, attempt } = useAttempt((code) =>
    (right === "change" && ofCurrent.has(code) ? current : password).refuse(t(`error.${code}`)),
  );

  function submit(event: FormEvent) {
    event.preventDefault();
    setDone(false);
    if (right === "change" && current.value === "")
      return current.refuse(t("sign_in.password_required"));
    void attempt(async () => {
      await api.changePassword({ current: current.value, password: password.value });
      current.props.onChange("");
      password.props.onChange("");
      setDone(true);
      onChanged();
    });
  }

  if (right === "none") {
    return (
      <section className={styles.card}>
        <h2>{t("account.password")}</h2>
        <p className={styles.lead}>{t("account.password_none")}</p>
      </section>
    );
  }
  return (
    <section className={styles.card}>
      <h2>{t("account.password")}</h2>
      <form className={styles.form} onSubmit={submit} noValidate>
        {right === "change" && (
          <Field
            {...current.props}
            label={t("account.password_current")}
            type="password"
            name="current-password"
            autoComplete="current-password"
            maxLength={256}
            testId="current-password-field"
          />
        )}
        <Field
          {...password.props}
          label={t("account.password_new")}
          hint={t("account.password_hint")}
          type="password"
          name="new-password"
          autoComplete="new-password"
          maxLength={256}
          testId="new-password-field"
        />
        <Button type="submit" isDisabled={isBusy} data-testid="change-password">
          {t(right === "set" ? "account.password_set" : "account.password_change")}
        </Button>
      </form>
      <p role="status" data-testid="password-done">
        {isDone && t("account.password_changed")}
      </p>
    </section>
  );
}
