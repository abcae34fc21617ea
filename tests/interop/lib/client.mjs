// Participants in livekit-client, as it is shipped, in a browser. One page holds any number of them.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { openChromium, openFirefox } from "../../e2e/lib/browsers.mjs";
import { eventually } from "../../e2e/lib/wait.mjs";
import { patience } from "./native.mjs";

const library = new URL("../node_modules/livekit-client/dist/", import.meta.url);
const files = {
  "/": ["text/html", readFileSync(new URL("page.html", import.meta.url))],
  "/page.js": ["text/javascript", readFileSync(new URL("page.js", import.meta.url))],
  "/livekit.js": ["text/javascript", readFileSync(new URL("livekit-client.umd.js", library))],
  "/e2ee.worker.js": [
    "text/javascript",
    readFileSync(new URL("livekit-client.e2ee.worker.js", library)),
  ],
};

const flags = [
  "--auto-select-tab-capture-source-by-title=interop",
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** Runs in the page: whatever is negotiated, these codecs are not received. */
function forget(names) {
  const isKept = ({ mimeType }) => !names.includes(mimeType.split("/")[1]);
  const codecs = RTCRtpReceiver.getCapabilities("video").codecs.filter(isKept);
  for (const method of ["createOffer", "createAnswer"]) {
    const original = RTCPeerConnection.prototype[method];
    RTCPeerConnection.prototype[method] = function (...parameters) {
      for (const transceiver of this.getTransceivers()) {
        const isReceiver = transceiver.receiver.track.kind === "video" && !transceiver.sender.track;
        if (isReceiver) transceiver.setCodecPreferences(codecs);
      }
      return original.apply(this, parameters);
    };
  }
}

export const browsers = (process.env.BROWSERS ?? "chromium,firefox").split(",");

export class Browser {
  /** All that are asked for, by name. */
  static async openAll() {
    const all = await Promise.all(browsers.map((name) => Browser.open(name)));
    return Object.fromEntries(all.map((browser) => [browser.name, browser]));
  }

  /** `without`: names of video codecs that this browser shall not know as a receiver. */
  static async open(name, { without = [] } = {}) {
    const browser = new Browser();
    browser.name = name;
    browser.opened = await (name === "firefox"
      ? openFirefox()
      : openChromium({ look: "green", flags }));
    browser.page = browser.opened.page;
    browser.errors = [];
    browser.page.on("pageerror", (error) => browser.errors.push(String(error)));
    browser.files = createServer((request, response) => {
      const [type, body] = files[request.url] ?? [];
      response.writeHead(body ? 200 : 404, { "Content-Type": type ?? "text/plain" });
      response.end(body);
    }).listen(0, "127.0.0.1");
    await once(browser.files, "listening");
    await browser.page.goto(`http://localhost:${browser.files.address().port}/`);
    if (without.length > 0) await browser.page.evaluate(forget, without);
    return browser;
  }

  /** Whether the browser can send and receive this video codec. */
  speaks(codec) {
    return this.page.evaluate((mime) => {
      const knows = (kind) =>
        kind.getCapabilities("video").codecs.some((known) => known.mimeType.toLowerCase() === mime);
      return knows(RTCRtpSender) && knows(RTCRtpReceiver);
    }, `video/${codec}`);
  }

  async join(stage, room, identity, { path, token, ...options } = {}) {
    const client = new Client(this, `${room}/${identity}`, identity);
    const pass = token ?? (await stage.token(room, identity));
    const url = stage.url.replace(/^http/, "ws");
    const parameters = { name: client.name, url, token: pass, path, ...options };
    client.sid = await this.page.evaluate((all) => window.interop.join(all), parameters);
    return client;
  }

  async close() {
    await this.opened.close();
    this.files.close();
  }
}

export class Client {
  constructor(browser, name, identity) {
    Object.assign(this, { browser, name, identity });
  }

  /** Runs a function of (room, argument, interop) in the page. It may use nothing from outside itself. */
  do(action, argument) {
    return this.browser.page.evaluate(
      ([text, name, value]) => {
        // The text is a function of the test's own.
        // biome-ignore lint/security/noGlobalEval: there is no other way to hand a function over
        const run = globalThis.eval(`(${text})`);
        return run(window.interop.rooms.get(name), value, window.interop);
      },
      [String(action), this.name, argument ?? null],
    );
  }

  /** Until the function says something true in the page; returns that. */
  until(what, action, argument, timing) {
    const check = () => this.do(action, argument);
    return eventually(`${this.identity}: ${what}`, check, { ...patience, everyMs: 100, ...timing });
  }

  /** Publishes the browser's fake microphone: never silent for the encoder, as DTX is off. */
  speak(options) {
    return this.do(async (room, how) => {
      const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      await room.localParticipant.setMicrophoneEnabled(true, raw, how ?? undefined);
    }, options);
  }

  /** Publishes a moving picture of this size as a camera. */
  film({ width = 640, height = 360, framesPerSecond, ...options } = {}) {
    return this.do(
      async (room, [w, h, fps, how], interop) => {
        const { Track } = window.LivekitClient;
        const track = interop.drawing(w, h, fps ?? 15);
        await room.localParticipant.publishTrack(track, { source: Track.Source.Camera, ...how });
      },
      [width, height, framesPerSecond ?? null, options],
    );
  }

  received(identity, source) {
    return this.do(
      (room, [who, what], interop) => interop.received(room, who, what),
      [identity, source],
    );
  }

  sent(source) {
    return this.do((room, what, interop) => interop.sent(room, what), source);
  }

  /** Waits until what arrives of a track passes `accept(now, before)`, then until more has been decoded. */
  async gets(identity, source, accept = () => true, timing) {
    const [counter, what] = source === "microphone" ? ["energy", "hears"] : ["frames", "sees"];
    let before = null;
    return eventually(
      `${this.identity} ${what} ${identity} (${source})`,
      async () => {
        const now = await this.received(identity, source);
        const isMore = now && before && now[counter] > before[counter];
        const isRight = isMore && accept(now, before);
        before = now;
        if (!isRight) throw new Error(JSON.stringify(now));
        return now;
      },
      { ...patience, everyMs: 250, ...timing },
    );
  }

  sees(identity, source = "camera", accept, timing) {
    return this.gets(identity, source, accept, timing);
  }

  hears(identity) {
    return this.gets(identity, "microphone");
  }

  happens(event, details = {}, timing) {
    return this.until(
      event,
      (room, [name, wanted]) =>
        room.happened.find(
          (entry) =>
            entry.event === name &&
            Object.entries(wanted).every(([key, value]) => entry[key] === value),
        ),
      [event, details],
      timing,
    );
  }

  leave() {
    return this.browser.page.evaluate((name) => window.interop.leave(name), this.name);
  }
}
