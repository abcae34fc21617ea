// A run over time as an SVG without script: capacity and what got through above, what packets waited below.

const width = 860;
const panels = { rate: { top: 40, height: 220 }, wait: { top: 300, height: 120 } };
const left = 60;
const right = 20;
const bottom = 460;
const colours = {
  capacity: "#8a8a8a",
  link: "#0b6aa2",
  video: "#c2410c",
  wait: "#6b21a8",
  freeze: "#dc2626",
};

const escape = (text) => text.replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const line = (points, colour, more = "") =>
  `<polyline points="${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")}" fill="none" stroke="${colour}" stroke-width="1.6" ${more}/>`;
const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${escape(words)}</text>`;

function scale(panel, max) {
  return (value) => panel.top + panel.height * (1 - Math.min(value, max) / max);
}

function axis(panel, y, ticks, words) {
  return ticks.map(
    (tick) =>
      `<line x1="${left}" x2="${width - right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#e5e5e5"/>` +
      text(left - 6, y(tick) + 4, words(tick), 'text-anchor="end"'),
  );
}

/** Growth of a counter between rows, as bits a second, over about a second. */
function videoRate(rows) {
  return rows.flatMap((row, i) => {
    const before = rows[i - 5];
    if (!before || row.video_bytes === undefined) return [];
    const bits = 8 * (row.video_bytes - (before.video_bytes ?? 0));
    return [[row.at, (1000 * bits) / (row.at - before.at)]];
  });
}

/** What left the queue, over half a second. */
function linkRate(samples, way) {
  return samples.flatMap((sample, i) => {
    if (i < 5) return [];
    const bits = 8 * samples.slice(i - 4, i + 1).reduce((sum, one) => sum + one[way].sent_bytes, 0);
    return [[sample.at, (1000 * bits) / (sample.at - samples[i - 5].at)]];
  });
}

function capacityLine(steps, ended, x, y) {
  return steps.flatMap(({ at, rate }, i) => [
    [x(at), y(rate)],
    [x(steps[i + 1]?.at ?? ended), y(rate)],
  ]);
}

function key() {
  const entries = [
    ["capacity", "capacity"],
    ["link", "carried by the link"],
    ["video", "video that arrived"],
    ["wait", "longest wait in the queue"],
    ["freeze", "picture frozen"],
  ];
  return entries.map(([name, words], i) => {
    const at = left + i * 155;
    return `<rect x="${at}" y="${bottom + 8}" width="14" height="4" fill="${colours[name]}"/>${text(at + 19, bottom + 14, words)}`;
  });
}

/** `title` is also what is read to whoever does not see it. */
export function drawSteps({ title, way, steps, ended, link, received, freezes }) {
  const began = steps[0].at;
  const x = (at) => left + ((width - left - right) * (at - began)) / (ended - began);
  const inside = (points) => points.filter(([at]) => at >= began && at <= ended);
  const rateMax = 1.1 * Math.max(...steps.map(({ rate }) => rate));
  const yRate = scale(panels.rate, rateMax);
  const waits = inside(link.map((sample) => [sample.at, Math.max(0, ...sample[way].queue_ms)]));
  const waitMax = Math.max(300, ...waits.map(([, ms]) => ms));
  const yWait = scale(panels.wait, waitMax);
  const mega = Array.from({ length: Math.floor(rateMax / 1e6) + 1 }, (_, i) => i * 1e6);
  const waitTicks = [0, 150, ...(waitMax > 600 ? [Math.round(waitMax)] : [300])];
  const seconds = Array.from(
    { length: Math.floor((ended - began) / 10_000) + 1 },
    (_, i) => 10 * i,
  );
  const map = (points, y) => inside(points).map(([at, value]) => [x(at), y(value)]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 24}" role="img" font-family="sans-serif" font-size="12"><title>${escape(title)}</title><rect width="100%" height="100%" fill="#fff"/>`,
    text(left, 22, title, 'font-size="14" font-weight="bold"'),
    ...axis(panels.rate, yRate, mega, (bps) => `${bps / 1e6} Mbit/s`),
    ...axis(panels.wait, yWait, waitTicks, (ms) => `${ms} ms`),
    ...seconds.map((s) => text(x(began + 1000 * s), bottom - 22, `${s} s`, 'text-anchor="middle"')),
    ...freezes.map(({ from, to }) => {
      const [a, b] = [x(Math.max(from, began)), x(to)];
      return `<rect x="${a.toFixed(1)}" y="${panels.rate.top + panels.rate.height + 4}" width="${Math.max(1, b - a).toFixed(1)}" height="6" fill="${colours.freeze}"/>`;
    }),
    line(capacityLine(steps, ended, x, yRate), colours.capacity, 'stroke-dasharray="5 3"'),
    line(map(linkRate(link, way), yRate), colours.link),
    line(map(videoRate(received), yRate), colours.video),
    line(map(waits, yWait), colours.wait),
    ...key(),
    "</svg>\n",
  ].join("\n");
}
