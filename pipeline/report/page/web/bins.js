// The arithmetic under the charts: quantiles, bins, and intervals of time.

function knownOf(values) {
  return values.filter(v => v != null && Number.isFinite(v));
}

function quantile(sorted, p) {
  if (!sorted.length) return null;
  const at = (sorted.length - 1) * p, low = Math.floor(at), high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

// niceStep is the smallest of 1, 2 and 5 times a power of ten that is not below x.
function niceStep(x) {
  if (!(x > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(x));
  for (const m of [1, 2, 5]) if (m * power >= x * 0.999999) return m * power;
  return 10 * power;
}

// binValues sorts numbers into bins of one nice width. What lies far beyond the 95th percentile is one last bin, so that
// a single straggler does not flatten the rest.
function binValues(values, want) {
  const sorted = knownOf(values).sort((a, b) => a - b);
  if (!sorted.length) return null;
  const min = sorted[0], max = sorted[sorted.length - 1], p95 = quantile(sorted, 0.95), median = quantile(sorted, 0.5);
  const far = p95 + 2 * Math.max(p95 - min, p95 * 0.1);
  const top = max > far && sorted.length >= 20 ? far : max;
  const whole = sorted.every(Number.isInteger);
  let width = niceStep((top - min) / (want || 20) || Math.abs(max) / 10 || 1);
  if (whole && width < 1) width = 1;
  const start = Math.floor(min / width + 1e-9) * width;
  const n = Math.max(1, Math.floor((top - start) / width + 1e-9) + 1);
  const bins = Array.from({ length: n }, (_, i) => ({ from: start + i * width, to: start + (i + 1) * width, count: 0 }));
  let over = 0;
  for (const v of sorted) {
    const i = Math.floor((v - start) / width + 1e-9);
    if (i < n) bins[i].count++;
    else over++;
  }
  if (over) bins.push({ from: start + n * width, to: max, count: over, over: true });
  return { bins, width, whole, min, max, median, p95, n: sorted.length, unknown: values.length - sorted.length };
}

// packIntervals gives each interval [start, end] the first row that is free; slack forgives clocks that are a little off.
// It returns the number of rows.
function packIntervals(intervals, slack) {
  const ends = [];
  for (const t of intervals) {
    let row = 0;
    while (row < ends.length && ends[row] > t.start + slack) row++;
    t.row = row;
    ends[row] = Math.max(t.end, ends[row] || 0);
  }
  return ends.length;
}

// busyShare is the mean number of intervals under way in each of n equal parts of [from, to].
function busyShare(intervals, from, to, n) {
  const busy = new Float64Array(n), steps = new Float64Array(n + 1), width = (to - from) / n;
  if (!(width > 0)) return busy;
  for (const t of intervals) {
    const a = Math.max(0, (t.start - from) / width), b = Math.min(n, (t.end - from) / width);
    if (b <= a) continue;
    const i = Math.min(n - 1, Math.floor(a)), j = Math.min(n - 1, Math.floor(b));
    if (i === j) {
      busy[i] += b - a;
      continue;
    }
    busy[i] += i + 1 - a;
    busy[j] += b - j;
    steps[i + 1]++;
    steps[j]--;
  }
  for (let i = 0, on = 0; i < n; i++) {
    on += steps[i];
    busy[i] += on;
  }
  return busy;
}

// groupAxis puts the values of an axis into at most `most` groups of neighbours.
function groupAxis(values, most) {
  const per = Math.ceil(values.length / most) || 1, groups = [];
  for (let i = 0; i < values.length; i += per) {
    const last = Math.min(values.length, i + per) - 1;
    groups.push({ from: i, to: last, label: last > i ? values[i] + ' … ' + values[last] : values[i] });
  }
  return { per, groups };
}

// tickNumber spells a multiple of step without the noise of floats.
function tickNumber(v, step) {
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return v.toFixed(Math.min(places, 6));
}
