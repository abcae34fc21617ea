// Whoever leads a meeting, without a browser: on its meeting socket, told everything and asking for what a test
// needs. While it is there, the meeting goes on.
import { once } from "node:events";
import WebSocket from "ws";
import { eventually } from "./wait.mjs";

export class Chair {
  meeting = null;
  people = new Map();
  #answers = new Map();
  #nextId = 1;

  /** `cookie` is that of an account that may lead: the owner's, from createMeeting. */
  static async of(server, { id, cookie }) {
    const chair = new Chair();
    const { status, body } = await server.call("POST", `/api/v1/meetings/${id}/join`, {
      body: {},
      cookie,
    });
    if (status !== 200) throw new Error(`the chair was not let in: ${status}`);
    await chair.#connect(server, id, body.rejoin, cookie);
    return chair;
  }

  async #connect(server, id, rejoin, cookie) {
    const url = `${server.plainUrl.replace("http", "ws")}/api/v1/meetings/${id}/live`;
    this.socket = new WebSocket(url, { headers: { Origin: server.plainUrl, Cookie: cookie } });
    this.socket.on("message", (data) => this.#hear(JSON.parse(data)));
    await once(this.socket, "open");
    this.socket.on("error", () => {});
    await this.ask({ do: "hello", rejoin });
    await eventually("the chair is in", () => this.meeting);
  }

  #hear(message) {
    if (message.type === "done" || message.type === "refused") {
      this.#answers.get(message.id)?.(message.type === "done" ? null : message.code);
      return;
    }
    if (message.type !== "meeting" && message.type !== "update") return;
    const { type: _, ...sections } = message;
    this.meeting = { ...this.meeting, ...sections };
    for (const person of message.people?.set ?? []) this.people.set(person.id, person);
    for (const gone of message.people?.gone ?? []) this.people.delete(gone);
  }

  /** Refused: throws its code. */
  async ask(wish) {
    const id = this.#nextId++;
    const answer = new Promise((resolve) => this.#answers.set(id, resolve));
    this.socket.send(JSON.stringify({ id, ...wish }));
    const code = await answer;
    if (code !== null) throw new Error(`${wish.do}: ${code}`);
  }

  /** The id of somebody who is in. */
  async idOf(name) {
    return eventually(
      `${name} is in`,
      () => [...this.people.values()].find((person) => person.name === name)?.id,
    );
  }

  close() {
    this.socket.close();
  }
}
