import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { useStore } from "../../ui/useStore";
import { useServices } from "../services";
import styles from "./AccountButton.module.css";

export function AccountButton() {
  const { t } = useTranslation();
  const { account } = useServices();
  const state = useStore(account.store, (current) => current);
  if (state.status !== "known" || !state.account) return null;
  return (
    <div className={styles.account}>
      <span className={styles.name}>{state.account.name}</span>
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
