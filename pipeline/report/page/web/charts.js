// Charts by hand, and the arithmetic under them. What is drawn has a title and a description; what it shows is always
// there as text or as a table too.

// --- Money: decimal strings, added as whole numbers of the smallest unit that occurs, never as floats.

function decParse(text) {
  const m = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text == null ? '' : String(text).trim());
  if (!m) return null;
  const frac = m[3] || '';
  return { n: BigInt(m[1] + m[2] + frac), scale: frac.length };
}

function decString(n, scale) {
  const sign = n < 0n ? '-' : '';
  const digits = (n < 0n ? -n : n).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale), frac = digits.slice(digits.length - scale).replace(/0+$/, '');
  return sign + whole + (frac ? '.' + frac : '');
}

function decSum(texts) {
  let sum = 0n, scale = 0, known = 0;
  for (const t of texts) {
    const d = decParse(t);
    if (!d) continue;
    if (d.scale > scale) {
      sum *= 10n ** BigInt(d.scale - scale);
      scale = d.scale;
    }
    sum += d.n * 10n ** BigInt(scale - d.scale);
    known++;
  }
  return { text: decString(sum, scale), known };
}

function decSub(a, b) {
  const neg = String(b).startsWith('-') ? String(b).slice(1) : '-' + b;
  return decSum([a, neg]).text;
}

// decMean rounds half away from zero, to as many places as the sum has and two more.
function decMean(text, count) {
  const d = decParse(text);
  if (!d || !count) return null;
  const n = d.n * 100n * 2n, by = BigInt(count) * 2n, half = BigInt(count);
  return decString((n < 0n ? n - half : n + half) / by, d.scale + 2);
}

function decCompare(a, b) {
  const x = decParse(a), y = decParse(b);
  if (!x || !y) return x ? -1 : y ? 1 : 0;
  const s = Math.max(x.scale, y.scale);
  const l = x.n * 10n ** BigInt(s - x.scale), r = y.n * 10n ** BigInt(s - y.scale);
  return l < r ? -1 : l > r ? 1 : 0;
}

// roundDec rounds half away from zero to a number of places, as text.
function roundDec(text, places) {
  const d = decParse(text);
  if (!d || d.scale <= places) return text;
  const by = 10n ** BigInt(d.scale - places), neg = d.n < 0n, n = ((neg ? -d.n : d.n) * 2n + by) / (2n * by);
  return decString(neg ? -n : n, places);
}

// fixedDec is roundDec with all its places.
function fixedDec(text, places) {
  const [w, f = ''] = roundDec(text, places).split('.');
  return places ? w + '.' + f.padEnd(places, '0') : w;
}

// usd is an amount for people: cents from a dollar on, four digits that count below.
function usd(text) {
  const d = decParse(text);
  if (!d) return '–';
  const [whole, frac = ''] = decString(d.n < 0n ? -d.n : d.n, d.scale).split('.');
  const places = whole === '0' ? Math.max(2, frac.search(/[1-9]/) + 4) : 2;
  const [w, f = ''] = roundDec(whole + '.' + frac.padEnd(places, '0'), places).split('.');
  return (d.n < 0n ? '−' : '') + '$' + w.replace(/\B(?=(\d{3})+$)/g, ',') + '.' + f.replace(/0+$/, '').padEnd(2, '0');
}

// --- Numbers

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

// --- SVG

let svgSeq = 0;

function svgEl(tag, attrs, ...kids) {
  const el = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [k, v] of Object.entries(attrs || {})) if (v != null) el.setAttribute(k, v);
  for (const kid of kids.flat()) if (kid != null) el.append(kid);
  return el;
}

function svgFigure(width, height, cls, title, desc, ...kids) {
  const id = 'svg' + ++svgSeq;
  return svgEl('svg', {
    viewBox: `0 0 ${width} ${height}`, class: 'chart ' + cls, role: 'img',
    'aria-labelledby': id + 't', 'aria-describedby': id + 'd',
  }, svgEl('title', { id: id + 't' }, title), svgEl('desc', { id: id + 'd' }, desc), ...kids);
}

// tickNumber spells a multiple of step without the noise of floats.
function tickNumber(v, step) {
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return v.toFixed(Math.min(places, 6));
}

