// The timeline of a run: a row for each slot, packed from the tasks' own times, and above them how many slots were in
// use. It is a canvas, since 20,000 tasks are too many for elements; the same is there as a table.

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
  let run = null, view = [0, 1], span = 1, strip = 46, rowH = 10, hover = null, queued = false, settling = 0;

  const pickRun = choice('Run', usable.map((r, i) => [String(i), `${i + 1}: ${new Date(r.start).toLocaleString()}, ${fmtPlural(r.tasks.length, 'task')}`]), '0', v => S.set({ nr: v, nz: '' }));
  const zoomTo = (a, b) => {
    const wide = Math.max(Math.min(20, span), Math.min(span, b - a)), from = Math.max(0, Math.min(span - wide, a));
    view = [from, from + wide];
    redraw();
    // The address follows when the hand rests: browsers allow few changes of it a second.
    clearTimeout(settling);
    settling = setTimeout(() => {
      settling = 0;
      S.set({ nz: wide >= span ? '' : Math.floor(from) + '-' + Math.ceil(from + wide) }, { replace: true });
      fillTable();
    }, 180);
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
    drawTimeline(g, { run, view, w, height, rows, rowH, strip, colors: c, text: color(ink), rule: color(line), panel: color(frame), font: getComputedStyle(frame).fontFamily, hover });
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
    const words = `${fmtPlural(run.tasks.length, 'task')} on ${fmtPlural(run.capacity, 'slot')} in ${fmtSecs(span / 1000)}; slots idled ${percent(idle, 1)} of the time.`;
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
      if (run !== last) {
        clearTimeout(settling);
        settling = 0;
      }
      if (!settling) view = parseZoom(zoomed, span);
      pickRun.querySelector('select').value = String(i);
      if (run !== last) describe();
      fillTable();
      redraw();
    },
  };
}
