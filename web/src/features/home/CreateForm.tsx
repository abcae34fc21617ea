import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CreateMeetingRequest, Meeting } from "../../core/api/client";
import { codeOf, type FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Disclosure } from "../../ui/Disclosure";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { useServices } from "../services";
import { CreateOptions } from "./CreateOptions";
import styles from "./Form.module.css";

/** A title is enough: what is not chosen is as the organisation has it. */
export function CreateForm({ onCreated }: { onCreated: (meeting: Meeting) => void }) {
  const { t } = useTranslation();
  const { api } = useServices();
  const [title, setTitle] = useState("");
  const [options, setOptions] = useState<Omit<CreateMeetingRequest, "title">>({});
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const asked = title.trim();
    if (asked === "") return setFailure("title_required");
    setBusy(true);
    try {
      onCreated(await api.createMeeting({ ...options, title: asked }));
      setTitle("");
    } catch (error) {
      setFailure(codeOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Field
        label={t("home.create_label")}
        placeholder={t("home.create_placeholder")}
        error={failure && t(`error.${failure}`)}
        value={title}
        onChange={(value) => {
          setTitle(value);
          setFailure(null);
        }}
        maxLength={200}
        autoComplete="off"
        testId="title-field"
      />
      <Disclosure title={t("create.options")} level={3} testId="create-options">
        <CreateOptions
          options={options}
          onChange={(part) => {
            setOptions({ ...options, ...part });
            setFailure(null);
          }}
        />
      </Disclosure>
      <Button type="submit" look="primary" wide isDisabled={isBusy} data-testid="create-button">
        <Icon name="plus" size={20} />
        {t("home.create_action")}
      </Button>
    </form>
  );
}
