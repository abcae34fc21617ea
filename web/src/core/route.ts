import { isMeetingId } from "./meetingLink";

export type Route =
  | { page: "home" }
  | { page: "sign-in" }
  | { page: "account" }
  | { page: "network" }
  | { page: "meeting"; id: string }
  | { page: "not-found" };

export function routeOf(pathname: string): Route {
  const path = pathname.length > 1 ? pathname.replace(/\/$/, "") : pathname;
  if (path === "/") return { page: "home" };
  if (path === "/sign-in") return { page: "sign-in" };
  if (path === "/account") return { page: "account" };
  if (path === "/network") return { page: "network" };
  const id = /^\/m\/([^/]+)$/.exec(path)?.[1];
  if (id && isMeetingId(id)) return { page: "meeting", id };
  return { page: "not-found" };
}
