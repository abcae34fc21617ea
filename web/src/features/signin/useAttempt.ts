import { useState } from "react";
import { codeOf, type FailureCode } from "../../core/problem";

/** One attempt at a time; what went wrong with it is for whoever shows the field. */
export function useAttempt(onFailure: (code: FailureCode) => void) {
  const [isBusy, setBusy] = useState(false);
  async function attempt(work: () => Promise<void>): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    try {
      await work();
    } catch (error) {
      onFailure(codeOf(error));
    } finally {
      setBusy(false);
    }
  }
  return { isBusy, attempt };
}
