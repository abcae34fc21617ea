import { useState } from "react";
import { useTranslation } from "react-i18next";
import { changeLanguage } from "../../i18n/i18n";
import { changeTheme, storedTheme, type Theme } from "../../theme/theme";
import { Choice } from "../../ui/Choice";

export function DisplayChoices() {
  const { t, i18n } = useTranslation();
  const [theme, setTheme] = useState<Theme>(storedTheme);
  return (
    <>
      <Choice
        label={t("preferences.language")}
        value={i18n.language === "en" ? "en" : "fr"}
        // Each language is written in itself, for the person who cannot read the other.
        options={[
          { id: "fr", label: t("preferences.french"), lang: "fr" },
          { id: "en", label: t("preferences.english"), lang: "en" },
        ]}
        onChange={changeLanguage}
      />
      <Choice
        label={t("preferences.theme")}
        value={theme}
        options={[
          { id: "system", label: t("preferences.theme_system") },
          { id: "light", label: t("preferences.theme_light") },
          { id: "dark", label: t("preferences.theme_dark") },
        ]}
        onChange={(next) => {
          setTheme(next);
          changeTheme(next);
        }}
      />
    </>
  );
}
