// Chromium by Playwright and Firefox by Puppeteer, each a process of its own with its own camera and
// microphone. Both give a page with goto, evaluate, click, type and reload.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";
import { looks, writeWav, writeY4m } from "./fake_media.mjs";
import { probeScript } from "./probe.mjs";

export const chromiumPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const firefoxPath = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  "--allow-loopback-in-peer-connection",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
  "--disable-background-networking",
  "--no-first-run",
  "--ignore-certificate-errors",
];

/**
 * Without `look`: the browser's own fake camera and microphone. `writeVideo` and `writeAudio` put others in their
 * place. `page` is open, `close` ends the process.
 */
export async function openChromium({
  look,
  locale = "en-US",
  size,
  colorScheme,
  flags = [],
  executablePath = chromiumPath,
  writeVideo = (path) => writeY4m(path, looks[look]),
  writeAudio = (path) => writeWav(path, looks[look]),
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), "conclave-e2e-media-"));
  const own = [];
  if (look) {
    writeVideo(join(folder, "camera.y4m"));
    writeAudio(join(folder, "microphone.wav"));
    own.push(
      `--use-file-for-fake-video-capture=${folder}/camera.y4m`,
      `--use-file-for-fake-audio-capture=${folder}/microphone.wav`,
    );
  }
  const browser = await chromium.launch({
    executablePath,
    args: [...chromiumArguments, ...own, ...flags],
  });
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    locale,
    colorScheme,
    viewport: size ?? { width: 1280, height: 720 },
  });
  context.setDefaultTimeout(60_000);
  await context.addInitScript(probeScript);
  return {
    page: await context.newPage(),
    context,
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `debuggingPort` is where its WebDriver BiDi is asked for; 0: any. */
export async function openFirefox({
  executablePath = firefoxPath,
  debuggingPort = 0,
  preferences = {},
  ...more
} = {}) {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath,
    debuggingPort,
    headless: true,
    acceptInsecureCerts: true,
    defaultViewport: { width: 1280, height: 720 },
    protocolTimeout: 120_000,
    extraPrefsFirefox: {
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
      "media.navigator.audio.fake_frequency": looks.firefox.tone,
      "media.peerconnection.ice.loopback": true,
      "media.peerconnection.ice.obfuscate_host_addresses": false,
      "media.autoplay.default": 0,
      "media.autoplay.block-webaudio": false,
      // Fetched from elsewhere at the first H.264 call; VP8 needs nothing.
      "media.gmp-manager.updateEnabled": false,
      "network.captive-portal-service.enabled": false,
      "network.connectivity-service.enabled": false,
      "network.prefetch-next": false,
      "network.dns.disablePrefetch": true,
      "intl.accept_languages": "en-US",
      ...preferences,
    },
    ...more,
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.evaluateOnNewDocument(probeScript);
  return { page, close: () => browser.close() };
}
