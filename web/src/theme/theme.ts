export type Theme = "system" | "light" | "dark";

const key = "conclave.theme";
const isDarkDevice = () => matchMedia("(prefers-color-scheme: dark)");

export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

function show(theme: Theme): void {
  const dark = theme === "dark" || (theme === "system" && isDarkDevice().matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export function changeTheme(theme: Theme): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Storage may be refused; the choice then lasts as long as the page.
  }
  show(theme);
}

export function startTheme(): void {
  show(storedTheme());
  isDarkDevice().addEventListener("change", () => show(storedTheme()));
}
