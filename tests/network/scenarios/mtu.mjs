// A path that carries packets of 1,280 bytes and swallows larger ones without a word. Connections of TCP are told by
// the router, as routers of such lines do.
import { eventually } from "../../e2e/lib/wait.mjs";
import { Call } from "../lib/call.mjs";
import { ownName } from "../lib/server.mjs";

const mtu = 1280;
const tcpHeaders = 40;

export const seconds = 60;

export async function run({ folder }) {
  const call = await Call.open("mtu", {
    browsers: ["chromium", "firefox"],
    link: { delay: 20, mtu },
    folder,
    prepare: (space) => {
      space.clampTcp(mtu - tcpHeaders);
      return {};
    },
  });
  try {
    await call.meet();
    const [anna, flora] = call.people;
    await anna.click("share-button");
    const height = await eventually("the screen is seen", async () => {
      const screen = await flora.tile(anna.name, "screen");
      return screen?.picture?.height;
    });
    await flora.keepsReceiving();
    for (const link of call.links) await link.stop();
    return [
      {
        server: ownName,
        scenario: `mtu-${mtu}`,
        met: await call.isComplete(),
        screen_height: height,
        swallowed: call.links.reduce(
          (sum, { totals }) => sum + totals.up.too_large + totals.down.too_large,
          0,
        ),
        machine_too_busy: call.isBusy(),
      },
    ];
  } finally {
    await call.close();
  }
}
