import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";

/** A long list is shown in part: a browser that draws a thousand rows is slow for everybody. */
export function MoreOfList({ hidden, onMore }: { hidden: number; onMore: () => void }) {
  const { t } = useTranslation();
  if (hidden <= 0) return null;
  return (
    <Button look="quiet" wide onPress={onMore}>
      {t("app.more", { count: hidden })}
    </Button>
  );
}
