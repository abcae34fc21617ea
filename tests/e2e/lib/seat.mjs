// Somebody at a meeting without a browser: on its meeting socket, told what they may know and asking for what a
// test needs. While its chair is there, the meeting goes on.
import { once } from "node:events";
import WebSocket from "ws";
import { eventually } from "./wait.mjs";

export class Seat {
  meeting = null;
  people = new Map();
  #answers = new Map();
  #gone = null;
  #nextId = 1;

  /** `cookie` is that of an account that may lead: the owner's, from createMeeting. */
  static async of(server, { id, cookie }) {
    const chair = await Seat.#arrive(server, id, {}, cookie);
    await eventually("the chair is in", () => chair.meeting);
    return chair;
  }

  /** A guest, who may have to wait. */
  static guest(server, { id }, name) {
    return Seat.#arrive(server, id, { name });
  }

  static async #arrive(server, id, who, cookie) {
    const person = new Seat();
    const { status, body } = await server.call("POST", `/api/v1/meetings/${id}/join`, {
      body: who,
      cookie,
    });
    if (status !== 200) throw new Error(`not let to the door: ${status}`);
    person.back = () => person.#connect(server, id, body.rejoin, cookie);
    await person.back();
    return person;
  }

  async #connect(server, id, rejoin, cookie) {
    this.meeting = null;
    const url = `${server.plainUrl.replace("http", "ws")}/api/v1/meetings/${id}/live`;
    this.socket = new WebSocket(url, {
      headers: { Origin: server.plainUrl, ...(cookie && { Cookie: cookie }) },
    });
    this.socket.on("message", (data) => this.#hear(JSON.parse(data)));
    await once(this.socket, "open");
    this.socket.on("error", () => {});
    this.#gone = new Promise((resolve) => this.socket.on("close", () => resolve("no answer")));
    await this.ask({ do: "hello", rejoin });
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

  /** Refused: throws its code. Never answered: throws as well, when the connection ends. */
  async ask(wish) {
    const id = this.#nextId++;
    const answer = new Promise((resolve) => this.#answers.set(id, resolve));
    this.socket.send(JSON.stringify({ id, ...wish }));
    const code = await Promise.race([answer, this.#gone]);
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
