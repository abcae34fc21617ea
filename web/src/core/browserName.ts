// Names are the same in every language.
const browsers: Record<string, string> = {
  firefox: "Firefox",
  chrome: "Chrome",
  edge: "Edge",
  safari: "Safari",
  opera: "Opera",
};
const systems: Record<string, string> = {
  windows: "Windows",
  macos: "macOS",
  linux: "Linux",
  android: "Android",
  ios: "iOS",
};

/** Empty: nothing that a person would recognise. */
export function browserName(browser: string): string {
  return browsers[browser] ?? "";
}

export function systemName(system: string): string {
  return systems[system] ?? "";
}
