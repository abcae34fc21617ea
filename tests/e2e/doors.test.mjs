// Where UDP does not get through: each person here has one way only into the meeting, and all see and hear each
// other.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Attendee } from "./lib/attendee.mjs";
import { Server } from "./lib/server.mjs";
import { eventually } from "./lib/wait.mjs";

/** Before the page's own scripts: it does not learn of the server's UDP addresses, as if none could be reached. */
function forgetUdp() {
  const original = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const sdp = description.sdp.replace(/^a=candidate:\S+ \d+ udp .*\r\n/gim, "");
    return original.call(this, { type: description.type, sdp });
  };
}

/** As a browser that may speak to relays alone, and reaches them by this kind of URL. */
function relaysOnly(scheme) {
  const Original = RTCPeerConnection;
  const narrow = (configuration) => ({
    ...configuration,
    iceTransportPolicy: "relay",
    iceServers: (configuration?.iceServers ?? []).map((server) => ({
      ...server,
      urls: server.urls.filter((url) => url.startsWith(scheme)),
    })),
  });
  window.RTCPeerConnection = class extends Original {
    constructor(configuration) {
      super(narrow(configuration));
    }
    setConfiguration(configuration) {
      super.setConfiguration(narrow(configuration));
    }
  };
}

let server;
let meeting;
const open = [];

async function join(promise, prepare, detail) {
  const attendee = await promise;
  open.push(attendee);
  if (prepare) await attendee.browser.context.addInitScript(prepare, detail);
  await attendee.enter(meeting.link);
  return attendee;
}

/** Of the path that carries media: the protocol to the server, or to the relay. */
function protocolOf(attendee) {
  return eventually(`${attendee.name} has a path`, () =>
    attendee.page.evaluate(async () => {
      const pc = window.__conclave_room.engine.pcManager.publisher._pc;
      const report = [...(await pc.getStats()).values()];
      const transport = report.find((entry) => entry.type === "transport");
      const pair = report.find((entry) => entry.id === transport?.selectedCandidatePairId);
      const local = report.find((entry) => entry.id === pair?.localCandidateId);
      return local && (local.relayProtocol ?? local.protocol);
    }),
  );
}

async function seeAndHearEachOther(people) {
  for (const person of people) {
    const others = people.filter((other) => other !== person);
    for (const other of others) await person.sees(other);
    await person.hears(others);
  }
}

async function metric(name) {
  const text = await (await fetch(`${server.plainUrl}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1]);
}

before(async () => {
  server = await Server.start("doors", "", "", { turn: true });
  meeting = await server.openMeeting("Portes");
});

after(async () => {
  meeting?.chair.close();
  await Promise.all(open.map((attendee) => attendee.close()));
  await server?.stop();
});

test("over UDP and over TCP people meet", async () => {
  const anna = await join(Attendee.inChromium("red", "Anna"));
  const bruno = await join(Attendee.inChromium("green", "Bruno"), forgetUdp);
  await seeAndHearEachOther([anna, bruno]);
  assert.equal(await protocolOf(anna), "udp");
  assert.equal(await protocolOf(bruno), "tcp");
  assert.ok((await metric("conclave_ice_tcp_connections")) >= 1);
});

test("through the TURN server, over TLS and over UDP, they come in as well", async () => {
  const chloe = await join(Attendee.inChromium("blue", "Chloé"), relaysOnly, "turns:");
  assert.equal(await protocolOf(chloe), "tls");
  const farid = await join(Attendee.inChromium("magenta", "Farid"), relaysOnly, "turn:");
  assert.equal(await protocolOf(farid), "udp");
  await seeAndHearEachOther(open);
  assert.ok((await metric("conclave_turn_allocations")) >= 2);
});

test("whoever has left has no allocation any more", async () => {
  const [chloe, farid] = open.splice(2);
  // Others have some as well, which they do not use.
  const before = await metric("conclave_turn_allocations");
  for (const attendee of [chloe, farid]) {
    await attendee.click("leave-button");
    attendee.assertNoErrors();
  }
  await eventually(
    "the relays are gone",
    async () => (await metric("conclave_turn_allocations")) <= before - 2,
  );
  await Promise.all([chloe.close(), farid.close()]);
});

test("no page had a script error", () => {
  for (const attendee of open) attendee.assertNoErrors();
});
