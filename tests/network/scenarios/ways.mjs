// Networks that let only some things through: two in Chromium and one in Firefox meet all the same.
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { Call } from "../lib/call.mjs";
import { glance } from "../lib/people.mjs";
import { ownName } from "../lib/server.mjs";
import { serverAddress } from "../lib/spaces.mjs";

const browsers = ["chromium", "chromium", "firefox"];
const proxyPort = 3128;

/** Nothing leaves or enters but TCP to and from this port. */
const onlyTcp = (port) => `table inet door {
  chain out {
    type filter hook output priority 0; policy drop;
    oifname "lo" accept
    ip daddr ${serverAddress} tcp dport ${port} accept
  }
  chain in {
    type filter hook input priority 0; policy drop;
    iifname "lo" accept
    ip saddr ${serverAddress} tcp sport ${port} accept
  }
}`;

/** As an organisation has it: tunnels to HTTPS and to nothing else. */
async function startProxy() {
  const sockets = new Set();
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on("connect", (request, client, head) => {
    const [host, port] = request.url.split(":");
    if (port !== "443") return client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const server = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      server.write(head);
      server.pipe(client);
      client.pipe(server);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  proxy.listen(proxyPort, serverAddress);
  await once(proxy, "listening");
  return {
    close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}

const chromiumProxy = { flags: [`--proxy-server=http://${serverAddress}:${proxyPort}`] };
const firefoxProxy = {
  preferences: {
    "network.proxy.type": 1,
    "network.proxy.http": serverAddress,
    "network.proxy.http_port": proxyPort,
    "network.proxy.ssl": serverAddress,
    "network.proxy.ssl_port": proxyPort,
  },
};

async function meet(name, { folder }, prepare) {
  const call = await Call.open(name, {
    browsers,
    link: { delay: 20, jitter: 2 },
    folder,
    prepare,
  });
  try {
    const began = Date.now();
    await call.meet();
    const metMs = Date.now() - began;
    const paths = [];
    for (const person of call.people) paths.push((await glance(person)).path);
    return {
      server: ownName,
      scenario: name,
      met: await call.isComplete(),
      met_ms: metMs,
      paths: paths.join(" "),
      machine_too_busy: call.isBusy(),
    };
  } catch (error) {
    return { server: ownName, scenario: name, met: false, why: error.message };
  } finally {
    await call.close();
  }
}

export const seconds = 120;

export async function run(context) {
  const rows = [
    await meet("ways-only-tcp-443", context, (space) => {
      space.filter(onlyTcp(443));
      return {};
    }),
  ];
  const proxy = await startProxy();
  try {
    const through = await meet("ways-proxy", context, (space, browser) => {
      space.filter(onlyTcp(proxyPort));
      return browser === "firefox" ? firefoxProxy : chromiumProxy;
    });
    return [...rows, through];
  } finally {
    proxy.close();
  }
}
