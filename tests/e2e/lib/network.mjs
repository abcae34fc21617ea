// The network between one person and the server: TCP goes through here and can be cut. Media does not.
import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Network {
  #sockets = new Set();
  #isCut = false;

  static async before(server) {
    const network = new Network();
    network.listener = createServer((client) => network.#pass(client, server.port));
    network.listener.listen(0, "127.0.0.1");
    await once(network.listener, "listening");
    network.url = `https://localhost:${network.listener.address().port}`;
    return network;
  }

  #pass(client, port) {
    if (this.#isCut) return client.destroy();
    const upstream = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  /** Every connection breaks, and no new one succeeds until mend(). */
  cut() {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#isCut = false;
  }

  close() {
    this.cut();
    this.listener.close();
  }
}
