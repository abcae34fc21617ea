import { type Route, routeOf } from "./route";
import { signInPath, withoutSignIn } from "./signInPath";
import { createStore, type Store } from "./store";

export interface Navigation {
  route: Store<Route>;
  go(path: string): void;
  /** Without leaving the present page in the history. */
  replace(path: string): void;
  /** To the sign-in page, which leads back here. */
  signIn(): void;
}

/** The address bar as a store. The query is kept, so that `?debug` follows a test from page to page. */
export function createNavigation(): Navigation {
  const route = createStore(routeOf(location.pathname));
  window.addEventListener("popstate", () => route.set(routeOf(location.pathname)));
  function show(path: string): void {
    route.set(routeOf(path));
    window.scrollTo(0, 0);
  }
  return {
    route,
    go(path) {
      history.pushState(null, "", path + withoutSignIn(location.search));
      show(path);
    },
    replace(path) {
      history.replaceState(null, "", path + withoutSignIn(location.search));
      show(path);
    },
    signIn() {
      history.pushState(null, "", signInPath(location.pathname, location.search));
      show("/sign-in");
    },
  };
}
