// A fresh server with an application's key: what a test file stands on.
import { AccessToken } from "livekit-server-sdk";
import { Server } from "../../e2e/lib/server.mjs";

export const paths = (process.env.PATHS ?? "v1,v0").split(",");

// The suites join far more often than people do.
const patient = `[limits]
joins_per_minute_per_address = 6000
joins_per_minute = 6000
`;

export class Stage {
  #rooms = 0;

  /** `settings`: further tables of the configuration, given the API key. */
  static async open(name, settings = () => "") {
    const stage = new Stage();
    stage.name = name;
    stage.server = await Server.start(name, (api) => patient + settings(api));
    stage.api = stage.server.api;
    return stage;
  }

  get url() {
    return this.server.plainUrl;
  }

  /** A name that no other test uses. */
  room() {
    this.#rooms += 1;
    return `${this.name}-${this.#rooms}`;
  }

  /** As an application's back end makes them. `grant` adds to what a participant may do, or takes from it. */
  token(room, identity, { grant, ...options } = {}) {
    const token = new AccessToken(this.api.key, this.api.secret, { identity, ...options });
    token.addGrant({ roomJoin: true, room, ...grant });
    return token.toJwt();
  }

  close() {
    return this.server.stop();
  }
}
