import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OwnAccount } from "../../core/api/client";
import { codeOf, type FailureCode } from "../../core/problem";
import { Button } from "../../ui/Button";
import { Spinner } from "../../ui/Spinner";
import { useStore } from "../../ui/useStore";
import { Frame } from "../frame/Frame";
import { useServices } from "../services";
import styles from "./Account.module.css";
import { PasswordCard } from "./PasswordCard";
import { SessionsCard } from "./SessionsCard";
import { SignOutCard } from "./SignOutCard";

/** What one sees of one's own account and does about it. */
export function AccountPage() {
  const { t } = useTranslation();
  const { api, account, navigation } = useServices();
  const state = useStore(account.store, (current) => current);
  const [own, setOwn] = useState<OwnAccount | null>(null);
  const [failure, setFailure] = useState<FailureCode | null>(null);

  const load = useCallback(() => {
    setFailure(null);
    api.ownAccount().then(setOwn, (error: unknown) => {
      if (codeOf(error) === "sign_in_required") void account.load();
      setFailure(codeOf(error));
    });
  }, [api, account]);
  useEffect(load, [load]);

  const isOut = state.status === "known" && state.account === null;
  useEffect(() => {
    if (isOut) navigation.replace("/");
  }, [isOut, navigation]);

  return (
    <Frame title={t("account.mine")}>
      <h1 className={styles.title}>{t("account.mine")}</h1>
      {failure && (
        <div role="alert" className={styles.failed}>
          <p>{t(`error.${failure}`)}</p>
          <Button onPress={load}>{t("app.retry")}</Button>
        </div>
      )}
      {!own && !failure && <Spinner label={t("app.loading")} />}
      {own && (
        <div className={styles.cards}>
          <section className={styles.card}>
            <dl className={styles.facts}>
              <dt>{t("account.name")}</dt>
              <dd>{own.name}</dd>
              {own.email && (
                <>
                  <dt>{t("account.email")}</dt>
                  <dd>{own.email}</dd>
                </>
              )}
            </dl>
          </section>
          <SessionsCard />
          <PasswordCard right={own.password} onChanged={load} />
          {own.provider && <SignOutCard label={own.provider.label} />}
        </div>
      )}
    </Frame>
  );
}
