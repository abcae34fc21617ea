import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import styles from "./Pager.module.css";

interface Props {
  page: number;
  pages: number;
  onPage: (page: number) => void;
}

export function Pager({ page, pages, onPage }: Props) {
  const { t } = useTranslation();
  return (
    <nav className={styles.pager} aria-label={t("call.tiles")}>
      <Button
        look="quiet"
        square
        aria-label={t("call.previous_page")}
        isDisabled={page === 0}
        onPress={() => onPage(page - 1)}
      >
        <Icon name="previous" />
      </Button>
      <span aria-live="polite">{t("call.page", { page: page + 1, pages })}</span>
      <Button
        look="quiet"
        square
        aria-label={t("call.next_page")}
        isDisabled={page === pages - 1}
        onPress={() => onPage(page + 1)}
      >
        <Icon name="next" />
      </Button>
    </nav>
  );
}
