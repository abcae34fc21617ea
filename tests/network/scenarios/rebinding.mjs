// The NAT in front of somebody forgets: what they send comes from another port, and nobody tells them.
import { Call } from "../lib/call.mjs";
import { quantile } from "../lib/figures.mjs";
import { ownName } from "../lib/server.mjs";

const times = Number(process.env.TIMES ?? 10);
const delay = 20;
const rttMs = 2 * delay;
const browsers = ["chromium", "firefox"];

async function rebind(call, i, what) {
  const gaps = { up: [], down: [] };
  for (let n = 0; n < times; n++) {
    const found = await call.disturb(() => call.links[i].rebind(what), { settleMs: 4000 });
    gaps.down.push(found.gaps[call.people[i].name]);
    gaps.up.push(found.gaps[call.people[1 - i].name]);
  }
  const all = gaps.up.map((up, n) => Math.max(up, gaps.down[n]));
  return {
    server: ownName,
    scenario: `rebinding-${browsers[i]}${what ? `-${what}` : ""}`,
    times,
    rtt_ms: rttMs,
    gap_ms_p50: quantile(all, 0.5),
    gap_ms_max: Math.max(...all),
    gap_up_ms_max: Math.max(...gaps.up),
    gap_down_ms_max: Math.max(...gaps.down),
    nobody_twice: await call.isComplete(),
    machine_too_busy: call.isBusy(),
  };
}

export const seconds = 40 + 3 * times * 5;

export async function run(context) {
  const call = await Call.open("rebinding", {
    browsers,
    link: { delay, jitter: 2 },
    folder: context.folder,
  });
  try {
    await call.meet();
    return [await rebind(call, 0, "udp"), await rebind(call, 1, "udp"), await rebind(call, 0, "")];
  } finally {
    await call.close();
  }
}
