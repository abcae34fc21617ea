// A token as an application's back end makes it.
import { AccessToken } from "livekit-server-sdk";

export function tokenOf({ key, secret }, room, identity) {
  const token = new AccessToken(key, secret, { identity, name: identity });
  token.addGrant({ roomJoin: true, room });
  return token.toJwt();
}
