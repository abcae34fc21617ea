// What the time of an answer tells to somebody who guesses (rows A14 and A15 of docs/security.md), and what a
// storm of passwords does to others. Prints figures and judges nothing: they are those of one machine.
//
//   CONCLAVE=build/release/src/conclave node tests/timing/timing.mjs [samples] [passwords] [logins]
import { Agent, request } from "node:http";
import { Server } from "../e2e/lib/server.mjs";
import { quantile, smirnov } from "./smirnov.mjs";

const [samples = 10_000, passwords = 100, logins = 1000] = process.argv.slice(2).map(Number);
const wide = `[limits]
joins_per_minute_per_address = 1000000
joins_per_minute = 1000000
sign_ins_per_minute_per_address = 1000000
sign_ins_per_minute = 1000000
`;
const server = await Server.start("timing", wide);
const one = new Agent({ keepAlive: true, maxSockets: 1 });

/** One request; { status, ms, headers }. */
function ask(agent, method, path, body) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const url = new URL(path, server.plainUrl);
    const headers = {
      Origin: server.plainUrl,
      ...(body && {
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(text),
      }),
    };
    const began = process.hrtime.bigint();
    const sent = request(url, { method, agent, headers }, (answer) => {
      answer.resume().on("end", () => {
        const ms = Number(process.hrtime.bigint() - began) / 1e6;
        resolve({ status: answer.statusCode, ms, headers: answer.headers });
      });
    });
    sent.on("error", reject);
    sent.end(text);
  });
}

const print = (line) => process.stdout.write(`${line}\n`);
const figure = (samples, share) => quantile(samples, share).toFixed(3);

/** The two questions by turns, so that whatever else goes on meets both alike. */
async function compare(name, count, left, right) {
  const times = [[], []];
  const statuses = new Set();
  for (let i = -Math.min(count, 200); i < count; i += 1) {
    const order = i % 2 === 0 ? [0, 1] : [1, 0];
    for (const side of order) {
      const { status, ms } = await (side === 0 ? left(i) : right(i));
      statuses.add(status);
      if (i >= 0) times[side].push(ms);
    }
  }
  const { distance, p } = smirnov(...times);
  const medians = times.map((of) => figure(of, 0.5)).join("/");
  print(
    `timing: ${name} samples=${count} status=${[...statuses]} median_ms=${medians} ks=${distance.toFixed(4)} p=${p.toFixed(3)}`,
  );
}

const { id, cookie } = await server.createMeeting("Conseil");
await server.call("DELETE", `/api/v1/meetings/${id}`, { cookie });
const unknown = "00000-00000-00000-00000";
const summary = (meeting) => () => ask(one, "GET", `/api/v1/meetings/${meeting}`);
const join = (meeting) => () =>
  ask(one, "POST", `/api/v1/meetings/${meeting}/join`, { name: "Eve" });
await compare(
  "summary unknown/unknown",
  samples,
  summary(unknown),
  summary("11111-11111-11111-11111"),
);
await compare("summary unknown/ended", samples, summary(unknown), summary(id));
await compare("summary unknown/malformed", samples, summary(unknown), summary("x"));
await compare("join unknown/ended", samples, join(unknown), join(id));

// Five failures are free; every account, there or not, gets as many.
const word = "Kx7#mQ2!vB9$";
const accounts = Math.ceil(passwords / 2.5);
for (let i = 0; i < accounts; i += 1)
  await server.command("user", "add", `Agent ${i}`, "--email", `a${i}@ville.fr`);
await server.feed(word, "user", "password", "a0@ville.fr", "--password-stdin");
const guess = (letter) => (i) =>
  ask(one, "POST", "/api/v1/sign-in/password", {
    email: `${letter}${(i + passwords) % accounts}@ville.fr`,
    password: "not this one, nor any other",
  });
await compare("password known/unknown", passwords / 2, guess("a"), guess("x"));

/** How long `count` joins take, one after the other, and what they were answered. */
async function joins(meeting, count) {
  const times = [];
  for (let i = 0; i < count; i += 1) {
    times.push((await ask(one, "POST", `/api/v1/meetings/${meeting}/join`, { name: `G${i}` })).ms);
  }
  return times;
}
const metric = async (name) => {
  const text = await (await fetch(`${server.plainUrl}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)[1]);
};

const open = await server.createMeeting("Séance");
const calm = await joins(open.id, 100);
const many = new Agent({ keepAlive: true, maxSockets: logins });
const began = Date.now();
const storm = Promise.all(
  Array.from({ length: logins }, (_, i) =>
    ask(many, "POST", "/api/v1/sign-in/password", { email: `s${i}@ville.fr`, password: "guessed" }),
  ),
);
const stormy = await joins(open.id, 100);
const answers = await storm;
const count = (status) => answers.filter((answer) => answer.status === status).length;
const busy = answers.filter((answer) => answer.status === 503);
print(
  `logins: parallel=${logins} seconds=${((Date.now() - began) / 1000).toFixed(1)} checked=${count(401)} busy=${busy.length} ` +
    `retry_after=${[...new Set(busy.map(({ headers }) => headers["retry-after"]))]} busy_p99_ms=${
      busy.length
        ? figure(
            busy.map(({ ms }) => ms),
            0.99,
          )
        : "-"
    } ` +
    `hashing_peak=${await metric("conclave_passwords_hashing_peak")}`,
);
print(
  `joins: calm_p50_ms=${figure(calm, 0.5)} calm_p99_ms=${figure(calm, 0.99)} storm_p50_ms=${figure(stormy, 0.5)} storm_p99_ms=${figure(stormy, 0.99)}`,
);
await server.stop();
one.destroy();
many.destroy();
