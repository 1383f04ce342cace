// The timeline of a run: a row for each slot, packed from the tasks' own times, and above them how many slots were in
// use. It is a canvas, since 20,000 tasks are too many for elements; the same is there as a table.

const timeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5, 864e5];

// clockText spells milliseconds from the start of the run.
function clockText(ms, step) {
  if (step < 1000 && ms < 60000) return (ms / 1000).toFixed(step < 10 ? 3 : step < 100 ? 2 : 1) + ' s';
  const s = Math.round(ms / 1000), two = v => String(v).padStart(2, '0');
  const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  if (h) return `${h}:${two(m)}:${two(s % 60)}`;
  return s < 60 && step < 60000 ? s + ' s' : `${m}:${two(s % 60)}`;
}

function parseZoom(text, span) {
  const m = /^(\d+)-(\d+)$/.exec(text || '');
  if (!m) return [0, span];
  const a = Math.max(0, Math.min(Number(m[1]), span)), b = Math.max(0, Math.min(Number(m[2]), span));
  return b > a ? [a, b] : [0, span];
}

function timelineSection() {
  const runs = runsOf(), usable = runs.filter(r => r.tasks.length && r.end > r.start);
  if (!usable.length) return { el: section('Timeline', 'No task is known to have begun.'), update() {} };
  const kinds = [['queued', 'waiting'], ['ran', 'running'], ['seen', 'on the service, stage not known'], ['failed', 'failed'], ['down', 'downloading']];
  const swatches = {};
  const legend = h('ul', { class: 'legend' }, ...kinds.map(([k, name]) => h('li', null, (swatches[k] = h('i', { class: 'swatch tl-' + k, 'aria-hidden': 'true' })), name)));
  const ink = h('i', { class: 'tl-ink', 'aria-hidden': 'true' }), line = h('i', { class: 'tl-line', 'aria-hidden': 'true' });
  const canvas = h('canvas', { role: 'img' }), tip = h('div', { class: 'tip', 'aria-hidden': 'true' }), plain = h('div', null), note = h('p', { class: 'note' });
  const frame = h('div', { class: 'timeline', tabindex: '0', role: 'group', 'aria-label': 'Timeline: arrow keys move, plus and minus zoom, 0 shows all' }, canvas, tip, ink, line);
  const details = h('details', null, h('summary', null, 'As a table'), plain);
  let run = null, view = [0, 1], span = 1, strip = 46, rowH = 10, hover = null, queued = false;

  const pickRun = choice('Run', usable.map((r, i) => [String(i), `${i + 1}: ${new Date(r.start).toLocaleString()}, ${fmtPlural(r.tasks.length, 'task')}`]), '0', v => S.set({ nr: v, nz: '' }));
  const zoomTo = (a, b) => {
    const wide = Math.max(Math.min(20, span), Math.min(span, b - a)), from = Math.max(0, Math.min(span - wide, a));
    S.set({ nz: wide >= span ? '' : Math.floor(from) + '-' + Math.ceil(from + wide) }, { replace: true });
  };
  const zoom = (by, at) => {
    const wide = (view[1] - view[0]) * by, mid = at == null ? 0.5 : at, here = view[0] + (view[1] - view[0]) * mid;
    zoomTo(here - wide * mid, here + wide * (1 - mid));
  };
  const pan = by => zoomTo(view[0] + (view[1] - view[0]) * by, view[1] + (view[1] - view[0]) * by);
  const tools = h('div', { class: 'tools' }, ...(usable.length > 1 ? [pickRun] : []),
    act('+', { 'aria-label': 'Zoom in' }, () => zoom(0.5)), act('−', { 'aria-label': 'Zoom out' }, () => zoom(2)),
    act('◂', { 'aria-label': 'Earlier' }, () => pan(-0.5)), act('▸', { 'aria-label': 'Later' }, () => pan(0.5)), act('All', { 'aria-label': 'Show all of the run' }, () => zoomTo(0, span)));

  const xOf = (t, w) => (t - run.start - view[0]) / (view[1] - view[0]) * w;

  function draw() {
    queued = false;
    const w = frame.clientWidth;
    if (!w || !run) return;
    const rows = Math.max(run.rows, run.capacity), room = Math.min(420, innerHeight * 0.6);
    rowH = Math.min(18, room / rows);
    const height = strip + 8 + rowH * rows + 20, dpr = Math.min(3, devicePixelRatio || 1), g = canvas.getContext('2d');
    canvas.width = Math.round(w * dpr);
    canvas.height = Math.round(height * dpr);
    canvas.style.height = height + 'px';
    g.scale(dpr, dpr);
    const color = el => getComputedStyle(el).backgroundColor, c = {};
    for (const k in swatches) c[k] = color(swatches[k]);
    const text = color(ink), rule = color(line), base = strip + 8, gap = rowH >= 4 ? 1 : 0;

    // The scale, behind everything.
    const step = timeSteps.find(s => s / (view[1] - view[0]) * w >= 72) || timeSteps[timeSteps.length - 1] * Math.ceil(72 * (view[1] - view[0]) / w / timeSteps[timeSteps.length - 1]);
    g.font = '11px ' + getComputedStyle(frame).fontFamily;
    g.textBaseline = 'bottom';
    for (let t = Math.ceil(view[0] / step) * step; t <= view[1]; t += step) {
      const x = Math.round(xOf(run.start + t, w)) + 0.5;
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
    g.fillText(`${run.capacity} slots`, 0, Math.round(full) - 1);

    // The tasks, kind by kind.
    const from = run.start + view[0], to = run.start + view[1];
    const shown = run.tasks.filter(t => Math.max(t.end, t.down) >= from && t.start <= to);
    const box = (a, b, row, thin) => {
      const x = Math.max(-2, xOf(a, w)), wide = Math.min(w + 2, xOf(b, w)) - x;
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
    g.fillStyle = color(frame);
    if (apart) {
      for (const t of shown) {
        const x = xOf(t.start, w);
        if (xOf(t.end, w) - x > 4 && x > 0) g.fillRect(x, base + t.row * rowH, 1, rowH);
      }
    }
    g.fillStyle = c.down;
    for (const t of shown) if (t.down > t.end) box(t.end, t.down, t.row, true);
    g.fillStyle = rule;
    g.fillRect(0, base + rowH * rows + 1, w, 1);
    if (hover) {
      g.strokeStyle = text;
      g.lineWidth = 1.5;
      const x = xOf(hover.start, w);
      g.strokeRect(x, base + hover.row * rowH - 0.5, Math.max(2, xOf(Math.max(hover.end, hover.down), w) - x), Math.max(2, rowH));
    }
  }

  function redraw() {
    if (!queued) {
      queued = true;
      requestAnimationFrame(draw);
    }
  }

  function describe() {
    const capacity = run.capacity * span, idle = capacity ? Math.max(0, 1 - run.sum / capacity) : 0;
    const fits = run.tasks.filter(t => t.fit > 0).map(t => t.fit).sort((a, b) => a - b), fit = fits.length ? quantile(fits, 0.5) : 1;
    const words = `${fmtPlural(run.tasks.length, 'task')} on ${run.capacity} slots in ${fmtSecs(span / 1000)}; slots idled ${percent(idle, 1)} of the time.`;
    canvas.setAttribute('aria-label', 'Timeline of tasks: ' + words);
    note.textContent = words + (fit < 0.75 ? ` The service’s clock ran about ${(1 / fit).toFixed(1)} times as fast as ours; its stages are shown in proportion.` : '')
      + (run.unknown ? ` ${fmtPlural(run.unknown, 'task')} without a known end left out.` : '')
      + (columnOf('attempts').some(a => a > 1) ? ' Of cells that took several attempts, the last is shown.' : '');
  }

  function fillTable() {
    if (!details.open) return;
    const step = timeSteps.find(s => (view[1] - view[0]) / s <= 16) || view[1] - view[0], rows = [];
    for (let a = Math.floor(view[0] / step) * step; a < view[1]; a += step) {
      const from = Math.max(a, view[0]), to = Math.min(a + step, view[1]);
      rows.push({ from, to, busy: busyShare(run.tasks, run.start + from, run.start + to, 1)[0] });
    }
    plain.replaceChildren(h('table', { class: 'plain' }, h('caption', { class: 'sr' }, 'Slots in use over time'),
      h('thead', null, h('tr', null, ...['From', 'To', 'Slots in use', 'Idle'].map(t => h('th', { scope: 'col' }, t)))),
      h('tbody', null, rows.map(r => h('tr', null, h('th', { scope: 'row' }, clockText(r.from, step)), h('td', null, clockText(r.to, step)),
        h('td', { class: 'num' }, r.busy.toFixed(1)), h('td', { class: 'num' }, percent(Math.max(0, run.capacity - r.busy), run.capacity)))))));
  }

  // at finds the task under a point of the canvas, within 3 pixels.
  function at(e) {
    const r = canvas.getBoundingClientRect(), row = Math.floor((e.clientY - r.top - strip - 8) / rowH), x = e.clientX - r.left;
    let best = null, near = 3;
    for (const t of run.tasks) {
      if (t.row !== row) continue;
      const a = xOf(t.start, r.width), b = xOf(t.end, r.width), d = x < a ? a - x : x > b ? x - b : 0;
      if (d < near) {
        near = d;
        best = t;
      }
    }
    return best;
  }

  let drag = null;
  on(canvas, 'pointerdown', e => {
    drag = { x: e.clientX, a: view[0], b: view[1], moved: false };
    if (e.pointerType === 'mouse') canvas.setPointerCapture(e.pointerId);
  });
  on(canvas, 'pointermove', e => {
    if (drag) {
      const by = (drag.x - e.clientX) / (canvas.clientWidth || 1) * (drag.b - drag.a);
      if (Math.abs(drag.x - e.clientX) > 4) drag.moved = true;
      if (drag.moved && view[1] - view[0] < span) zoomTo(drag.a + by, drag.b + by);
    }
    const t = drag && drag.moved ? null : at(e);
    canvas.classList.toggle('over', !!t);
    if (t !== hover) {
      hover = t;
      redraw();
    }
    tip.textContent = '';
    tip.classList.toggle('on', !!t);
    if (!t) return;
    const r = frame.getBoundingClientRect();
    tip.append(h('b', null, cellName(t.i)), ` ${statusOf(t.i)}, on the service ${fmtSecs((t.end - t.start) / 1000)}`, t.down > t.end ? `, download ${fmtSecs((t.down - t.end) / 1000)}` : '');
    const x = e.clientX - r.left;
    tip.style.top = e.clientY - r.top + 14 + 'px';
    tip.style.left = x < r.width / 2 ? x + 8 + 'px' : 'auto';
    tip.style.right = x < r.width / 2 ? 'auto' : r.width - x + 8 + 'px';
  });
  on(canvas, 'pointerleave', () => {
    hover = null;
    tip.classList.remove('on');
    redraw();
  });
  on(canvas, 'pointerup', e => {
    const t = drag && !drag.moved ? at(e) : null;
    drag = null;
    if (t) openCell(t.i);
  });
  on(canvas, 'pointercancel', () => { drag = null; });
  on(canvas, 'dblclick', e => zoom(0.33, (e.clientX - canvas.getBoundingClientRect().left) / canvas.clientWidth));
  on(canvas, 'wheel', e => {
    if (!e.ctrlKey && !e.metaKey && !e.shiftKey) return;
    e.preventDefault();
    if (e.shiftKey) pan((e.deltaY || e.deltaX) / 1000);
    else zoom(e.deltaY > 0 ? 1.25 : 0.8, (e.clientX - canvas.getBoundingClientRect().left) / canvas.clientWidth);
  }, { passive: false });
  on(frame, 'keydown', e => {
    const act = { ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), '+': () => zoom(0.5), '=': () => zoom(0.5), '-': () => zoom(2), 0: () => zoomTo(0, span) }[e.key];
    if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    act();
  });
  on(details, 'toggle', fillTable);
  new ResizeObserver(redraw).observe(frame);
  new MutationObserver(redraw).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);

  const best = usable.reduce((b, r, i) => (r.tasks.length > usable[b].tasks.length ? i : b), 0);
  return {
    el: section('Timeline', '', tools, frame, legend, note, details),
    update(which, zoomed) {
      const i = usable[which] && /^\d+$/.test(which) ? Number(which) : best, last = run;
      run = usable[i];
      span = run.end - run.start;
      view = parseZoom(zoomed, span);
      pickRun.querySelector('select').value = String(i);
      if (run !== last) describe();
      fillTable();
      redraw();
    },
  };
}
