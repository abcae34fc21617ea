import { useTranslation } from "react-i18next";
import { Icon } from "../../ui/Icon";
import styles from "./Network.module.css";

/** Opens a page of its own: whoever waits at a meeting's door stays there. */
export function NetworkLink() {
  const { t } = useTranslation();
  return (
    <a
      className={styles.link}
      href="/network"
      target="_blank"
      rel="noopener"
      data-testid="network-link"
    >
      <Icon name="signal" size={20} />
      {t("network.link")}
    </a>
  );
}
