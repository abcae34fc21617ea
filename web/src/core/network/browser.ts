import type { Api } from "../api/client";
import { openLine } from "./line";
import { startPattern } from "./pattern";
import { askForDevices, createNetworkTester, type NetworkTester } from "./run";

export function inThisBrowser(api: Api): NetworkTester {
  return createNetworkTester({
    api,
    openLine,
    startPattern,
    askForDevices,
    now: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
}
