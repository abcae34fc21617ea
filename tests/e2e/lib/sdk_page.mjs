// A page of somebody else: livekit-client as it is shipped, served by the test itself.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Attendee } from "./attendee.mjs";

const library = readFileSync(
  new URL("../node_modules/livekit-client/dist/livekit-client.umd.js", import.meta.url),
);
const html = `<!doctype html><meta charset="utf-8"><title>SDK</title><body><script src="/livekit.js"></script>`;

/** Runs in the page. Elements are marked as the product's are, so that an Attendee can look at them. */
async function joinRoom({ url, token, options }) {
  const { Room, RoomEvent, Track, TrackEvent } = window.LivekitClient;
  const room = new Room(options);
  window.__conclave_room = room;
  window.__data = [];
  room
    .on(RoomEvent.TrackSubscribed, (track, _, person) => {
      const element = track.attach();
      const tile = document.createElement("div");
      track.once(TrackEvent.ElementDetached, () => tile.remove());
      document.body.append(tile);
      tile.append(element);
      if (track.kind === Track.Kind.Audio) return;
      Object.assign(tile.dataset, { testid: "tile", name: person.identity, source: "camera" });
    })
    .on(RoomEvent.DataReceived, (bytes, person, _, topic) =>
      window.__data.push({
        text: new TextDecoder().decode(bytes),
        from: person?.identity,
        topic,
      }),
    );
  await room.connect(url, token);
  await room.localParticipant.enableCameraAndMicrophone();
}

export class SdkPage extends Attendee {
  /** `look` "firefox" for that browser, another one for Chromium. */
  static async open(look, name) {
    const { browser } = await (look === "firefox"
      ? Attendee.inFirefox(name)
      : Attendee.inChromium(look, name));
    const page = new SdkPage(browser, look, name);
    page.files = createServer((request, response) => {
      const isLibrary = request.url === "/livekit.js";
      response.setHeader("Content-Type", isLibrary ? "text/javascript" : "text/html");
      response.end(isLibrary ? library : html);
    }).listen(0, "127.0.0.1");
    await once(page.files, "listening");
    await page.page.goto(`http://localhost:${page.files.address().port}/`);
    return page;
  }

  join(url, token, options = {}) {
    return this.page.evaluate(joinRoom, { url: url.replace(/^http/, "ws"), token, options });
  }

  /** One of livekit-client's own, such as "signal-reconnect"; returns once the client says that it is back. */
  simulate(scenario) {
    return this.page.evaluate(async (what) => {
      const room = window.__conclave_room;
      const back = new Promise((resolve, reject) => {
        room.once(window.LivekitClient.RoomEvent.Reconnected, resolve);
        setTimeout(() => reject(new Error(`not back 40 s after ${what}`)), 40_000);
      });
      await room.simulateScenario(what);
      await back;
    }, scenario);
  }

  people() {
    return this.page.evaluate(() => [...window.__conclave_room.remoteParticipants.keys()]);
  }

  send(text, options) {
    return this.page.evaluate(
      ([words, how]) =>
        window.__conclave_room.localParticipant.publishData(new TextEncoder().encode(words), how),
      [text, options],
    );
  }

  /** How many audio and video streams have brought something. */
  streamsReceived() {
    return this.page.evaluate(async () => {
      const { publisher, subscriber } = window.__conclave_room.engine.pcManager;
      const stats = await (subscriber ?? publisher).getStats();
      const all = [...stats.values()];
      return all.filter((one) => one.type === "inbound-rtp" && one.packetsReceived > 0).length;
    });
  }

  received() {
    return this.page.evaluate(() => window.__data);
  }

  async close() {
    await super.close();
    this.files.close();
  }
}
