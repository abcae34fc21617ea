import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Spinner } from "../../ui/Spinner";
import { useStore } from "../../ui/useStore";
import { Frame } from "../frame/Frame";
import { MessagePage } from "../frame/MessagePage";
import { useServices } from "../services";

/** Takes the secret out of the address at once, so that neither history nor a glance keeps it. */
function takeSecret(): string {
  const secret = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  return secret;
}

export function LinkSignIn() {
  const { t } = useTranslation();
  const { account, navigation } = useServices();
  const state = useStore(account.store, (current) => current);
  // A one-time secret must be sent once, and an effect may run twice.
  const secret = useRef<string | null>(null);
  const [stage, setStage] = useState<"working" | "answered">("working");

  useEffect(() => {
    if (secret.current !== null) return;
    secret.current = takeSecret();
    void account.signIn(secret.current).then(() => setStage("answered"));
  }, [account]);

  const isIn = stage === "answered" && state.status === "known" && state.account !== null;
  useEffect(() => {
    if (isIn) navigation.replace("/");
  }, [isIn, navigation]);

  if (stage === "working" || isIn) {
    return (
      <Frame title={t("sign_in.title")}>
        <Spinner label={t("sign_in.working")} />
      </Frame>
    );
  }
  const code = state.status === "failed" ? state.code : "sign_in_refused";
  const isRefused = code === "sign_in_refused" || code === "sign_in_required";
  const home = (
    <Button
      look="primary"
      onPress={() => {
        void account.load();
        navigation.replace("/");
      }}
    >
      {t("ended.home")}
    </Button>
  );
  return (
    <MessagePage
      icon="lock"
      title={t(isRefused ? "sign_in.refused" : "sign_in.failed")}
      text={isRefused ? t("sign_in.refused_text") : t(`error.${code}`)}
    >
      {home}
    </MessagePage>
  );
}
