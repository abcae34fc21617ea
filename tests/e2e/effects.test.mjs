// What is done to one's own picture and sound on one's own computer: no frame of the room gets out, whatever happens
// meanwhile, and of a noisy sound the voice does. Anna sits in a striped room with a noisy machine; Bruno receives.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { Attendee } from "./lib/attendee.mjs";
import { writeNoisyVoice, writeStripes } from "./lib/fake_media.mjs";
import { check } from "./lib/inspect.mjs";
import { Server } from "./lib/server.mjs";
import { eventually, never, sleep } from "./lib/wait.mjs";

let server;
let meeting;
let anna;
let bruno;
const open = [];
const requests = new Set();

/** Without a graphics card a large picture takes most of a second. */
function smallCamera() {
  const devices = navigator.mediaDevices;
  const original = devices.getUserMedia.bind(devices);
  const size = { width: 320, height: 180 };
  devices.getUserMedia = ({ video, audio }) =>
    original({ audio, video: video && { ...(video === true ? {} : video), ...size } });
  MediaStreamTrack.prototype.applyConstraints = async () => {};
}

async function visit(look, name, options = {}) {
  // The machine that runs the tests has no graphics card.
  const flags = ["--enable-unsafe-swiftshader", "--use-angle=swiftshader"];
  const person = await Attendee.inChromium(look, name, { flags, ...options });
  open.push(person);
  await person.browser.context.addInitScript(smallCamera);
  person.page.on("request", (request) => requests.add(request.url()));
  return person;
}

