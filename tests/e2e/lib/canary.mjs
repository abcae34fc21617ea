// A page that tells when something in it runs that was only text: watched by somebody outside, so that nothing in
// the page can hush it up.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";

const mark = "\u2620 ";

/** Runs in the page before its own scripts; given to the browser as text. */
function installCanary(prefix) {
  const tell = (what, detail) => console.error(`${prefix}${location.origin} ${what} ${detail}`);
  const before = Object.getOwnPropertyNames(Object.prototype).join();
  for (const name of ["canary", "alert", "confirm", "prompt", "print"]) {
    const sing = (detail) => tell("ran", detail);
    Object.defineProperty(window, name, { value: sing, configurable: false, writable: false });
  }
  window.addEventListener("securitypolicyviolation", (event) =>
    tell("policy", `${event.effectiveDirective} ${event.blockedURI} ${event.sample}`),
  );
  window.__pollution = () =>
    Object.getOwnPropertyNames(Object.prototype).join() === before
      ? ""
      : "Object.prototype has changed";
}

export class Canary {
  /** With the origin of the page: "ran 12", "policy img-src http://..." */
  songs = [];
  /** Everything that the browser asked for. */
  requests = new Set();

  /** From the next page on. */
  static async watch(page) {
    const canary = new Canary();
    page.on("console", (message) => {
      const [, origin, song] = /^\u2620 (\S+) (.*)/su.exec(message.text()) ?? [];
      if (song) canary.songs.push({ origin, song });
    });
    page.on("dialog", (dialog) => {
      canary.songs.push({ origin: new URL(page.url()).origin, song: `dialog ${dialog.message()}` });
      void dialog.dismiss().catch(() => {});
    });
    page.on("request", (request) => canary.requests.add(request.url()));
    page.on("websocket", (socket) => canary.requests.add(socket.url()));
    const script = `(${installCanary})(${JSON.stringify(mark)})`;
    if (page.addInitScript) await page.addInitScript(script);
    else await page.evaluateOnNewDocument(script);
    return canary;
  }

  /** What is sung at this origin and begins so. */
  sung(origin, beginning) {
    return this.songs.filter((one) => one.origin === origin && one.song.startsWith(beginning));
  }

  /** Asked of others than these origins; what needs no network does not count. */
  strangers(origins) {
    const hosts = origins.map((origin) => new URL(origin).host);
    return [...this.requests].filter((address) => {
      const { protocol, host } = new URL(address);
      return !["blob:", "data:", "about:"].includes(protocol) && !hosts.includes(host);
    });
  }

  /** Also in frames without an origin; only what was sung there on purpose does not count. */
  assertSilent(origins, stage) {
    assert.deepEqual(
      this.songs.filter(({ origin }) => origin !== stage),
      [],
    );
    assert.deepEqual(this.strangers(origins), []);
    assert.ok(this.requests.size > 0, "requests are seen");
  }
}

/** Another origin: what the payloads would load from, or tell. It also serves pages of its own, by path. */
export class Elsewhere {
  hits = [];
  pages = new Map();

  static async start() {
    const elsewhere = new Elsewhere();
    elsewhere.server = createServer((request, response) => {
      const page = elsewhere.pages.get(request.url);
      if (!page && request.url !== "/favicon.ico") elsewhere.hits.push(request.url);
      response.writeHead(page ? 200 : 404, { "Content-Type": "text/html", ...page?.headers });
      response.end(page?.body);
    });
    elsewhere.server.on("upgrade", (request, socket) => {
      elsewhere.hits.push(request.url);
      socket.destroy();
    });
    elsewhere.server.listen(0, "127.0.0.1");
    await once(elsewhere.server, "listening");
    elsewhere.origin = `http://127.0.0.1:${elsewhere.server.address().port}`;
    return elsewhere;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
