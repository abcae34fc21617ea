import { type FormEvent, useEffect, useRef, useState } from "react";
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
  onStep: (isWaiting: boolean) => void;
}

/** First the address, then the code that was sent there. */
export function CodeForm({ look, onStep }: Props) {
  const { t, i18n } = useTranslation();
  const { api } = useServices();
  const email = useField();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { isBusy, attempt } = useAttempt((code) => email.refuse(t(`error.${code}`)));

  const emailInput = email.props.inputRef;
  const hasBeenSent = useRef(false);

  // Back from the code: the button that had the focus is gone.
  useEffect(() => {
    if (sentTo === null && hasBeenSent.current) emailInput.current?.focus();
    hasBeenSent.current = sentTo !== null;
  }, [sentTo, emailInput]);

  function goTo(address: string | null) {
    setSentTo(address);
    onStep(address !== null);
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!isEmail(email.value)) return email.refuse(t("sign_in.email_invalid"));
    void attempt(async () => {
      await api.askForCode(email.value, i18n.language === "en" ? "en" : "fr");
      goTo(email.value.trim());
    });
  }

  if (sentTo !== null) return <CodeStep email={sentTo} onBack={() => goTo(null)} />;
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <EmailField field={email} />
      <Button type="submit" look={look} wide isDisabled={isBusy} data-testid="ask-code-button">
        {t(isBusy ? "sign_in.asking" : "sign_in.ask_code")}
      </Button>
    </form>
  );
}

function CodeStep({ email, onBack }: { email: string; onBack: () => void }) {
  const { t } = useTranslation();
  const { api, account } = useServices();
  const code = useField();
  const { isBusy, attempt } = useAttempt((failure) => code.refuse(t(`error.${failure}`)));
  const sent = useRef<HTMLParagraphElement>(null);

  // The button that had the focus is gone; the text is read out, and the field is next.
  useEffect(() => sent.current?.focus(), []);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (code.value.trim() === "") return code.refuse(t("sign_in.code_required"));
    void attempt(async () => account.enter(await api.signInByCode(code.value)));
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <p ref={sent} tabIndex={-1} className={styles.sent} data-testid="code-sent">
        {t("sign_in.code_sent", { email })}
      </p>
      <Field
        {...code.props}
        label={t("sign_in.code")}
        name="code"
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={64}
        testId="code-field"
      />
      <Button type="submit" look="primary" wide isDisabled={isBusy} data-testid="code-button">
        {t(isBusy ? "sign_in.working" : "sign_in.action")}
      </Button>
      <Button look="quiet" wide data-testid="other-email-button" onPress={onBack}>
        {t("sign_in.other_email")}
      </Button>
    </form>
  );
}
