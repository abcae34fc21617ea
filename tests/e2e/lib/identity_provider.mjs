// Identity providers on this machine: a good one (oidc-provider) and one that says whatever it is told to.
import { constants, createHmac, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const clientId = "conclave";
const clientSecret = "a secret of the client";

async function listen(handler) {
  const http = createServer(handler).listen(0, "127.0.0.1");
  await once(http, "listening");
  return { http, issuer: `http://127.0.0.1:${http.address().port}` };
}

function stop(http) {
  http.closeAllConnections();
  return new Promise((resolve) => http.close(resolve));
}

function keyPair(kid, alg) {
  const pair =
    alg === "ES256"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = (key) => ({ ...key.export({ format: "jwk" }), kid, alg, use: "sig" });
  return { ...pair, privateJwk: jwk(pair.privateKey), publicJwk: jwk(pair.publicKey) };
}

/** What the server needs to know; `more` are further lines of [oidc]. */
export const oidcSettings = (issuer, secretFile, more = "") =>
  `[oidc]\nissuer = "${issuer}"\nclient_id = "${clientId}"\nclient_secret_file = "${secretFile}"\n${more}`;

export class GoodProvider {
  static secret = clientSecret;

  static async start(people) {
    // The library says so of every Node that is not its favourite.
    const { Provider } = await import("oidc-provider");
    const good = new GoodProvider();
    const { http, issuer } = await listen((request, response) => good.handle(request, response));
    Object.assign(good, { Provider, people, http, issuer, handle: () => {} });
    return good;
  }

  /** With a fresh key each time it is called. */
  serve(server, { alg = "RS256", claimsInIdToken = true } = {}) {
    const provider = new this.Provider(this.issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: [`${server.url}/api/v1/sign-in/oidc/callback`],
          post_logout_redirect_uris: [`${server.url}/sign-in`],
          response_types: ["code"],
          grant_types: ["authorization_code"],
          id_token_signed_response_alg: alg,
          backchannel_logout_uri: `${server.plainUrl}/api/v1/sign-in/oidc/logout`,
          backchannel_logout_session_required: true,
        },
      ],
      jwks: { keys: [keyPair(randomUUID(), alg).privateJwk] },
      cookies: { keys: ["a key of the provider's cookies"] },
      conformIdTokenClaims: !claimsInIdToken,
      claims: { openid: ["sub", "sid"], profile: ["name"], email: ["email", "email_verified"] },
      features: {
        devInteractions: { enabled: true },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: { enabled: true },
      },
      pkce: { required: () => true },
      // Its own way refuses addresses of this machine.
      fetch: (url, { method, headers, body }) => fetch(url, { method, headers, body }),
      ttl: { IdToken: 300, AccessToken: 300, Session: 3600, Interaction: 600, Grant: 3600 },
      findAccount: (_, id) => ({
        accountId: id,
        claims: async () => ({ sub: id, ...this.people[id] }),
      }),
    });
    this.handle = provider.callback();
  }

  stop() {
    return stop(this.http);
  }
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function jws(header, payload, signer) {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${signer(Buffer.from(input)).toString("base64url")}`;
}

const signers = (pair) => ({
  RS256: (input) => sign("sha256", input, pair.privateKey),
  PS256: (input) =>
    sign("sha256", input, {
      key: pair.privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: 32,
    }),
});

/** `answer` may replace what any of its endpoints says: { discovery, keys, token, claims, header, sign }. */
export class HostileProvider {
  keys = keyPair("known", "RS256");
  strangers = keyPair("known", "RS256");
  answer = {};
  asked = { discovery: 0, keys: 0, token: 0, userinfo: 0, elsewhere: 0 };

  static async start() {
    const hostile = new HostileProvider();
    Object.assign(hostile, await listen((request, response) => hostile.handle(request, response)));
    return hostile;
  }

  handle(request, response) {
    const { pathname } = new URL(request.url, this.issuer);
    const name = {
      "/.well-known/openid-configuration": "discovery",
      "/keys": "keys",
      "/token": "token",
      "/me": "userinfo",
    }[pathname];
    this.asked[name ?? "elsewhere"] += 1;
    const said = this.answer[name];
    if (typeof said === "function") return said(response);
    response.setHeader("Content-Type", "application/json");
    const body = typeof said === "string" ? said : JSON.stringify(said ?? this.right(name) ?? {});
    response.end(body);
  }

  right(name) {
    const url = (path) => this.issuer + path;
    if (name === "keys") return { keys: [this.keys.publicJwk] };
    if (name === "token")
      return { token_type: "Bearer", access_token: "t", id_token: this.token() };
    return {
      issuer: this.issuer,
      authorization_endpoint: url("/auth"),
      token_endpoint: url("/token"),
      jwks_uri: url("/keys"),
      userinfo_endpoint: url("/me"),
    };
  }

  claims() {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: this.issuer,
      aud: clientId,
      sub: "s-1",
      name: "Ada",
      email: "ada@ville.fr",
      email_verified: true,
      nonce: this.nonce,
      iat: now,
      exp: now + 300,
      ...this.answer.claims,
    };
  }

  token(claims = this.claims()) {
    const header = { alg: "RS256", kid: "known", ...this.answer.header };
    const signer = this.answer.sign ?? signers(this.keys)[header.alg] ?? signers(this.keys).RS256;
    return jws(header, claims, signer);
  }

  byStranger = (input) => signers(this.strangers).RS256(input);
  unsigned = () => Buffer.alloc(0);
  /** HS256 with what everybody knows. */
  byPublicKey = (input) => {
    const pem = this.keys.publicKey.export({ format: "pem", type: "spki" });
    return createHmac("sha256", pem).update(input).digest();
  };
  byPublicJwk = (input) =>
    createHmac("sha256", JSON.stringify(this.keys.publicJwk)).update(input).digest();

  stop() {
    return stop(this.http);
  }
}
