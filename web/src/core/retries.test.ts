import { describe, expect, it } from "vitest";
import { Retries } from "./retries";

describe("retries", () => {
  it("come at once where only this page lost its network, and once only", () => {
    const retries = new Retries(() => 0.5);
    retries.alone();
    expect(retries.nextRetryDelayInMs({ retryCount: 0, elapsedMs: 0 })).toBe(0);
    expect(retries.nextRetryDelayInMs({ retryCount: 0, elapsedMs: 0 })).toBe(250);
  });

  it("become rarer, and never rarer than a short outage of a network asks for", () => {
    const retries = new Retries(() => 1);
    const delays = [1, 2, 3, 4, 5, 30].map((retryCount) =>
      retries.nextRetryDelayInMs({ retryCount, elapsedMs: 1000 }),
    );
    expect(delays).toEqual([450, 900, 1800, 3000, 3000, 3000]);
  });

  it("end", () => {
    const retries = new Retries();
    expect(retries.nextRetryDelayInMs({ retryCount: 9, elapsedMs: 59_000 })).not.toBeNull();
    expect(retries.nextRetryDelayInMs({ retryCount: 9, elapsedMs: 61_000 })).toBeNull();
  });
});
