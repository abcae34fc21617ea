import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { readMeetingLink } from "../../core/meetingLink";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { useServices } from "../services";
import styles from "./Form.module.css";

export function JoinForm() {
  const { t } = useTranslation();
  const { navigation } = useServices();
  const [link, setLink] = useState("");
  const [error, setError] = useState<string | null>(null);

  function submit(event: FormEvent) {
    event.preventDefault();
    const reading = readMeetingLink(link, location.origin);
    if (reading.kind === "meeting") return navigation.go(`/m/${reading.id}`);
    setError(
      reading.kind === "elsewhere"
        ? t("home.join_elsewhere", { host: reading.host })
        : t("home.join_unreadable"),
    );
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Field
        label={t("home.join_label")}
        hint={t("home.join_hint")}
        placeholder={`${location.host}/m/…`}
        error={error}
        value={link}
        onChange={(value) => {
          setLink(value);
          setError(null);
        }}
        autoComplete="off"
        testId="link-field"
      />
      <Button type="submit" look="primary" wide data-testid="open-link-button">
        {t("home.join_action")}
        <Icon name="arrow" size={20} />
      </Button>
    </form>
  );
}
