// Whether two sets of samples may come from one distribution (Kolmogorov and Smirnov, two-sample).

/** The largest distance of the two empirical distributions, and how likely one as large is by chance. */
export function smirnov(a, b) {
  const [x, y] = [a, b].map((samples) => [...samples].sort((l, r) => l - r));
  let [i, j, distance] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i], y[j]);
    while (x[i] <= value) i += 1;
    while (y[j] <= value) j += 1;
    distance = Math.max(distance, Math.abs(i / x.length - j / y.length));
  }
  const size = Math.sqrt((x.length * y.length) / (x.length + y.length));
  return { distance, p: tail((size + 0.12 + 0.11 / size) * distance) };
}

/** Of Kolmogorov's distribution, with Stephens' correction for finite samples above. */
function tail(lambda) {
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k += 1) sum += (k % 2 ? 2 : -2) * Math.exp(-2 * (k * lambda) ** 2);
  return Math.min(1, Math.max(0, sum));
}

export function quantile(samples, share) {
  const sorted = [...samples].sort((l, r) => l - r);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
