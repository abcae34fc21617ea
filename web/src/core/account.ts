import type { Account, Api } from "./api/client";
import { codeOf, type FailureCode } from "./problem";
import { createStore, type Store } from "./store";

type AccountState =
  | { status: "loading" }
  | { status: "known"; account: Account | null }
  | { status: "failed"; code: FailureCode };

export interface AccountKeeper {
  store: Store<AccountState>;
  load(): Promise<void>;
  signIn(secret: string): Promise<void>;
  /** Somebody has come in by another door. */
  enter(account: Account | null): void;
  signOut(): Promise<void>;
}

export function createAccountKeeper(api: Api): AccountKeeper {
  const store = createStore<AccountState>({ status: "loading" });
  async function settle(asked: Promise<Account | null>): Promise<void> {
    try {
      store.set({ status: "known", account: await asked });
    } catch (error) {
      store.set({ status: "failed", code: codeOf(error) });
    }
  }
  return {
    store,
    load: () => settle(api.account()),
    signIn: (secret) => settle(api.signIn(secret)),
    enter: (account) => store.set({ status: "known", account }),
    signOut: () => settle(api.signOut().then(() => null)),
  };
}
