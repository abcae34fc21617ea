// Single sign-on with a provider that lies, shouts or dawdles: nobody gets in, and the page says so.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Attendee } from "./lib/attendee.mjs";
import { HostileProvider, oidcSettings } from "./lib/identity_provider.mjs";
import { Server } from "./lib/server.mjs";
import { eventually, sleep } from "./lib/wait.mjs";

const folder = mkdtempSync(join(tmpdir(), "conclave-hostile-"));
const secretFile = join(folder, "secret");
writeFileSync(secretFile, "secret\n");
// As often as the server asks a provider that did not answer, and for newer keys.
const askIntervalMs = 5200;
const now = () => Math.floor(Date.now() / 1000);

let provider;
let server;

before(async () => {
  provider = await HostileProvider.start();
  server = await Server.start(
    "oidc-hostile",
    `${oidcSettings(provider.issuer, secretFile)}[limits]\nsign_ins_per_minute_per_address = 1000\n`,
  );
});

after(async () => {
  await server?.stop();
  await provider?.stop();
  rmSync(folder, { recursive: true });
});

const get = (path, cookie) =>
  fetch(server.plainUrl + path, { redirect: "manual", headers: cookie ? { Cookie: cookie } : {} });

const cookiesOf = (answer) => answer.headers.getSetCookie().map((line) => line.split(";")[0]);

async function leave(next = "") {
  const answer = await get(`/api/v1/sign-in/oidc${next && `?next=${next}`}`);
  const location = new URL(answer.headers.get("location"), server.plainUrl);
  provider.nonce = location.searchParams.get("nonce");
  return { answer, location, cookie: cookiesOf(answer)[0] };
}

/** The whole way, with changes to what comes back; where it ends. */
async function signIn(answer = {}, change = () => {}) {
  provider.answer = answer;
  const { location, cookie } = await leave("/m/abc");
  const query = new URLSearchParams({ code: "c", state: location.searchParams.get("state") });
  const back = { query, cookie };
  change(back);
  const last = await get(`/api/v1/sign-in/oidc/callback?${back.query}`, back.cookie);
  assert.equal(last.status, 303);
  return { location: last.headers.get("location"), cookies: cookiesOf(last) };
}

async function isRefused(what, answer, change, code = "sso_refused") {
  const counted = () => counter(`conclave_sso_refused_total{code="${code}"}`);
  const before = await counted();
  const { location, cookies } = await signIn(answer, change);
  assert.match(location, new RegExp(`^/sign-in\\?problem=${code}(&next=%2Fm%2Fabc)?$`), what);
  assert.deepEqual(cookies, ["__Host-conclave-sso="], `${what}: no session`);
  assert.equal(await counted(), before + 1, `${what}: counted`);
}

