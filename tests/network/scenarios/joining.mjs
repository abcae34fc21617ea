// Joining while packets are lost both ways: from the click to the other's picture and sound. The page has been
// loaded before; whoever has nothing but such a network would wait for that.
import { Call } from "../lib/call.mjs";
import { quantile } from "../lib/figures.mjs";
import { ownName } from "../lib/server.mjs";

const losses = [0.1, 0.2, 0.3, 0.5];
const joinsEach = Number(process.env.JOINS ?? 4);
const within = { fast: 5000, last: 30_000 };

/** In the page: when both a picture and sound of somebody else were there, since the click on the button. */
async function joinAndTime(ms) {
  document.querySelector('[data-testid="join-button"]').click();
  const began = performance.now();
  while (performance.now() - began < ms) {
    const { frames = 0, audio_packets: packets = 0 } = await window.__watch.look();
    if (frames > 0 && packets > 0) return Math.round(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return null;
}

async function cell(call, i, loss) {
  const [person, link] = [call.people[i], call.links[i]];
  const times = [];
  for (let n = 0; n < joinsEach; n++) {
    await person.page.goto(`${call.meeting.link}?debug`);
    await person.fill("name-field", person.name);
    await person.appears("join-button");
    link.change("both", { loss });
    times.push(await person.page.evaluate(joinAndTime, within.last));
    link.change("both", { loss: 0 });
    await person.page.evaluate(() => sessionStorage.clear());
    await person.page.goto("about:blank");
  }
  const joined = times.filter((ms) => ms !== null);
  return {
    server: ownName,
    scenario: `joining-${person.look === "firefox" ? "firefox" : "chromium"}-${Math.round(100 * loss)}`,
    loss_percent: 100 * loss,
    joins: times.length,
    joined_share: joined.length / times.length,
    joined_in_5_s_share: joined.filter((ms) => ms <= within.fast).length / times.length,
    join_ms_p50: quantile(joined, 0.5),
    join_ms_max: joined.length ? Math.max(...joined) : null,
    machine_too_busy: call.isBusy(),
  };
}

export const seconds = 40 + losses.length * 2 * joinsEach * 7;

export async function run(context) {
  const call = await Call.open("joining", {
    browsers: ["chromium", "firefox", "chromium"],
    link: [{ delay: 50 }, { delay: 50 }, { delay: 1 }],
    folder: context.folder,
  });
  try {
    await call.people[2].enter(call.meeting.link);
    const rows = [];
    for (const loss of losses) for (const i of [0, 1]) rows.push(await cell(call, i, loss));
    return rows;
  } finally {
    await call.close();
  }
}
