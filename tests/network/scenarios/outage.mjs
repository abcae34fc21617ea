// Nothing gets through for 25 s, in either direction, as in a tunnel or while a router restarts; then all as before.
import { sleep } from "../../e2e/lib/wait.mjs";
import { Call } from "../lib/call.mjs";
import { ownName } from "../lib/server.mjs";

const outageMs = 25_000;
const browsers = ["chromium", "firefox"];

async function cut(call, i) {
  const person = call.people[i];
  const idBefore = await call.meeting.chair.idOf(person.name);
  let returned = 0;
  const { backMs } = await call.disturb(
    async () => {
      call.links[i].cut();
      await sleep(outageMs);
      call.links[i].mend();
      returned = Date.now();
    },
    { settleMs: 6000, since: () => returned },
  );
  return {
    server: ownName,
    scenario: `outage-${browsers[i]}`,
    outage_ms: outageMs,
    back_ms: backMs,
    same_seat: (await call.meeting.chair.idOf(person.name)) === idBefore,
    nobody_twice: await call.isComplete(),
    machine_too_busy: call.isBusy(),
  };
}

export const seconds = 120;

export async function run(context) {
  const call = await Call.open("outage", {
    browsers,
    link: { delay: 20, jitter: 2 },
    folder: context.folder,
  });
  try {
    await call.meet();
    const rows = [];
    for (const i of browsers.keys()) rows.push(await cut(call, i));
    return rows;
  } finally {
    await call.close();
  }
}
