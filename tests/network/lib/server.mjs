// A Conclave in the server's namespace, as an organisation runs it: one address, HTTPS on 443.
import { createWriteStream, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { artifacts, Server } from "../../e2e/lib/server.mjs";
import { serverAddress } from "./spaces.mjs";

/** In the rows: an older build beside a newer one has another name. */
export const ownName = process.env.CONCLAVE_NAME ?? "conclave";

export class SiteServer extends Server {
  static async open(name, { http = "", media = "", more = "" } = {}) {
    const server = new SiteServer();
    server.folder = mkdtempSync(join(tmpdir(), "conclave-network-"));
    server.config = join(server.folder, "config.toml");
    server.url = `https://${serverAddress}`;
    server.plainUrl = "http://127.0.0.1:8080";
    writeFileSync(
      server.config,
      `data_dir = "${server.folder}/data"
[http]
listen = ["${serverAddress}:443"]
plain_listen = "127.0.0.1:8080"
public_url = "${server.url}"
${http}
[media]
port = 7882
workers = 1
public_addresses = ["${serverAddress}"]
${media}
[log]
level = "debug"
# How busy the machine is decides nothing here.
[overload]
busy = 100
turn = 10000
${more}`,
    );
    server.output = "";
    server.log = createWriteStream(join(artifacts, `${name}-server.log`));
    process.once("exit", () => server.process?.kill("SIGKILL"));
    await server.launch();
    return server;
  }
}
