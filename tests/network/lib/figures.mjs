// From what links and pages noticed to figures. Pure.

export function quantile(values, share) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

const round = (value, digits = 0) =>
  value === null || !Number.isFinite(value) ? null : Number(value.toFixed(digits));

/** By how much each counter of getStats grew; a counter that did not exist counted nothing. */
function growth(rows, from, to) {
  const before = rows.findLast(({ at }) => at <= from) ?? rows.find(({ at }) => at > from) ?? {};
  const after = rows.findLast(({ at }) => at <= to) ?? {};
  return (name) => (after[name] ?? 0) - (before[name] ?? 0);
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** Bits a second that left the link's queue. */
export function rateOf(samples, way, from, to) {
  const within = samples.filter(({ at }) => at > from && at <= to);
  return (8000 * sum(within.map((sample) => sample[way].sent_bytes))) / (to - from);
}

/** The first moment after `from` at which `isTrue(t)`, looked at ten times a second; null: never. */
function firstTime(from, to, isTrue) {
  for (let at = from; at <= to; at += 100) if (isTrue(at)) return at;
  return null;
}

/** Freezes as the browser counts them, each with its beginning and end; one that goes on ends at `ended`. */
export function freezesOf(rows, ended) {
  const freezes = [];
  let shownAt = rows[0]?.at ?? ended;
  for (let i = 1; i < rows.length; i++) {
    const [before, row] = [rows[i - 1], rows[i]];
    if ((row.frames ?? 0) > (before.frames ?? 0)) shownAt = row.at;
    const count = (row.freezes ?? 0) - (before.freezes ?? 0);
    if (count <= 0) continue;
    const ms = (1000 * (row.frozen_s - before.frozen_s)) / count;
    for (let k = 0; k < count; k++) freezes.push({ from: row.at - ms, to: row.at });
  }
  if (ended - shownAt > 500) freezes.push({ from: shownAt, to: ended });
  return freezes;
}

const lost = (grew) => {
  const packets = grew("audio_packets") + grew("audio_lost");
  return packets > 0 ? (100 * grew("audio_lost")) / packets : null;
};
const concealed = (grew) =>
  grew("samples") > 0 ? (100 * grew("concealed")) / grew("samples") : null;

const longFreezeMs = 500;
const graceMs = 1000;
const queueMsMax = 150;
const fillShare = 0.8;
const fillWithinMs = 5000;

function stepFigures(run, step, until, before) {
  const { way, link, received, freezes } = run;
  const within = link.filter(({ at }) => at > step.at && at <= until);
  const queue = within.flatMap((sample) => sample[way].queue_ms);
  const grew = growth(received, step.at, until);
  // What froze in the first second of a step is the step's doing.
  const after = freezes
    .map(({ from, to }) => Math.min(to, until) - Math.max(from, step.at + graceMs))
    .filter((ms) => ms > 0);
  const isFull = (at) => rateOf(link, way, at - 1000, at) >= fillShare * step.rate;
  const isCalm = (at) =>
    within.every(
      (sample) =>
        sample.at <= at ||
        sample.at > at + 2000 ||
        Math.max(0, ...sample[way].queue_ms) < queueMsMax,
    );
  const filled = firstTime(step.at + 1000, until, isFull);
  const calm = firstTime(step.at, until - 2000, isCalm);
  return {
    capacity_bps: step.rate,
    loss_percent: 100 * step.loss,
    is_rise: before !== undefined && step.rate > before.rate,
    utilisation: round(rateOf(link, way, step.at + fillWithinMs, until) / step.rate, 2),
    filled_after_s: filled === null ? null : round((filled - step.at) / 1000, 1),
    settled_after_s: calm === null ? null : round((calm - step.at) / 1000, 1),
    queue_ms_p50: round(quantile(queue, 0.5)),
    queue_ms_p95: round(quantile(queue, 0.95)),
    queue_ms_max: round(quantile(queue, 1)),
    overflowed: sum(within.map((sample) => sample[way].overflowed)),
    freezes: freezes.filter(({ from }) => from > step.at && from <= until).length,
    freeze_ms_max: round(Math.max(0, ...after)),
    freezes_long: after.filter((ms) => ms > longFreezeMs).length,
    audio_lost_percent: round(lost(grew), 2),
    audio_concealed_percent: round(concealed(grew), 2),
    frames_per_s: round((1000 * grew("frames")) / (until - step.at), 1),
    height: received.findLast(({ at }) => at <= until)?.height ?? null,
  };
}

/** The rows of a run: one of each step, and one of the whole with what is aimed at. */
export function judgeSteps(run) {
  const { server, scenario, way, steps, ended, link, received, sent } = run;
  const freezes = freezesOf(received, ended);
  const untils = steps.map((_, i) => steps[i + 1]?.at ?? ended);
  const parts = steps.map((step, i) =>
    stepFigures({ ...run, freezes }, step, untils[i], steps[i - 1]),
  );
  const began = steps[0].at;
  const grew = growth(received, began, ended);
  const queue = link
    .filter(({ at }) => at > began && at <= ended)
    .flatMap((sample) => sample[way].queue_ms);
  const rises = parts.filter((part) => part.is_rise);
  const encoded = (1000 * growth(sent, began, ended)("sent_frames")) / (ended - began);
  const whole = {
    server,
    scenario,
    queue_ms_p95: round(quantile(queue, 0.95)),
    audio_lost_percent: round(lost(grew), 2),
    audio_concealed_percent: round(concealed(grew), 2),
    freezes_long: sum(parts.map((part) => part.freezes_long)),
    freeze_ms_max: Math.max(...parts.map((part) => part.freeze_ms_max)),
    filled_after_s: rises.length ? rises.at(-1).filled_after_s : null,
    joined_ms: steps[0].joined_ms,
    machine_too_busy: run.isBusy || encoded < 0.8 * run.framesPerSecond,
  };
  return {
    rows: [
      whole,
      ...parts.map(({ is_rise, ...part }) => ({
        server,
        scenario: `${scenario}/${part.capacity_bps}`,
        ...part,
      })),
    ],
    plot: { ...run, freezes },
  };
}
