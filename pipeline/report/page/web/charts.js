// Charts by hand. What is drawn has a title and a description; what it shows is there as text or as a table too.

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
  const labels = [], every = Math.ceil(regular / Math.floor(inner / 56)), over = regular < b.bins.length;
  const centred = b.whole && b.width === 1;
  for (let i = 0; i < regular; i += every) {
    const at = left + (i + (centred ? 0.5 : 0)) * step;
    if (over && at > W - 56) break;
    labels.push(svgEl('text', { class: 'tick', x: at, y: base + 14, 'text-anchor': at < 12 ? 'start' : at > W - 12 ? 'end' : 'middle' },
      unit(start + i * b.width) + (i === 0 ? word : '')));
  }
  if (over) labels.push(svgEl('text', { class: 'tick', x: W - right, y: base + 14, 'text-anchor': 'end' }, 'more'));
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