async function counter(name) {
  const text = await (await fetch(`${server.plainUrl}/metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return Number(line?.split(" ").at(-1) ?? 0);
}

test("a provider that is not the one of the configuration is not asked further", async () => {
  const wrong = {
    "of another issuer": { ...provider.right("discovery"), issuer: "https://evil.example" },
    "of an issuer that is almost the same": {
      ...provider.right("discovery"),
      issuer: `${provider.issuer}/`,
    },
    "that leads to another machine in the clear": {
      ...provider.right("discovery"),
      token_endpoint: "http://evil.example/token",
    },
    "without end": (response) => response.end("x".repeat(100_000)),
    "that is a redirect": (response) => {
      response.writeHead(302, { Location: `${provider.issuer}/elsewhere` });
      response.end();
    },
  };
  for (const [what, discovery] of Object.entries(wrong)) {
    const asked = provider.asked.discovery;
    provider.answer = { discovery };
    const { answer, location } = await leave();
    assert.equal(location.pathname + location.search, "/sign-in?problem=sso_unreachable", what);
    assert.equal(cookiesOf(answer).join(), "__Host-conclave-sso=", what);
    await leave();
    assert.equal(provider.asked.discovery, asked + 1, "it is not asked again at once");
    await sleep(askIntervalMs);
  }
  assert.equal(provider.asked.elsewhere, 0, "the redirect was not followed");
});

test("a right answer signs in, and next leads to own pages only", async () => {
  const { location, cookies } = await signIn();
  assert.equal(location, "/m/abc");
  assert.match(cookies[0], /^__Host-conclave=[\w-]{43}$/);
  for (const next of [
    "//evil.example",
    "/%5Cevil.example",
    "%5Cevil.example",
    "https:evil.example",
    "https://evil.example/m/abc",
    "/m/abc%0d%0aSet-Cookie:x=y",
    "/m//evil.example",
  ]) {
    const { location: there, cookie } = await leave(next);
    const query = new URLSearchParams({ code: "c", state: there.searchParams.get("state") });
    const last = await get(`/api/v1/sign-in/oidc/callback?${query}`, cookie);
    assert.equal(last.headers.get("location"), "/", next);
  }
});

test("ID tokens that are not right in every way sign nobody in", async () => {
  await signIn();
  const wrong = {
    "wrong issuer": { claims: { iss: "https://evil.example" } },
    "no issuer": { claims: { iss: undefined } },
    "wrong audience": { claims: { aud: "another" } },
    "one audience of several, issued to another": {
      claims: { aud: ["conclave", "another"], azp: "another" },
    },
    "several audiences and no party": { claims: { aud: ["conclave", "another"] } },
    "no audience": { claims: { aud: undefined } },
    "wrong nonce": { claims: { nonce: "another" } },
    "no nonce": { claims: { nonce: undefined } },
    expired: { claims: { exp: now() - 120, iat: now() - 300 } },
    "without expiry": { claims: { exp: undefined } },
    "of the future": { claims: { iat: now() + 600 } },
    "without time": { claims: { iat: undefined } },
    old: { claims: { iat: now() - 3600 } },
    "no subject": { claims: { sub: undefined } },
    "a subject that is no text": { claims: { sub: ["s-1"] } },
    "algorithm none": { header: { alg: "none" }, sign: provider.unsigned },
    "algorithm None": { header: { alg: "None", kid: undefined }, sign: provider.unsigned },
    "HS256 with the public key as PEM": { header: { alg: "HS256" }, sign: provider.byPublicKey },
    "HS256 with the public key as JWK": { header: { alg: "HS256" }, sign: provider.byPublicJwk },
    RS512: { header: { alg: "RS512" } },
    "PS256 with a key for RS256": { header: { alg: "PS256" } },
    "ES256 with an RSA key": { header: { alg: "ES256" } },
    "another key of the same id": { sign: provider.byStranger },
    "no signature": { sign: provider.unsigned },
    "a key of its own": {
      header: { jwk: provider.strangers.publicJwk, kid: undefined },
      sign: provider.byStranger,
    },
    "a key from elsewhere": { header: { jku: `${provider.issuer}/elsewhere` } },
    "a certificate from elsewhere": { header: { x5u: `${provider.issuer}/elsewhere` } },
    "critical extension": { header: { crit: ["exp"] } },
    "access token": { header: { typ: "at+jwt" } },
  };
  for (const [what, answer] of Object.entries(wrong)) await isRefused(what, answer);
  assert.equal(provider.asked.elsewhere, 0, "no key was fetched because a token said so");
  assert.equal((await signIn()).location, "/m/abc", "and a right one still does");
});

test("answers to the code that are no answers sign nobody in", async () => {
  const wrong = {
    "too large": (response) => response.end(`{"id_token":"${"x".repeat(100_000)}"}`),
    "a token that is too large": () => null,
    "no JSON": "<html>",
    "no token": {},
    "a token given twice": `{"id_token":"a.b.c","id_token":"${"x"}"}`,
    "an error": (response) => {
      response.writeHead(400, { "Content-Type": "application/json" });
      response.end('{"error":"invalid_grant"}');
    },
    "a redirect": (response) => {
      response.writeHead(307, { Location: `${provider.issuer}/elsewhere` });
      response.end();
    },
    "a connection that ends": (response) => response.destroy(),
  };
  wrong["a token that is too large"] = { id_token: `${"x".repeat(20_000)}.y.z` };
  for (const [what, token] of Object.entries(wrong)) await isRefused(what, { token });
  await isRefused("an answer that never comes", { token: () => {} });
  assert.equal(provider.asked.elsewhere, 0);
});

test("userinfo is believed when it is about the same person, signed or not", async () => {
  const bare = { name: undefined, email: undefined };
  const about = (changes) => ({ sub: "s-2", name: "Grace", ...changes });
  const signed = (changes, more = {}) => {
    return (response) => {
      response.setHeader("Content-Type", "application/jwt");
      provider.answer = { ...provider.answer, header: { typ: "JWT" }, ...more };
      const to = { iss: provider.issuer, aud: "conclave" };
      response.end(provider.token({ ...to, ...about(changes) }));
    };
  };
  const claims = { ...bare, sub: "s-2" };
  const { cookies } = await signIn({ claims, userinfo: signed({}) });
  const session = await server.call("GET", "/api/v1/session", { cookie: cookies[0] });
  assert.equal(session.body.account.name, "Grace");
  assert.equal((await signIn({ claims, userinfo: about({}) })).location, "/m/abc");
  const wrong = {
    "about another": about({ sub: "s-1" }),
    "about nobody": about({ sub: undefined }),
    "signed, about another": signed({ sub: "s-1" }),
    "signed by another": signed({}, { sign: provider.byStranger }),
    "unsigned in disguise": signed({}, { header: { alg: "none" }, sign: provider.unsigned }),
    "signed for another": signed({ aud: "another" }),
    "without end": (response) => response.end("x".repeat(100_000)),
  };
  for (const [what, userinfo] of Object.entries(wrong)) await isRefused(what, { claims, userinfo });
});

test("an account is created or linked only when the configuration says so", async () => {
  const other = await Server.start(
    "oidc-link",
    oidcSettings(provider.issuer, secretFile, "create_accounts = false\nlink_by_email = true\n"),
  );
  const first = server;
  server = other;
  try {
    await isRefused("somebody without an account", {}, undefined, "sso_not_allowed");
    await other.command("user", "add", "Ada", "--email", "ada@ville.fr");
    const unverified = { claims: { email_verified: false }, userinfo: { sub: "s-1" } };
    await isRefused("an address nobody vouches for", unverified, undefined, "sso_not_allowed");
    assert.equal((await signIn()).location, "/m/abc", "the account is hers from now on");
    const moved = { claims: { email: "ada@elsewhere.example" } };
    assert.equal((await signIn(moved)).location, "/m/abc", "whatever her address is");
    const thief = { claims: { sub: "s-9" } };
    await isRefused("another person of that address", thief, undefined, "sso_not_allowed");
  } finally {
    server = first;
    await other.stop();
  }
});

test("a way back that is not the way there signs nobody in", async () => {
  const expired = "sso_expired";
  await isRefused("another state", {}, ({ query }) => query.set("state", "x"), expired);
  await isRefused("no state", {}, ({ query }) => query.delete("state"), expired);
  const withoutCookie = (back) => {
    back.cookie = null;
  };
  await isRefused("another browser", {}, withoutCookie, expired);
  const forged = (back) => {
    back.cookie = `${back.cookie.slice(0, -4)}AAAA`;
  };
  await isRefused("a forged cookie", {}, forged, expired);
  const otherIssuer = ({ query }) => query.set("iss", "https://evil.example");
  await isRefused("another provider's answer (RFC 9207)", {}, otherIssuer);
  await isRefused("no code", {}, ({ query }) => query.delete("code"));
  await isRefused("an error", {}, ({ query }) => query.set("error", "server_error"));
  const denied = ({ query }) => query.set("error", "access_denied");
  await isRefused("a no", {}, denied, "sso_cancelled");
});

test("forged logouts end nothing, and a right one counts once", async () => {
  const { cookies } = await signIn({ claims: { sid: "x-1" } });
  const isIn = async () =>
    (await server.call("GET", "/api/v1/session", { cookie: cookies[0] })).body.account !== null;
  const post = async (token, more = {}) => {
    const answer = await fetch(`${server.plainUrl}/api/v1/sign-in/oidc/logout`, {
      method: "POST",
      body: new URLSearchParams({ logout_token: token }),
      ...more,
    });
    assert.equal(answer.headers.get("cache-control"), "no-store");
    return answer.status;
  };
  const logout = (changes = {}) => ({
    iss: provider.issuer,
    aud: "conclave",
    iat: now(),
    exp: now() + 120,
    jti: "j-1",
    sid: "x-1",
    events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    ...changes,
  });
  provider.answer = {};
  for (const claims of [
    logout({ iss: "https://evil.example" }),
    logout({ aud: "another" }),
    logout({ exp: now() - 120 }),
    logout({ events: undefined }),
    logout({ events: { other: {} } }),
    logout({ nonce: "n" }),
    logout({ sid: undefined }),
    logout({ jti: undefined }),
    provider.claims(),
  ]) {
    assert.equal(await post(provider.token(claims)), 400);
  }
  provider.answer = { sign: provider.byStranger };
  assert.equal(await post(provider.token(logout())), 400, "another key");
  provider.answer = { header: { alg: "HS256" }, sign: provider.byPublicKey };
  assert.equal(await post(provider.token(logout())), 400, "a public key for a secret");
  assert.equal(await post("nonsense"), 400);
  provider.answer = { header: { typ: "logout+jwt" } };
  const right = provider.token(logout());
  assert.equal(await post(right, { method: "PUT" }), 405);
  assert.ok(await isIn());
  assert.equal(await post(right), 200);
  assert.equal(await isIn(), false);
  assert.equal(await post(right), 400, "once");
  assert.ok((await counter("conclave_sso_logouts_refused_total")) >= 12);
});

test("turned keys are fetched, and tokens of unknown keys cannot make the server ask without end", async () => {
  await sleep(askIntervalMs);
  const asked = provider.asked.keys;
  for (let i = 0; i < 20; i++) await isRefused("unknown key", { header: { kid: `unknown-${i}` } });
  assert.ok(provider.asked.keys - asked <= 2, `${provider.asked.keys - asked} times`);
  await sleep(askIntervalMs);
  provider.keys = provider.strangers;
  provider.keys.publicJwk.kid = "turned";
  assert.equal((await signIn({ header: { kid: "turned" } })).location, "/m/abc");
});

test("the page says in words what went wrong", async () => {
  const person = await Attendee.inChromium("green", "Ada", { locale: "fr-FR" });
  await person.page.goto(`${server.url}/sign-in?problem=sso_refused&next=%2Fm%2Fabc`);
  await person.appears("sign-in-problem");
  await eventually("it is said", async () => /n’a pas pu être vérifiée/.test(await person.text()));
  assert.equal(await person.attribute("sign-in-problem", "role"), "alert");
  assert.match(await person.attribute("sso-button", "href"), /\?next=%2Fm%2Fabc$/);
  await person.screenshot("sso-refused-1280");
  await person.page.goto(`${server.url}/sign-in?problem=%3Cscript%3Ealert(1)%3C/script%3E`);
  await person.appears("sso-button");
  assert.equal(await person.has("sign-in-problem"), false, "only what it knows");
  person.assertNoErrors();
  await person.close();
});
