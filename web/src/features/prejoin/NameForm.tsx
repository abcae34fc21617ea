import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account } from "../../core/api/client";
import type { Call } from "../../core/call";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import styles from "./NameForm.module.css";

const nameErrors: ReadonlySet<string> = new Set(["name_required", "name_too_long"]);

export function NameForm({ call, account }: { call: Call; account: Account | null }) {
  const { t } = useTranslation();
  const [name, setName] = useState(() => call.store.get().name);
  const [isMissing, setMissing] = useState(false);
  const phase = useStore(call.store, (state) => state.phase);
  const refusal = useStore(call.store, (state) => state.refusal);
  const isJoining = phase === "joining";

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!account && name.trim() === "") return setMissing(true);
    call.send({ type: "join_asked", name: account?.name ?? name });
  }

  const refused = refusal && t(`error.${refusal}`);
  const isAboutName = refusal !== null && nameErrors.has(refusal);
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      {account ? (
        <p>{t("prejoin.as_agent", { name: account.name })}</p>
      ) : (
        <Field
          label={t("prejoin.name_label")}
          hint={t("prejoin.name_hint")}
          error={isMissing ? t("prejoin.name_required") : isAboutName ? refused : null}
          value={name}
          onChange={(value) => {
            setName(value);
            setMissing(false);
          }}
          autoComplete="name"
          autoFocus
          testId="name-field"
        />
      )}
      {refused && !isAboutName && (
        <p className={styles.refused} role="alert">
          <Icon name="warning" size={20} />
          {refused}
        </p>
      )}
      <Button type="submit" look="primary" wide isDisabled={isJoining} data-testid="join-button">
        {t(isJoining ? "prejoin.joining" : "prejoin.join")}
      </Button>
    </form>
  );
}
