import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { addressesIn } from "../../core/addresses";
import type { MailOutcome } from "../../core/api/client";
import { asFailureCode, codeOf, type FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Choice } from "../../ui/Choice";
import { TextBox } from "../../ui/TextBox";
import { useServices } from "../services";
import styles from "./Invite.module.css";

const plain = ["sent", "already", "busy", "bad_address"] as const;

interface Props {
  id: string;
  onSent: () => void;
}

export function MailForm({ id, onSent }: Props) {
  const { t, i18n } = useTranslation();
  const { api } = useServices();
  const [pasted, setPasted] = useState("");
  const [language, setLanguage] = useState<"fr" | "en">(i18n.language === "en" ? "en" : "fr");
  const [outcomes, setOutcomes] = useState<MailOutcome[]>([]);
  const [failure, setFailure] = useState<FailureCode | "emails_required" | null>(null);
  const [isBusy, setBusy] = useState(false);
  const busy = outcomes.filter(({ outcome }) => outcome === "busy").map(({ email }) => email);

  async function send(emails: string[], insist: boolean) {
    if (emails.length === 0) return setFailure("emails_required");
    setBusy(true);
    setFailure(null);
    try {
      setOutcomes(await api.inviteByMail(id, { emails, language, insist }));
      setPasted("");
      onSent();
    } catch (error) {
      setFailure(codeOf(error));
    } finally {
      setBusy(false);
    }
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    void send(addressesIn(pasted), false);
  }

  function textOf({ email, outcome }: MailOutcome): string {
    const known = plain.find((code) => code === outcome);
    if (known) return t(`invite.outcome_${known}`, { email });
    const why = t(`error.${asFailureCode(outcome) ?? "server_error"}`);
    return t("invite.outcome_refused", { email, why });
  }

  return (
    <form className={styles.part} onSubmit={submit} noValidate aria-labelledby="invite-by-mail">
      <h3 id="invite-by-mail">{t("invite.by_mail")}</h3>
      <TextBox
        label={t("invite.emails")}
        hint={t("invite.emails_hint")}
        error={
          failure &&
          (failure === "emails_required" ? t("invite.emails_required") : t(`error.${failure}`))
        }
        value={pasted}
        onChange={(value) => {
          setPasted(value);
          setFailure(null);
        }}
        testId="invite-emails"
      />
      <Choice
        label={t("invite.language")}
        value={language}
        options={[
          { id: "fr", label: t("preferences.french"), lang: "fr" },
          { id: "en", label: t("preferences.english"), lang: "en" },
        ]}
        onChange={setLanguage}
      />
      <Button type="submit" look="primary" isDisabled={isBusy} data-testid="invite-send">
        {t("invite.send")}
      </Button>
      <div role="status" data-testid="invite-outcomes">
        <ul className={styles.outcomes}>
          {outcomes.map((outcome) => (
            <li key={outcome.email}>{textOf(outcome)}</li>
          ))}
        </ul>
      </div>
      {busy.length > 0 && (
        <Button data-testid="invite-anyway" onPress={() => void send(busy, true)}>
          {t("invite.anyway")}
        </Button>
      )}
    </form>
  );
}
