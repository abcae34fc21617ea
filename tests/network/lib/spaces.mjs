// Network namespaces: one for the server, in which this process runs, and one for each person. A person's only way
// out is a TUN device at the other end of which the link emulator sits.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const site = process.env.SITE;
export const serverSpace = `${site}s`;
// Looks public: to private addresses browsers open no ICE-TCP on 443.
export const serverAddress = "203.0.113.1";

const ip = (...words) => execFileSync("ip", words, { stdio: ["ignore", "pipe", "inherit"] });

function addTun(space, device) {
  ip("-n", space, "tuntap", "add", "dev", device, "mode", "tun");
  ip("-n", space, "link", "set", device, "up", "txqueuelen", "1000");
}

let made = 0;

/** Where one person is: `address` changes as people walk from one network to another. */
export class Space {
  static make() {
    const space = new Space();
    space.number = ++made;
    space.name = `${site}c${space.number}`;
    space.serverDevice = `to${space.number}`;
    addTun(serverSpace, space.serverDevice);
    const net = `10.77.${space.number}.0/24`;
    ip("-n", serverSpace, "route", "add", net, "dev", space.serverDevice, "src", serverAddress);

    ip("netns", "add", space.name);
    ip("-n", space.name, "link", "set", "lo", "up");
    addTun(space.name, "link0");
    space.give(2);
    return space;
  }

  address(host) {
    return `10.77.${this.number}.${host}`;
  }

  /** One more address, which new connections use from now on. */
  give(host) {
    ip("-n", this.name, "address", "add", `${this.address(host)}/32`, "dev", "link0");
    this.prefer(host);
  }

  prefer(host) {
    const way = ["default", "dev", "link0", "src", this.address(host)];
    ip("-n", this.name, "route", "replace", ...way);
  }

  take(host) {
    ip("-n", this.name, "address", "delete", `${this.address(host)}/32`, "dev", "link0");
  }

  /** Rules of nftables for what leaves and enters here. */
  filter(rules) {
    execFileSync("ip", ["netns", "exec", this.name, "nft", "-f", "-"], { input: rules });
  }

  /** The largest segments of TCP, both ways: what a router with a narrow line behind it tells the ends. */
  clampTcp(bytes) {
    const way = ["default", "dev", "link0", "src", this.address(2), "advmss", String(bytes)];
    ip("-n", this.name, "route", "replace", ...way);
    const back = ["dev", this.serverDevice, "src", serverAddress, "advmss", String(bytes)];
    ip("-n", serverSpace, "route", "replace", `10.77.${this.number}.0/24`, ...back);
  }

  /** A program that starts another one in here, as the libraries that drive browsers want it. */
  wrap(folder, program, environment = {}) {
    const path = join(folder, `${this.name}-${program.split("/").at(-1)}`);
    const words = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'\n`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      path,
      `#!/bin/sh\n${words.join("")}exec ip netns exec ${this.name} ${program} "$@"\n`,
    );
    chmodSync(path, 0o755);
    return path;
  }

  remove() {
    ip("-n", serverSpace, "link", "delete", this.serverDevice);
    ip("netns", "delete", this.name);
  }
}
