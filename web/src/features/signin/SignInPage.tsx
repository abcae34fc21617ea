import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Doors as DoorsThere } from "../../core/api/client";
import { codeOf, type FailureCode } from "../../core/problem";
import { nextPath } from "../../core/signInPath";
import { Button } from "../../ui/Button";
import { Spinner } from "../../ui/Spinner";
import { useStore } from "../../ui/useStore";
import { Frame } from "../frame/Frame";
import { useServices } from "../services";
import { Doors } from "./Doors";
import { LinkSignIn } from "./LinkSignIn";
import styles from "./SignIn.module.css";

/** A one-time link brings its secret in the fragment; without one, all the other doors. */
export function SignInPage() {
  // The fragment is taken out of the address at once, so what the page began with counts.
  const [hasLink] = useState(() => location.hash.length > 1);
  return hasLink ? <LinkSignIn /> : <DoorsPage />;
}

function DoorsPage() {
  const { t } = useTranslation();
  const { api, account, navigation } = useServices();
  const state = useStore(account.store, (current) => current);
  const [doors, setDoors] = useState<DoorsThere | null>(null);
  const [failure, setFailure] = useState<FailureCode | null>(null);
  const [attempts, setAttempts] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempts` asks once more.
  useEffect(() => {
    setFailure(null);
    void account.load();
    api.doors().then(setDoors, (error: unknown) => setFailure(codeOf(error)));
  }, [api, account, attempts]);

  const isIn = state.status === "known" && state.account !== null;
  useEffect(() => {
    if (isIn) navigation.replace(nextPath(location.search));
  }, [isIn, navigation]);

  if (failure) {
    return (
      <Frame title={t("sign_in.title")}>
        <div className={styles.card} role="alert">
          <p>{t(`error.${failure}`)}</p>
          <Button onPress={() => setAttempts(attempts + 1)}>{t("app.retry")}</Button>
        </div>
      </Frame>
    );
  }
  const isReady = doors && state.status !== "loading" && !isIn;
  return (
    <Frame title={t("sign_in.title")}>
      {isReady ? <Doors doors={doors} /> : <Spinner label={t("app.loading")} />}
    </Frame>
  );
}
