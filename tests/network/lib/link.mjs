// The link emulator between a person and the server. "up" is from the person to the server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { serverSpace } from "./spaces.mjs";

export class Link {
  samples = [];
  totals = null;

  /** `options` as link_emulator takes them: `{ delay: 40, queue: 300_000 }`. */
  static start(space, options) {
    const link = new Link();
    const words = Object.entries(options).map(([name, value]) => `${name}=${value}`);
    const ends = [space.name, "link0", serverSpace, space.serverDevice];
    link.process = spawn(process.env.LINK_EMULATOR, [...ends, ...words], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    // What else this machine does would be taken for the network's doing.
    spawn("renice", ["-n", "-15", "-p", String(link.process.pid)], { stdio: "ignore" });
    createInterface({ input: link.process.stdout }).on("line", (line) => {
      const { totals, ...sample } = JSON.parse(line);
      if (totals) link.totals = totals;
      else link.samples.push({ at: Date.now(), ...sample });
    });
    return link;
  }

  /** From now on: `change("up", { rate: 300_000 })`, or "down", or "both". */
  change(way, options) {
    const words = Object.entries(options).map(([name, value]) => `${name}=${value}`);
    this.process.stdin.write(`${way} ${words.join(" ")}\n`);
  }

  cut() {
    this.process.stdin.write("both down\n");
  }

  mend() {
    this.process.stdin.write("both up\n");
  }

  /** The NAT in front of the person forgets: what they send comes from another port. "udp": TCP goes on. */
  rebind(what = "") {
    this.process.stdin.write(`rebind ${what}\n`);
  }

  async stop() {
    const closed = once(this.process, "close");
    this.process.kill("SIGTERM");
    await closed;
    return this.totals;
  }

  /** Packets that left over 10 ms late are the machine's doing, not the link's. */
  isLate() {
    const ways = Object.values(this.totals ?? {});
    const late = ways.reduce((sum, way) => sum + way.late, 0);
    return late > 0.01 * ways.reduce((sum, way) => sum + way.packets, 0);
  }
}
