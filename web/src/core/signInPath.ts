// The sign-in page's address says where to go afterwards (`next`) and what went wrong elsewhere (`problem`).

/** The query of the sign-in page without what concerns that page alone. */
export function withoutSignIn(search: string): string {
  const query = new URLSearchParams(search);
  query.delete("next");
  query.delete("problem");
  query.delete("state");
  // `?debug` stays as it is written.
  return query.size === 0 ? "" : `?${query.toString().replace(/=(?=&|$)/g, "")}`;
}

export function signInPath(pathname: string, search: string): string {
  const kept = withoutSignIn(search);
  const isHome = !pathname.startsWith("/m/");
  const next = isHome ? "" : `next=${encodeURIComponent(pathname)}`;
  const query = [kept.slice(1), next].filter(Boolean).join("&");
  return query === "" ? "/sign-in" : `/sign-in?${query}`;
}

/** Where `next` leads, if it is a page of our own: the address bar may have been written by anybody. */
export function nextPath(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  return /^\/m\/[A-Za-z0-9_-]{1,64}$/.test(next) ? next : "/";
}

/** A page to go to, not to fetch: the way to the identity provider. */
export function singleSignOnPath(search: string): string {
  const next = nextPath(search);
  const query = next === "/" ? "" : `?next=${encodeURIComponent(next)}`;
  return `/api/v1/sign-in/oidc${query}`;
}

// What we gave to the identity provider to bring back after it signed this browser out.
const signedOutKey = "conclave.signed-out";

export function rememberSignOut(url: string): void {
  sessionStorage.setItem(signedOutKey, new URL(url).searchParams.get("state") ?? "");
}

/** Whether the browser comes back from being signed out there, as it was asked for here. */
export function comesFromSignOut(search: string): boolean {
  const state = new URLSearchParams(search).get("state");
  return state !== null && state !== "" && state === sessionStorage.getItem(signedOutKey);
}

/** What a sign-in elsewhere ended with: a code, or nothing. */
export function problemCode(search: string): string | null {
  return new URLSearchParams(search).get("problem");
}
