import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { codeOf } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { useServices } from "../services";
import { isEmail } from "./email";
import styles from "./SignIn.module.css";

export function PasswordForm() {
  const { t } = useTranslation();
  const { api, account } = useServices();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [emailFault, setEmailFault] = useState<string | null>(null);
  const [passwordFault, setPasswordFault] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const emailInput = useRef<HTMLInputElement>(null);
  const passwordInput = useRef<HTMLInputElement>(null);

  function refusePassword(fault: string) {
    setPasswordFault(fault);
    passwordInput.current?.focus();
    passwordInput.current?.select();
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (isBusy) return;
    if (!isEmail(email)) {
      setEmailFault(t("sign_in.email_invalid"));
      return emailInput.current?.focus();
    }
    if (password === "") return refusePassword(t("sign_in.password_required"));
    setBusy(true);
    try {
      account.enter(await api.signInByPassword(email, password));
    } catch (error) {
      setBusy(false);
      refusePassword(t(`error.${codeOf(error)}`));
    }
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Field
        label={t("sign_in.email")}
        type="email"
        name="email"
        autoComplete="username"
        maxLength={254}
        error={emailFault}
        value={email}
        onChange={(value) => {
          setEmail(value);
          setEmailFault(null);
        }}
        inputRef={emailInput}
        testId="email-field"
      />
      <Field
        label={t("sign_in.password")}
        type="password"
        name="password"
        autoComplete="current-password"
        maxLength={256}
        error={passwordFault}
        value={password}
        onChange={(value) => {
          setPassword(value);
          setPasswordFault(null);
        }}
        inputRef={passwordInput}
        testId="password-field"
      />
      <Button type="submit" look="primary" wide isDisabled={isBusy} data-testid="password-button">
        {t(isBusy ? "sign_in.working" : "sign_in.action")}
      </Button>
    </form>
  );
}
