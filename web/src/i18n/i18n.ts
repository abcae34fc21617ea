import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";
import { fr, type Messages } from "./fr";
import { type Language, preferredLanguage, storedLanguage, storeLanguage } from "./language";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: Messages };
    returnNull: false;
  }
}

function markDocument(language: string): void {
  document.documentElement.lang = language;
}

export async function startI18n(): Promise<void> {
  i18next.on("languageChanged", markDocument);
  await i18next.use(initReactI18next).init({
    resources: { fr: { translation: fr }, en: { translation: en } },
    lng: preferredLanguage(storedLanguage(), navigator.language),
    fallbackLng: "fr",
    // React escapes what it renders; escaping here too would show "&amp;" in people's names.
    interpolation: { escapeValue: false },
  });
}

export function changeLanguage(language: Language): void {
  storeLanguage(language);
  void i18next.changeLanguage(language);
}
