// The bare signalling of LiveKit, for what no SDK does by itself: wrong tokens, silence, too much of something.
import { once } from "node:events";
import {
  ClientInfo,
  ConnectionSettings,
  JoinRequest,
  SignalRequest,
  SignalResponse,
  WrappedJoinRequest,
} from "@livekit/protocol";
import WebSocket from "ws";
import { eventually } from "../../e2e/lib/wait.mjs";
import { patience } from "./native.mjs";

const protocol = 17;

/** Where a client of this path goes. `token` null: none; `resumes`: as a client that comes back. */
export function address(stage, path, token, { isValidation = false, resumes = false } = {}) {
  const query = new URLSearchParams();
  if (token) query.set("access_token", token);
  if (path === "v1") {
    const joinRequest = new JoinRequest({
      clientInfo: new ClientInfo({ sdk: 1, protocol }),
      connectionSettings: new ConnectionSettings({ autoSubscribe: true }),
      reconnect: resumes,
    }).toBinary();
    const wrapped = new WrappedJoinRequest({ joinRequest }).toBinary();
    query.set("join_request", Buffer.from(wrapped).toString("base64url"));
  } else {
    for (const [key, value] of Object.entries({ protocol, sdk: "js", auto_subscribe: 1 })) {
      query.set(key, value);
    }
    if (resumes) query.set("reconnect", 1);
  }
  const route = path === "v1" ? "/rtc/v1" : "/rtc";
  return `${stage.url}${route}${isValidation ? "/validate" : ""}?${query}`;
}

export class Signal {
  /** {case, value} of each answer in its order; `closed` is the code, once there is one. */
  answers = [];
  closed = null;

  /** Resolves with a session, or with {status, text} when the server refuses it. */
  static async open(stage, path, token, { headers, ...options } = {}) {
    const url = address(stage, path, token, options).replace(/^http/, "ws");
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    const signal = new Signal();
    signal.socket = socket;
    socket.on("error", () => {});
    socket.on("close", (code) => (signal.closed = code));
    socket.on("message", (data) => signal.answers.push(SignalResponse.fromBinary(data).message));
    const refused = once(socket, "unexpected-response").then(async ([, response]) => {
      let text = "";
      for await (const part of response) text += part;
      return { status: response.statusCode, text };
    });
    refused.catch(() => {});
    return Promise.race([once(socket, "open").then(() => signal), refused]);
  }

  send(message) {
    this.socket.send(new SignalRequest({ message }).toBinary());
  }

  answer(kind, timing) {
    const find = () => this.answers.find((answer) => answer.case === kind)?.value;
    return eventually(`an answer: ${kind}`, find, { ...patience, ...timing });
  }

  close() {
    this.socket.close();
  }
}
