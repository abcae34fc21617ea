import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import { useServices } from "../services";
import styles from "./AccountButton.module.css";

export function AccountButton() {
  const { t } = useTranslation();
  const { account, navigation } = useServices();
  const state = useStore(account.store, (current) => current);
  const page = useStore(navigation.route, (route) => route.page);
  if (state.status !== "known") return null;
  if (!state.account) {
    // The front page has a place of its own for it.
    if (page === "sign-in" || page === "home") return null;
    return (
      <Button look="quiet" data-testid="sign-in" onPress={() => navigation.signIn()}>
        {t("account.sign_in")}
      </Button>
    );
  }
  return (
    <div className={styles.account}>
      <Button
        look="quiet"
        aria-label={t("account.mine_named", { name: state.account.name })}
        aria-current={page === "account" ? "page" : undefined}
        data-testid="account-button"
        onPress={() => navigation.go("/account")}
      >
        <Icon name="person" />
        <span className={styles.name}>{state.account.name}</span>
      </Button>
      <Button
        look="quiet"
        square
        aria-label={t("account.sign_out")}
        data-testid="sign-out"
        onPress={() => void account.signOut()}
      >
        <Icon name="signOut" />
      </Button>
    </div>
  );
}
