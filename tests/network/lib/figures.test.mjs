import assert from "node:assert/strict";
import { test } from "node:test";
import { freezesOf, judgeSteps, quantile, rateOf } from "./figures.mjs";
import { mergeRows, tableOf } from "./report.mjs";

/** Ten samples a second, of a link that carries `bps` and lets every packet wait for `waitMs`. */
function samples(from, to, bps, waitMs) {
  const all = [];
  for (let at = from + 100; at <= to; at += 100) {
    all.push({ at, up: { sent_bytes: bps(at) / 80, queue_ms: [waitMs(at)], overflowed: 0 } });
  }
  return all;
}

const rows = (from, to, frames) => {
  const all = [];
  for (let at = from; at <= to; at += 200) {
    all.push({ at, frames: frames(at), freezes: 0, frozen_s: 0, samples: at * 48, concealed: 0 });
  }
  return all;
};

test("a quantile is one of the values", () => {
  assert.equal(quantile([], 0.5), null);
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([1, 2, 3, 4, 100], 0.95), 100);
});

test("a rate is what left the queue in that time", () => {
  assert.equal(
    rateOf(
      samples(
        0,
        5000,
        () => 1_000_000,
        () => 0,
      ),
      "up",
      1000,
      2000,
    ),
    1_000_000,
  );
});

test("a freeze that never ends counts until the end", () => {
  assert.deepEqual(
    freezesOf(
      rows(0, 10_000, (at) => Math.min(at, 4000)),
      10_000,
    ),
    [{ from: 4000, to: 10_000 }],
  );
  assert.deepEqual(
    freezesOf(
      rows(0, 10_000, (at) => at),
      10_000,
    ),
    [],
  );
});

test("a run of steps says when a rise was filled, and what a drop cost", () => {
  const steps = [
    { at: 0, rate: 300_000, loss: 0, joined_ms: 1 },
    { at: 20_000, rate: 2_000_000, loss: 0.02 },
  ];
  const { rows: judged } = judgeSteps({
    server: "s",
    scenario: "steps-publisher",
    way: "up",
    steps,
    ended: 40_000,
    link: samples(
      0,
      40_000,
      (at) => (at <= 23_000 ? 300_000 : 1_800_000),
      (at) => (at <= 1000 ? 400 : 20),
    ),
    received: rows(0, 40_000, (at) => at),
    sent: rows(0, 40_000, (at) => at).map((row) => ({ ...row, sent_frames: (15 * row.at) / 1000 })),
    isBusy: false,
    framesPerSecond: 15,
  });
  const [whole, low, high] = judged;
  assert.equal(whole.machine_too_busy, false);
  assert.equal(whole.freezes_long, 0);
  assert.equal(low.settled_after_s, 1);
  assert.equal(low.utilisation, 1);
  assert.equal(high.utilisation, 0.9);
  // 80 % of a second's window has to be the new rate.
  assert.equal(whole.filled_after_s, 3.9);
  assert.match(tableOf([whole]), /filled_after_s +3\.9 +aim: at most 5, met/);
});

test("a newer row takes the place of the older one, and no other's", () => {
  const row = (server, scenario, x) => ({ server, scenario, x });
  assert.deepEqual(mergeRows([row("a", "s", 1), row("b", "s", 1)], [row("a", "s", 2)]), [
    row("b", "s", 1),
    row("a", "s", 2),
  ]);
});
