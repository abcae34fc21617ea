// A Conclave of the test's own: a fresh data folder, free ports, stopped at the end.
import { execFile, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Seat } from "./seat.mjs";
import { eventually } from "./wait.mjs";

const root = resolve(import.meta.dirname, "../../..");
const binary = process.env.CONCLAVE ?? join(root, "build/dev/src/conclave");
export const artifacts = process.env.ARTIFACTS ?? join(root, "build/e2e-artifacts");
mkdirSync(artifacts, { recursive: true });

async function freeTcpPort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Two in a row: one for each of the two workers. */
async function freeUdpPorts() {
  for (;;) {
    const first = createSocket("udp4").bind(0, "127.0.0.1");
    await once(first, "listening");
    const { port } = first.address();
    const second = createSocket("udp4").bind(port + 1, "127.0.0.1");
    const isFree = await once(second, "listening").then(
      () => true,
      () => false,
    );
    first.close();
    second.close();
    if (isFree) return port;
  }
}

// When the runner's time is up: leaving by the door lets the exit handlers end servers and browsers.
process.once("SIGTERM", () => process.exit(1));

export class Server {
  /**
   * `settings` are further tables of the configuration, or make them of an API key; `media` further lines of [media].
   * `turn`: people are told of the TURN server, over TLS and UDP.
   */
  static async start(name, settings = "", media = "", { turn = false } = {}) {
    const folder = mkdtempSync(join(tmpdir(), "conclave-e2e-"));
    const server = new Server();
    server.folder = folder;
    server.config = join(folder, "config.toml");
    server.port = await freeTcpPort();
    server.plainPort = await freeTcpPort();
    server.mediaPort = await freeUdpPorts();
    server.turnPort = turn ? await freeUdpPorts() : 0;
    server.url = `https://localhost:${server.port}`;
    server.plainUrl = `http://127.0.0.1:${server.plainPort}`;
    const named = `listen = ["127.0.0.1:${server.port}", "[::1]:${server.port}"]
public_url = "${server.url}"`;
    const unnamed = `listen = ["127.0.0.1:${server.port}"]`;
    const base = `data_dir = "${folder}/data"
[http]
${turn ? named : unnamed}
plain_listen = "127.0.0.1:${server.plainPort}"
[media]
port = ${server.mediaPort}
workers = 2
loopback = true
${media}
[log]
level = "debug"
[turn]
udp_port = ${server.turnPort}
# How busy the machine is decides nothing here.
[overload]
busy = 100
turn = 10000
`;
    writeFileSync(server.config, base);
    if (typeof settings === "function") server.api = await server.createKey(name);
    const more = server.api ? settings(server.api) : settings;
    writeFileSync(server.config, base + more);
    server.output = "";
    server.log = createWriteStream(join(artifacts, `${name}-server.log`));
    process.once("exit", () => server.process.kill("SIGKILL"));
    await server.launch();
    return server;
  }

  /** Also once more, after kill(). */
  async launch() {
    const before = this.output.length;
    this.process = spawn(binary, ["serve", "--config", this.config], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on("data", (data) => {
        this.output += data;
        this.log.write(data);
      });
    }
    this.exit = once(this.process, "exit");
    await eventually("the server is ready", () => {
      if (this.process.exitCode !== null) throw new Error(`it ended: ${this.output}`);
      return this.output.includes("Conclave is ready", before);
    });
  }

  /** As a power cut does. */
  async kill() {
    this.process.kill("SIGKILL");
    await this.exit;
  }

  get binary() {
    return binary;
  }

  get signInLink() {
    return /https:\/\/\S+\/sign-in#\S+/.exec(this.output)[0];
  }

  async command(...words) {
    const run = promisify(execFile);
    return (await run(binary, [...words, "--config", this.config])).stdout;
  }

  /** The same, with a line on its standard input. */
  async feed(line, ...words) {
    const child = spawn(binary, [...words, "--config", this.config], {
      stdio: ["pipe", "inherit", "inherit"],
    });
    child.stdin.end(`${line}\n`);
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}`);
  }

  async createKey(name) {
    const text = await this.command("key", "create", name);
    return { key: /key:\s+(\S+)/.exec(text)[1], secret: /secret:\s+(\S+)/.exec(text)[1] };
  }

  /** As a page of this origin does it. */
  async call(method, path, { body, cookie } = {}) {
    const answer = await fetch(this.plainUrl + path, {
      method,
      headers: {
        Origin: this.plainUrl,
        ...(body && { "Content-Type": "application/json" }),
        ...(cookie && { Cookie: cookie }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      cookie: answer.headers.get("set-cookie")?.split(";")[0],
      body: text === "" ? null : JSON.parse(text),
    };
  }

  /**
   * Uses up a fresh sign-in link and makes a meeting: the way there without a browser. Nobody waits in front of
   * it unless `wish` says so; it begins when somebody comes who may lead it.
   */
  async createMeeting(title, wish = {}) {
    const link = (await this.command("sign-in-link")).trim();
    const secret = link.slice(link.indexOf("#") + 1);
    const { cookie } = await this.call("POST", "/api/v1/session", { body: { secret } });
    const { body } = await this.call("POST", "/api/v1/meetings", {
      body: { title, lobby: "nobody", ...wish },
      cookie,
    });
    return { id: body.id, link: `${this.url}/m/${body.id}`, cookie };
  }

  /** A meeting that is going on: its owner sits in it without media. */
  async openMeeting(title, wish) {
    const meeting = await this.createMeeting(title, wish);
    return { ...meeting, chair: await Seat.of(this, meeting) };
  }

  /** Ends it as an operator does, and says whether it ended well. */
  async stop() {
    this.process.kill("SIGTERM");
    const impatience = setTimeout(() => this.process.kill("SIGKILL"), 20_000);
    const [code, signal] = await this.exit;
    clearTimeout(impatience);
    rmSync(this.folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`the server ended with ${code ?? signal}: ${this.output}`);
  }
}
