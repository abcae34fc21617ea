import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { personalLink } from "../../core/meetingLink";
import { codeOf, type FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { CopyButton } from "../home/CopyButton";
import { useServices } from "../services";
import styles from "./Invite.module.css";

interface Props {
  id: string;
  onCreated: () => void;
}

export function LinkForm({ id, onCreated }: Props) {
  const { t } = useTranslation();
  const { api } = useServices();
  const [name, setName] = useState("");
  const [link, setLink] = useState<string | null>(null);
  const [failure, setFailure] = useState<FailureCode | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setFailure(null);
    try {
      setLink(personalLink(location.origin, id, await api.invite(id, name.trim())));
      setName("");
      onCreated();
    } catch (error) {
      setFailure(codeOf(error));
    }
  }

  return (
    <form className={styles.part} onSubmit={submit} noValidate aria-labelledby="invite-by-link">
      <h3 id="invite-by-link">{t("invite.by_link")}</h3>
      <p className={styles.hint}>{t("invite.by_link_text")}</p>
      <Field
        label={t("invite.name")}
        error={failure && t(`error.${failure}`)}
        value={name}
        onChange={setName}
        maxLength={200}
        autoComplete="off"
        testId="invite-name"
      />
      <Button type="submit" data-testid="invite-link">
        {t("invite.create")}
      </Button>
      {link && (
        <div className={styles.created} role="status">
          <output className={styles.link} aria-label={t("invite.link")} data-testid="personal-link">
            {link}
          </output>
          <CopyButton text={link} label={t("invite.copy")} />
          <p className={styles.hint}>{t("invite.once")}</p>
        </div>
      )}
    </form>
  );
}
