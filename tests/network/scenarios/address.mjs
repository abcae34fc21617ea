// From one network to another in mid-call: the address that the call used is gone, at once or a little later.
import { Call } from "../lib/call.mjs";
import { quantile } from "../lib/figures.mjs";
import { ownName } from "../lib/server.mjs";

const switchesEach = Number(process.env.SWITCHES ?? 12);
const overlapMs = 3000;

/** The old address goes as the new one comes, as when a cable is pulled while Wi-Fi is on. */
function hard(space, from, to) {
  space.give(to);
  space.take(from);
}

/** Both are there for a while, as when a phone leaves a building. */
async function soft(space, from, to) {
  space.give(to);
  await new Promise((resolve) => setTimeout(resolve, overlapMs));
  space.take(from);
}

async function measure(kind, walk, context) {
  const call = await Call.open(`address-${kind}`, {
    browsers: ["chromium", "chromium"],
    link: { delay: 20, jitter: 2 },
    folder: context.folder,
  });
  try {
    await call.meet();
    const [space] = call.spaces;
    const [anna] = call.people;
    const idBefore = await call.meeting.chair.idOf(anna.name);
    const heardBy = { up: [], down: [] };
    const afterKnown = [];
    let host = 2;
    for (let i = 0; i < switchesEach; i++) {
      const next = host + 1;
      const { gaps, at, backAt } = await call.disturb(() => walk(space, host, next));
      host = next;
      heardBy.up.push(gaps.Bruno);
      heardBy.down.push(gaps.Anna);
      const knewAt = await anna.page.evaluate(
        (one) => window.__watch.knewAt(one),
        space.address(next),
      );
      afterKnown.push(Math.max(0, backAt - Math.max(at, knewAt ?? at)));
    }
    const gaps = heardBy.up.map((up, i) => Math.max(up, heardBy.down[i]));
    return {
      server: ownName,
      scenario: `address-${kind}`,
      switches: switchesEach,
      gap_ms_p50: quantile(gaps, 0.5),
      gap_ms_p95: quantile(gaps, 0.95),
      gap_ms_max: Math.max(...gaps),
      known_gap_ms_p50: quantile(afterKnown, 0.5),
      known_gap_ms_p95: quantile(afterKnown, 0.95),
      gap_up_ms_p50: quantile(heardBy.up, 0.5),
      gap_down_ms_p50: quantile(heardBy.down, 0.5),
      same_seat: (await call.meeting.chair.idOf(anna.name)) === idBefore,
      nobody_twice: await call.isComplete(),
      machine_too_busy: call.isBusy(),
    };
  } finally {
    await call.close();
  }
}

export const seconds = 2 * (30 + switchesEach * 6);

export async function run(context) {
  return [await measure("hard", hard, context), await measure("soft", soft, context)];
}
