// The capacity of a link changes under a call: as for whoever shares a home link with a film, or rides a train.
import { tokenOf } from "../../e2e/lib/token.mjs";
import { eventually, sleep } from "../../e2e/lib/wait.mjs";
import { judgeSteps } from "../lib/figures.mjs";
import { Link } from "../lib/link.mjs";
import { inChromium, watch, watched } from "../lib/people.mjs";
import { framesPerSecond } from "../lib/scene.mjs";
import { joinWithSdk, openSdkPage } from "../lib/sdk.mjs";
import { ownName, SiteServer } from "../lib/server.mjs";
import { Space } from "../lib/spaces.mjs";

export const steps = [
  { rate: 5_000_000, loss: 0 },
  { rate: 1_000_000, loss: 0 },
  { rate: 300_000, loss: 0 },
  { rate: 2_000_000, loss: 0.02 },
];
const stepSeconds = Number(process.env.STEP_SECONDS ?? 20);
// 80 ms of round trip over both links, and room for two seconds at 1 Mbit/s: routers at home have deep queues.
const shaped = { delay: 35, jitter: 0, queue: 250_000 };
const wide = { delay: 5, jitter: 0 };

async function open(space, name, { folder, media }) {
  const person = await inChromium(space, name, { folder, media });
  await openSdkPage(person);
  return person;
}

/** `way` is the one that changes: of the publisher's link "up", of the subscriber's "down". */
async function measure(host, way, { folder, media }) {
  const spaces = [Space.make(), Space.make()];
  const bad = way === "up" ? 0 : 1;
  const links = spaces.map((space, i) => Link.start(space, i === bad ? shaped : wide));
  const people = [];
  try {
    for (const [i, name] of ["Anna", "Bruno"].entries()) {
      people.push(await open(spaces[i], name, { folder, media }));
    }
    const [publisher, subscriber] = people;
    links[bad].change(way, { rate: steps[0].rate });
    const room = `steps-${way}-${Date.now()}`;
    const join = async (person, publish) => {
      const token = await tokenOf(host.api, room, person.name);
      await joinWithSdk(person, { url: host.url, token, publish });
    };
    await join(subscriber, false);
    const began = Date.now();
    await join(publisher, true);
    await eventually("the subscriber decodes", async () => (await subscriber.framesDecoded()) > 0);
    await watch(publisher);
    await watch(subscriber);
    const stepped = [];
    for (const [i, { rate, loss }] of steps.entries()) {
      links[bad].change(way, { rate, loss });
      stepped.push({ at: Date.now(), rate, loss });
      if (i === 0) stepped[0].joined_ms = Date.now() - began;
      await sleep(1000 * stepSeconds);
    }
    const ended = Date.now();
    const received = await watched(subscriber);
    const sent = await watched(publisher);
    for (const link of links) await link.stop();
    return judgeSteps({
      server: host.name,
      scenario: `steps-${way === "up" ? "publisher" : "subscriber"}`,
      way,
      steps: stepped,
      ended,
      link: links[bad].samples,
      received: received.rows,
      sent: sent.rows,
      isBusy: links.some((link) => link.isLate()),
      framesPerSecond,
    });
  } finally {
    for (const person of people) await person.close();
    for (const link of links) if (!link.totals) await link.stop();
    for (const space of spaces) space.remove();
  }
}

export const seconds = 2 * (steps.length * stepSeconds + 15);

/** Another server that speaks LiveKit, on this machine (docs/network.md); none unless it is named. */
function otherHost() {
  const { NETWORK_SERVER: url, NETWORK_API_KEY: key, NETWORK_API_SECRET: secret } = process.env;
  const name = process.env.NETWORK_SERVER_NAME ?? "livekit-server";
  return url ? [{ name, url, api: { key, secret } }] : [];
}

export async function run(context) {
  const server = await SiteServer.open("steps");
  const own = { name: ownName, url: server.url, api: await server.createKey("steps") };
  try {
    const rows = [];
    for (const host of [own, ...otherHost()]) {
      for (const way of ["up", "down"]) rows.push(await measure(host, way, context));
    }
    return rows;
  } finally {
    await server.stop();
  }
}
