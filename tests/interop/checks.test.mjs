// livekit-client's own conformance page: ConnectionCheck has to come out green.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Browser, browsers } from "./lib/client.mjs";
import { paths, Stage } from "./lib/stage.mjs";

let stage;
let opened = {};
before(async () => {
  stage = await Stage.open("checks");
  opened = await Browser.openAll();
});
after(async () => {
  for (const browser of Object.values(opened)) await browser.close();
  await stage?.close();
});

/** Status by name: "SUCCESS", "SKIPPED" or what its log says. */
async function run(browser, path, name) {
  const token = await stage.token(stage.room(), name);
  const parameters = { url: stage.url.replace(/^http/, "ws"), token, path, name };
  const info = await browser.page.evaluate(async (all) => {
    const { ConnectionCheck } = window.LivekitClient;
    const check = new ConnectionCheck(all.url, all.token, {
      roomOptions: { singlePeerConnection: all.path === "v1" },
    });
    return check[all.name]();
  }, parameters);
  const status = ["IDLE", "RUNNING", "SKIPPED", "SUCCESS", "FAILED"][info.status];
  return status === "FAILED" ? info.logs.map((log) => log.message).join("; ") : status;
}

for (const browser of browsers) {
  for (const path of paths) {
    describe(`ConnectionCheck ${browser} ${path}`, { concurrency: true }, () => {
      for (const name of [
        "checkWebsocket",
        "checkWebRTC",
        "checkReconnect",
        "checkPublishAudio",
        "checkPublishVideo",
      ]) {
        test(name, async () => assert.equal(await run(opened[browser], path, name), "SUCCESS"));
      }
      test("checkTURN finds none configured", async () => {
        assert.equal(await run(opened[browser], path, "checkTURN"), "SKIPPED");
      });
    });
  }
}
