// A page with LiveKit's own client in it, configured as Conclave's, that can join any server that speaks LiveKit.
import { readFileSync } from "node:fs";

const library = readFileSync(
  new URL("../../e2e/node_modules/livekit-client/dist/livekit-client.umd.js", import.meta.url),
  "utf8",
);
// A secure context that nothing has to serve, and from which a server without TLS may be called.
const origin = "http://localhost:8000";
const html = `<!doctype html><meta charset="utf-8"><title>SDK</title>
<style>body { margin: 0 } video { display: block; width: 1280px; height: 720px }</style>
<body><script src="/livekit.js"></script>`;

/** Runs in the page. */
async function joinRoom({ url, token, publish }) {
  const { Room, RoomEvent, VideoPresets } = window.LivekitClient;
  const room = new Room({
    adaptiveStream: true,
    dynacast: true,
    videoCaptureDefaults: { resolution: VideoPresets.h720.resolution },
    publishDefaults: { simulcast: true, videoCodec: "vp8", dtx: true, red: true },
  });
  window.__conclave_room = room;
  room.on(RoomEvent.TrackSubscribed, (track) => document.body.append(track.attach()));
  await room.connect(url, token);
  if (publish) await room.localParticipant.enableCameraAndMicrophone();
}

export async function openSdkPage(person) {
  const { page } = person;
  // The page is of nowhere, the server at a private address.
  await page.context().grantPermissions(["local-network-access"]);
  await page.route(`${origin}/**`, (route) => {
    const isLibrary = route.request().url().endsWith(".js");
    return route.fulfill({
      contentType: isLibrary ? "text/javascript" : "text/html",
      body: isLibrary ? library : html,
    });
  });
  await page.goto(`${origin}/`);
}

export function joinWithSdk(person, { url, token, publish }) {
  const signalling = url.replace(/^http/, "ws");
  return person.page.evaluate(joinRoom, { url: signalling, token, publish });
}