/** Every picture that an element shows is looked at as it comes. How sharp its corners were at most: 0 to 255. */
function watchSharpness({ page }, selector) {
  return page.evaluate((wanted) => {
    const canvas = new OffscreenCanvas(320, 32);
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const corner = 30;
    const seen = { sharpest: 0, frames: 0 };
    window.seenPictures = seen;
    const look = (video) => {
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
      // The corners: in the middle the filter may take some of the stripes for a person.
      for (const left of [0, canvas.width - corner]) {
        const { data } = pen.getImageData(left, 1, corner, 1);
        for (let x = 4; x < corner; x++) {
          const step = Math.abs(data[4 * x] - data[4 * (x - 4)]);
          seen.sharpest = Math.max(seen.sharpest, step);
        }
        seen.colour = [...data.slice(0, 3)];
      }
      seen.frames += 1;
    };
    const watched = new WeakSet();
    window.pictureWatch = setInterval(() => {
      const video = document.querySelector(wanted);
      if (!video || watched.has(video)) return;
      watched.add(video);
      const next = () => {
        if (video.videoWidth > 0) look(video);
        video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
    }, 10);
  }, selector);
}

const seen = ({ page }) => page.evaluate(() => ({ ...window.seenPictures }));
const forget = ({ page }) =>
  page.evaluate(() => Object.assign(window.seenPictures, { sharpest: 0, frames: 0 }));

/** Well above what is left of stripes in a blurred room or of the outline of nobody, well below a stripe. */
const isSharp = 120;
const annaAtBruno = '[data-testid="tile"][data-name="Anna"] video';

async function arrive(person, frames = 4) {
  await forget(person);
  await eventually("pictures arrive", async () => (await seen(person)).frames >= frames);
}

/** What was seen before still counts. */
async function more(person) {
  const before = (await seen(person)).frames;
  await eventually("more pictures arrive", async () => (await seen(person)).frames > before + 2);
}

const chosen = (person, id) =>
  person.page.evaluate(
    (wanted) => document.querySelector(`[data-testid="${wanted}"]`)?.hasAttribute("data-selected"),
    id,
  );

async function settle(person, id) {
  await person.click("more-button");
  await person.click("menu-settings");
  await person.click(id);
  await person.page.keyboard.press("Escape");
}

before(async () => {
  server = await Server.start("effects");
  meeting = await server.openMeeting("Télétravail");
  bruno = await visit("green", "Bruno");
  await bruno.enter(meeting.link);
  await watchSharpness(bruno, annaAtBruno);
  anna = await visit("red", "Anna", { writeVideo: writeStripes, writeAudio: writeNoisyVoice });
});

after(async () => {
  await Promise.all(open.map((person) => person.close()));
  meeting?.chair.close();
  await server?.stop();
});

test("nothing of it is fetched before it is chosen, and then from this server alone", async () => {
  await anna.page.goto(`${meeting.link}?debug`);
  await anna.appears("background");
  await anna.appears("mic-level");
  const isEffect = (url) => /segmentation|wasm|worklet|background-|noise-/i.test(url);
  assert.deepEqual([...requests].filter(isEffect), []);
  await watchSharpness(anna, '[data-testid="preview"] video');
  await eventually("the room is seen in the preview", async () => {
    return (await seen(anna)).sharpest > isSharp;
  });
  await anna.click("background-blur");
  await eventually("the program is fetched", () =>
    [...requests].some((url) => /\.wasm$/.test(url)),
  );
  const host = new URL(server.url).host;
  const foreign = [...requests].filter((url) => {
    const { protocol, host: asked } = new URL(url);
    return !["blob:", "data:"].includes(protocol) && asked !== host;
  });
  assert.deepEqual(foreign, []);
});

test("what is served names no place of a library from which it could fetch itself", () => {
  const folder = resolve(import.meta.dirname, "../../web/dist/assets");
  const scripts = readdirSync(folder).filter((name) => name.endsWith(".js"));
  assert.ok(scripts.some((name) => name.startsWith("selfie_segmentation")));
  for (const name of scripts) {
    const text = readFileSync(resolve(folder, name), "utf8");
    assert.doesNotMatch(text, /jsdelivr|unpkg\.com|cdnjs|googleapis|gstatic/, name);
  }
});

test("the preview shows the room blurred, and the choice is remembered", async () => {
  await eventually("the room is blurred", async () => {
    await arrive(anna);
    return (await seen(anna)).sharpest < isSharp;
  });
  await check(anna, "effects-preview");
  await anna.page.reload();
  await anna.appears("background");
  assert.ok(await chosen(anna, "background-blur"));
  await watchSharpness(anna, '[data-testid="preview"] video');
  await arrive(anna, 8);
  assert.ok((await seen(anna)).sharpest < isSharp, "not one picture of the room after the reload");
});

test("no picture of the room reaches anybody: at the start, muted and back, another camera, a new connection", async () => {
  await anna.fill("name-field", "Anna");
  await anna.click("join-button");
  await anna.appears("leave-button");
  await eventually("Anna is seen", async () => (await seen(bruno)).frames > 4);
  const { page } = anna;

  await anna.click("camera-button");
  await eventually("she is gone", async () => !(await bruno.tile("Anna"))?.picture);
  await anna.click("camera-button");
  await more(bruno);

  await page.evaluate(() =>
    window.__conclave_room.localParticipant.getTrackPublication("camera").track.restartTrack(),
  );
  await more(bruno);
  await page.evaluate(() => window.__conclave_room.simulateScenario("full-reconnect"));
  await sleep(1000);
  await more(bruno);
  await page.reload();
  await anna.appears("leave-button");
  await sleep(1000);
  await more(bruno);
  const { sharpest } = await seen(bruno);
  assert.ok(sharpest < isSharp, `a picture as sharp as ${sharpest}`);
});

test("one colour takes the room's place, in the call, and the room is shown when it is asked for", async () => {
  await settle(anna, "background-plain");
  await eventually("the colour is seen", async () => {
    const { colour } = await seen(bruno);
    return Math.abs(colour[0] - 0x33) < 14 && Math.abs(colour[2] - 0x5c) < 14;
  });
  await settle(anna, "background-none");
  await eventually("the room is seen", async () => (await seen(bruno)).sharpest > isSharp);
  await settle(anna, "background-blur");
  await eventually("it is blurred again", async () => {
    await arrive(bruno);
    return (await seen(bruno)).sharpest < isSharp;
  });
  await anna.click("more-button");
  await anna.click("menu-settings");
  await check(anna, "effects-settings");
  await anna.page.keyboard.press("Escape");
});

test("where it cannot work nobody is shown, and words say so", async () => {
  const eve = await visit("magenta", "Eve", { writeVideo: writeStripes });
  await eve.browser.context.route(/selfie_segmentation.*\.wasm$/, (route) => route.abort());
  await eve.page.goto(`${meeting.link}?debug`);
  await eve.click("background-blur");
  await eve.appears("background-banner");
  await watchSharpness(eve, '[data-testid="preview"] video');
  await arrive(eve);
  await never("the room is seen", async () => (await seen(eve)).sharpest > isSharp);
  await check(eve, "effects-failed");
  await eve.click("background-show");
  await eventually(
    "it is, once that is asked for",
    async () => (await seen(eve)).sharpest > isSharp,
  );
  await eve.close();
});

/** How loud what Bruno hears is in its quiet and in its loud moments, in decibels, over some seconds. */
function loudness({ page }) {
  return page.evaluate(async () => {
    const audio = [...document.querySelectorAll("audio")].find(({ srcObject }) => srcObject);
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(audio.srcObject).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const levels = [];
    for (let look = 0; look < 120; look++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      analyser.getFloatTimeDomainData(samples);
      const energy = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
      levels.push(10 * Math.log10(energy + 1e-12));
    }
    await context.close();
    levels.sort((a, b) => a - b);
    return { quiet: levels[24], loud: levels[108] };
  });
}

test("of a noisy sound the voice gets through, and the noise does not", async () => {
  await bruno.click("mic-button");
  const plain = await loudness(bruno);
  await settle(anna, "noise-strong");
  const strong = await eventually("the noise is gone", async () => {
    const now = await loudness(bruno);
    if (now.quiet > plain.quiet - 15) throw new Error(JSON.stringify({ plain, now }));
    return now;
  });
  assert.ok(strong.loud > plain.loud - 12, JSON.stringify({ plain, strong }));

  await anna.click("mic-button");
  await eventually("muted is silent", async () => (await loudness(bruno)).loud < -80);
  await anna.page.evaluate(() => document.activeElement?.blur());
  await anna.page.keyboard.down("Space");
  await eventually("the held key is heard", async () => (await loudness(bruno)).loud > -45);
  await anna.page.keyboard.up("Space");
  await anna.click("mic-button");
  await settle(anna, "noise-browser");
  await eventually("the noise is back", async () => {
    return (await loudness(bruno)).quiet > plain.quiet - 6;
  });
});

test("in Firefox one is told what cannot be had, and heard whatever was chosen", async () => {
  const fiona = await Attendee.inFirefox("Fiona");
  open.push(fiona);
  await fiona.page.evaluateOnNewDocument(() => {
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
      return kind.startsWith("webgl") ? null : getContext.call(this, kind, ...more);
    };
  });
  await fiona.page.goto(`${meeting.link}?debug`);
  await fiona.appears("background");
  assert.match(await fiona.text(), /WebGL is missing/);
  await fiona.click("noise-strong");
  await fiona.fill("name-field", "Fiona");
  await fiona.click("join-button");
  await fiona.appears("leave-button");
  await anna.click("leave-button");
  await bruno.hears([fiona]);
});

test("no page met an error", () => {
  for (const person of open) person.assertNoErrors();
});
