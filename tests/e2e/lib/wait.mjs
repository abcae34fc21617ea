// Waiting for a condition: the tests run on slow, shared machines, so nothing here asserts how long it took.
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls `check` until it returns something true, and returns that. A failure says what was seen last. */
export async function eventually(what, check, { timeoutMs = 60_000, everyMs = 200 } = {}) {
  const deadline = Date.now() + timeoutMs;
  let last;
  for (;;) {
    try {
      last = await check();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) break;
    await sleep(everyMs);
  }
  const seen = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}; last seen: ${seen}`);
}

/** Fails when `check` turns true within the time. For what must not happen. */
export async function never(what, check, { forMs = 2000, everyMs = 200 } = {}) {
  const end = Date.now() + forMs;
  while (Date.now() < end) {
    if (await check()) throw new Error(`must not happen: ${what}`);
    await sleep(everyMs);
  }
}
