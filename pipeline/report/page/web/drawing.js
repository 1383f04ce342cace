// Drawing of the timeline: the scale, the slots in use, and the tasks in their rows.

const timeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5, 864e5];

// clockText spells milliseconds from the start of the run.
function clockText(ms, step) {
  if (step < 1000 && ms < 60000) return (ms / 1000).toFixed(step < 10 ? 3 : step < 100 ? 2 : 1) + ' s';
  const s = Math.round(ms / 1000), two = v => String(v).padStart(2, '0');
  const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  if (h) return `${h}:${two(m)}:${two(s % 60)}`;
  return s < 60 && step < 60000 ? s + ' s' : `${m}:${two(s % 60)}`;
}

// drawTimeline draws what lies between view[0] and view[1], in milliseconds from the start of the run.
function drawTimeline(g, { run, view, w, height, rows, rowH, strip, colors: c, text, rule, panel, font, hover }) {
  const base = strip + 8, gap = rowH >= 4 ? 1 : 0, xOf = t => (t - run.start - view[0]) / (view[1] - view[0]) * w;

  // The scale, behind everything.
  const step = timeSteps.find(s => s / (view[1] - view[0]) * w >= 72) || timeSteps[timeSteps.length - 1] * Math.ceil(72 * (view[1] - view[0]) / w / timeSteps[timeSteps.length - 1]);
  g.font = '11px ' + font;
  g.textBaseline = 'bottom';
  for (let t = Math.ceil(view[0] / step) * step; t <= view[1]; t += step) {
    const x = Math.round(xOf(run.start + t)) + 0.5;
    g.fillStyle = rule;
    g.fillRect(x - 0.5, 0, 1, height - 16);
    g.fillStyle = text;
    const label = clockText(t, step), wide = g.measureText(label).width;
    g.fillText(label, Math.max(0, Math.min(w - wide, x - wide / 2)), height);
  }

  // Slots in use.
  const busy = busyShare(run.tasks, run.start + view[0], run.start + view[1], Math.max(1, Math.round(w)));
  const top = Math.max(run.capacity, run.rows);
  g.fillStyle = c.seen;
  g.beginPath();
  g.moveTo(0, strip);
  for (let i = 0; i < busy.length; i++) {
    const y = strip - (strip - 14) * busy[i] / top, x = i * w / busy.length;
    g.lineTo(x, y);
    g.lineTo(x + w / busy.length, y);
  }
  g.lineTo(w, strip);
  g.fill();
  const full = strip - (strip - 14) * run.capacity / top;
  g.fillStyle = text;
  g.fillRect(0, Math.round(full), w, 1);
  g.fillText(fmtPlural(run.capacity, 'slot'), 0, Math.round(full) - 1);

  // The tasks, kind by kind.
  const from = run.start + view[0], to = run.start + view[1];
  const shown = run.tasks.filter(t => Math.max(t.end, t.down) >= from && t.start <= to);
  const box = (a, b, row, thin) => {
    const x = Math.max(-2, xOf(a)), wide = Math.min(w + 2, xOf(b)) - x;
    if (wide <= 0) return;
    const y = base + row * rowH, tall = rowH - gap;
    if (thin) g.fillRect(x, y + tall - Math.max(1, tall * 0.25), wide, Math.max(1, tall * 0.25));
    else g.fillRect(x, y, wide, tall);
  };
  const apart = rowH >= 4;
  for (const [k, a, b] of [['seen', 'ran', 'end'], ['queued', 'start', 'queued'], ['ran', 'queued', 'ran']]) {
    g.fillStyle = c[k];
    for (const t of shown) if (k !== 'ran' || !t.failed) box(t[a], t[b], t.row);
  }
  g.fillStyle = c.failed;
  for (const t of shown) if (t.failed) box(t.queued, t.ran > t.queued ? t.ran : t.end, t.row);
  g.fillStyle = panel;
  if (apart) {
    for (const t of shown) {
      const x = xOf(t.start);
      if (xOf(t.end) - x > 4 && x > 0) g.fillRect(x, base + t.row * rowH, 1, rowH);
    }
  }
  g.fillStyle = c.down;
  for (const t of shown) if (t.down > t.end) box(t.end, t.down, t.row, true);
  g.fillStyle = rule;
  g.fillRect(0, base + rowH * rows + 1, w, 1);
  if (hover) {
    g.strokeStyle = text;
    g.lineWidth = 1.5;
    const x = xOf(hover.start);
    g.strokeRect(x, base + hover.row * rowH - 0.5, Math.max(2, xOf(Math.max(hover.end, hover.down)) - x), Math.max(2, rowH));
  }
}
