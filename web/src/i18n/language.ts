export type Language = "fr" | "en";

const key = "conclave.language";

export function preferredLanguage(stored: string | null, browser: string): Language {
  if (stored === "fr" || stored === "en") return stored;
  return browser.toLowerCase().startsWith("fr") ? "fr" : "en";
}

export function storedLanguage(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function storeLanguage(language: Language): void {
  try {
    localStorage.setItem(key, language);
  } catch {
    // Storage may be refused; the choice then lasts as long as the page.
  }
}
