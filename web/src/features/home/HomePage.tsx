import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Spinner } from "../../ui/Spinner";
import { useStore } from "../../ui/useStore";
import { Frame } from "../frame/Frame";
import { useServices } from "../services";
import { AgentHome } from "./AgentHome";
import { GuestHome } from "./GuestHome";
import styles from "./HomePage.module.css";

export function HomePage() {
  const { t } = useTranslation();
  const { account } = useServices();
  const state = useStore(account.store, (current) => current);
  return (
    <Frame title={t("app.home")}>
      {state.status === "loading" && <Spinner label={t("app.loading")} />}
      {state.status === "failed" && (
        <div className={styles.failed} role="alert">
          <p>{t(`error.${state.code}`)}</p>
          <Button onPress={() => void account.load()}>{t("app.retry")}</Button>
        </div>
      )}
      {state.status === "known" &&
        (state.account ? <AgentHome name={state.account.name} /> : <GuestHome />)}
    </Frame>
  );
}