// histogramSVG draws bins of seconds with marks at the median and the 95th percentile.
function histogramSVG(title, b) {
  const W = 320, H = 138, left = 6, right = 6, top = 34, base = 118, inner = W - left - right;
  const most = Math.max(...b.bins.map(x => x.count)), step = inner / b.bins.length;
  const regular = b.bins[b.bins.length - 1].over ? b.bins.length - 1 : b.bins.length, start = b.bins[0].from;
  const x = v => left + Math.min(b.bins.length - 0.5, (v - start) / b.width + (b.whole && b.width === 1 ? 0.5 : 0)) * step;
  const small = b.max < 1, word = small ? ' ms' : ' s', unit = v => (small ? tickNumber(v * 1000, b.width * 1000) : tickNumber(v, b.width));
  const wide = Math.max(0.5, Math.min(step - Math.min(2, step * 0.2), 48));
  const bars = b.bins.map((bin, i) => {
    const tall = bin.count ? Math.max(1.5, (base - top) * bin.count / most) : 0;
    const range = bin.over ? `${unit(bin.from)}${word} and more, up to ${fmtSecs(bin.to)}`
      : b.whole && b.width === 1 ? `${unit(bin.from)}${word}` : `${unit(bin.from)} to ${unit(bin.to)}${word}`;
    return svgEl('rect', {
      class: bin.over ? 'h-bar over' : 'h-bar', x: (left + (i + 0.5) * step - wide / 2).toFixed(2), y: (base - tall).toFixed(2),
      width: wide.toFixed(2), height: tall.toFixed(2),
    }, svgEl('title', null, `${range}: ${bin.count} ${bin.count === 1 ? 'task' : 'tasks'}`));
  });
  const mark = (name, v, y) => {
    const at = x(v), end = at > W * 0.62;
    return svgEl('g', { class: 'at-mark ' + name }, svgEl('line', { x1: at, x2: at, y1: y - 8, y2: base }),
      svgEl('text', { x: end ? at - 4 : at + 4, y, 'text-anchor': end ? 'end' : 'start' }, `${name} ${fmtSecs(v)}`));
  };
  const labels = [], every = Math.ceil(regular / Math.floor(inner / 56));
  const centred = b.whole && b.width === 1;
  for (let i = 0; i < regular; i += every) {
    const at = left + (i + (centred ? 0.5 : 0)) * step;
    labels.push(svgEl('text', { class: 'tick', x: at, y: base + 14, 'text-anchor': at < 12 ? 'start' : at > W - 12 ? 'end' : 'middle' },
      unit(start + i * b.width) + (i === 0 ? word : '')));
  }
  if (regular < b.bins.length && (regular - 1) % every > every / 2 - 1) {
    labels.push(svgEl('text', { class: 'tick', x: W - right, y: base + 14, 'text-anchor': 'end' }, 'more'));
  }
  const desc = `${b.n} tasks, from ${fmtSecs(b.min)} to ${fmtSecs(b.max)}; median ${fmtSecs(b.median)}, 95th percentile ${fmtSecs(b.p95)}.`;
  return svgFigure(W, H, 'histogram', title, desc, bars,
    svgEl('line', { class: 'base-line', x1: left, x2: W - right, y1: base, y2: base }), labels,
    mark('median', b.median, 12), mark('p95', b.p95, 26));
}

// stackSVG is one bar whose parts have classes of their own.
function stackSVG(title, parts) {
  const total = parts.reduce((n, p) => n + p.count, 0), W = 1000, H = 14;
  let x = 0;
  const rects = parts.filter(p => p.count).map(p => {
    const w = Math.max(3, W * p.count / total), r = svgEl('rect', { class: 'part ' + p.cls, x, y: 0, width: w, height: H },
      svgEl('title', null, `${p.name}: ${p.count}`));
    x += W * p.count / total;
    return r;
  });
  const svg = svgFigure(W, H, 'stack', title, parts.filter(p => p.count).map(p => `${p.count} ${p.name}`).join(', ') + '.', rects);
  svg.setAttribute('preserveAspectRatio', 'none');
  return svg;
}
