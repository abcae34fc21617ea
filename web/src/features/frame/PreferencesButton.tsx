import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { DisplayChoices } from "./DisplayChoices";

export function PreferencesButton() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        look="quiet"
        square
        aria-label={t("preferences.open")}
        data-testid="preferences-button"
        onPress={() => setOpen(true)}
      >
        <Icon name="language" />
      </Button>
      <Dialog
        title={t("preferences.open")}
        closeLabel={t("app.close")}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
      >
        <DisplayChoices />
      </Dialog>
    </>
  );
}
