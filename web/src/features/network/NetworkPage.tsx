import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { NetworkTester } from "../../core/network/run";
import { Button } from "../../ui/Button";
import { Spinner } from "../../ui/Spinner";
import { Frame } from "../frame/Frame";
import { MessagePage } from "../frame/MessagePage";
import { useServices } from "../services";
import { NetworkTest } from "./NetworkTest";

/** Whether a meeting would work from here, for everybody and before there is one. */
export function NetworkPage() {
  const { t } = useTranslation();
  const { createNetworkTester } = useServices();
  const [tester, setTester] = useState<NetworkTester | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: attempt asks again.
  useEffect(() => {
    let made: NetworkTester | null = null;
    let isGone = false;
    setFailed(false);
    createNetworkTester().then(
      (fresh) => {
        if (isGone) return fresh.dispose();
        made = fresh;
        setTester(fresh);
      },
      () => setFailed(true),
    );
    return () => {
      isGone = true;
      made?.dispose();
    };
  }, [createNetworkTester, attempt]);

  if (hasFailed) {
    return (
      <MessagePage icon="weak" title={t("network.title")} text={t("error.offline")}>
        <Button look="primary" onPress={() => setAttempt(attempt + 1)}>
          {t("app.retry")}
        </Button>
      </MessagePage>
    );
  }
  return (
    <Frame title={t("network.title")}>
      {tester ? <NetworkTest tester={tester} /> : <Spinner label={t("app.loading")} />}
    </Frame>
  );
}
