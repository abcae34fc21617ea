import { createContext, useContext } from "react";
import type { AccountKeeper } from "../core/account";
import type { Api } from "../core/api/client";
import type { OpenLive } from "../core/call";
import type { MediaEngine } from "../core/engine";
import type { Navigation } from "../core/navigation";
import type { NetworkTester } from "../core/network/run";
import type { Memory } from "../core/storage";

/** What the pages are given instead of reaching for it, so that a fixture can stand in for the server. */
export interface Services {
  api: Api;
  memory: Memory;
  account: AccountKeeper;
  navigation: Navigation;
  /** Asynchronous because the media library is large and only a meeting needs it. */
  createEngine: () => Promise<MediaEngine>;
  openLive: OpenLive;
  createNetworkTester: () => Promise<NetworkTester>;
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error("A page was rendered outside of ServicesContext.");
  return services;
}
