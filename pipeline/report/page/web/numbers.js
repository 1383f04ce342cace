// Numbers: what the run cost, how long it took against the least possible, where time went, and what failed.

const stageNames = { total: 'whole, submit to file', wait: 'submit to end', queue: 'queue', run: 'run', post: 'post-processing', download: 'download', elapsed: 'billed time' };

function on(el, type, fn, options) {
  el.addEventListener(type, fn, options);
  return el;
}

function act(text, attrs, fn) {
  return h('button', Object.assign({ type: 'button', onclick: fn }, attrs), text);
}

function choice(label, options, value, fn) {
  const select = h('select', { 'aria-label': label });
  for (const [v, text] of options) {
    const o = h('option', { value: v }, text);
    if (v === value) o.selected = true;
    select.append(o);
  }
  on(select, 'change', () => fn(select.value));
  return h('label', { class: 'choice' }, h('span', null, label), select);
}

function cut(text, most) {
  const chars = Array.from(String(text));
  return chars.length > most ? chars.slice(0, most - 1).join('') + '…' : String(text);
}

function percent(part, of) {
  if (!of) return '–';
  const p = 100 * part / of;
  return (p > 0 && p < 0.1 ? '< 0.1' : p < 10 && p % 1 ? p.toFixed(1) : Math.round(p)) + ' %';
}

function cellName(i) {
  return C.n[i] != null ? '#' + C.n[i] : cut(C.id[i], 9);
}

function columnOf(name) { return C[name] || []; }

function section(title, note, ...body) {
  return h('section', { class: 'num-part' }, h('h2', null, title), ...(note ? [h('p', { class: 'note' }, note)] : []), ...body);
}

function figure(label, value, note) {
  return h('div', { class: 'figure' }, h('dt', null, label), h('dd', null, value, ...(note ? [h('small', null, note)] : [])));
}

// cellChips is a row of cells to click: the first `most`, then a button for the rest.
function cellChips(list, most) {
  const box = h('div', { class: 'chips' });
  const add = (from, to) => {
    for (const i of list.slice(from, to)) box.append(act(cellName(i), { class: 'chip', 'aria-label': 'Open cell ' + cellName(i) }, () => openCell(i)));
    if (to < list.length) {
      box.append(act(`${(list.length - to).toLocaleString('en')} more`, { class: 'chip show-more' }, e => {
        e.currentTarget.remove();
        add(to, to + 10 * most);
        if (box.children[to]) box.children[to].focus();
      }));
    }
  };
  add(0, most);
  return box;
}

// --- Runs, and the tasks that began in each

let runsMade = null;

function runsOf() {
  if (runsMade) return runsMade;
  const c = C, n = N, submitted = columnOf('submitted'), finished = columnOf('finished');
  const runs = (D.runs || []).filter(r => r.start != null).map(r => ({ start: r.start, end: r.end, exit: r.exit, slots: r.concurrency || 0, tasks: [], unknown: 0 }))
    .sort((a, b) => a.start - b.start);
  let first = Infinity;
  for (let i = 0; i < n; i++) if (submitted[i] != null) first = Math.min(first, submitted[i]);
  if (first < Infinity && (!runs.length || first < runs[0].start)) runs.unshift({ start: first, end: null, exit: null, slots: 0, tasks: [], unknown: 0, guessed: true });
  const pick = at => {
    let low = 0, high = runs.length - 1;
    while (low < high) {
      const mid = (low + high + 1) >> 1;
      if (runs[mid].start <= at) low = mid;
      else high = mid - 1;
    }
    return low;
  };
  for (let i = 0; i < n; i++) {
    if (submitted[i] == null) continue;
    const r = pick(submitted[i]), run = runs[r], next = runs[r + 1] ? runs[r + 1].start : Infinity;
    const limit = Math.min(next, run.end != null ? run.end : Infinity);
    const get = k => (c[k] && c[k][i] != null ? c[k][i] * 1000 : null);
    const wait = get('wait'), down = get('download'), start = submitted[i];
    const seen = wait != null ? start + wait : finished[i] != null ? finished[i] - (down || 0) : null;
    if (seen == null && limit === Infinity) {
      run.unknown++;
      continue;
    }
    const end = Math.max(start, Math.min(limit, seen == null ? limit : seen));
    const q = get('queue') || 0, work = (get('run') || 0) + (get('post') || 0);
    // The service counts by a clock of its own, in whole seconds: its stages are fitted into the time that we saw.
    const fit = q + work > 0 && seen != null ? Math.min(1, (seen - start) / (q + work)) : 0;
    run.tasks.push({ i, start, end, queued: Math.min(end, start + q * fit), ran: Math.min(end, start + (q + work) * fit), fit,
      down: seen != null && down != null && seen < limit ? Math.min(seen + down, limit) : end, open: seen == null, failed: statusOf(i) === 'failed' });
  }
  for (const run of runs) {
    run.tasks.sort((a, b) => a.start - b.start || a.i - b.i);
    let last = run.start;
    for (const t of run.tasks) last = Math.max(last, t.end, t.down);
    if (run.end == null) run.end = last;
    run.rows = packIntervals(run.tasks, 20);
    run.capacity = run.slots || run.rows;
    run.sum = run.tasks.reduce((s, t) => s + t.end - t.start, 0);
    run.longest = run.tasks.reduce((m, t) => Math.max(m, Math.max(t.end, t.down) - t.start), 0);
    run.least = run.capacity ? Math.max(run.sum / run.capacity, run.longest) : 0;
  }
  return (runsMade = runs);
}

// --- The parts

function numFigures() {
  const runs = runsOf(), n = N, m = D.money || {}, took = runs.reduce((s, r) => s + (r.guessed ? 0 : r.end - r.start), 0);
  const done = columnOf('status').filter(s => D.statuses[s] === 'done').length;
  const spent = m.spent != null ? m.spent : decSum(columnOf('cost')).text;
  const list = [figure('Cells done', `${done.toLocaleString('en')} of ${n.toLocaleString('en')}`, n ? percent(done, n) : '')];
  list.push(figure('Spent', usd(spent), D.sandbox ? 'play money' : m.reserved && decCompare(m.reserved, '0') > 0 ? `and ${usd(m.reserved)} set aside` : ''));
  if (m.expected != null) {
    const diff = decSub(spent, m.expected), d = decParse(diff), e = Number(m.expected);
    list.push(figure('Expected', usd(m.expected), ''));
    list.push(figure('Difference', (d && d.n > 0n ? '+' : d && d.n < 0n ? '−' : '') + usd(diff.replace('-', '')),
      e > 0 ? d.n === 0n ? 'as expected' : `${percent(Math.abs(Number(diff)), e)} ${d.n > 0n ? 'more' : 'less'}` : ''));
  } else {
    list.push(figure('Expected', 'not known', 'no price list'));
  }
  const costs = decSum(columnOf('cost').filter((c, i) => statusOf(i) === 'done'));
  if (done && costs.known) list.push(figure('A done cell', usd(decMean(costs.text, costs.known)), 'mean'));
  if (took > 0) {
    list.push(figure('Took', fmtSecs(took / 1000), runs.length > 1 ? `in ${runs.length} runs` : ''));
    const rate = done * 60000 / took;
    list.push(figure('Throughput', rate >= 600 ? `${(rate / 60).toFixed(1)} / s` : rate >= 1 ? `${rate.toFixed(rate < 10 ? 1 : 0)} / min` : `${(rate * 60).toFixed(1)} / h`, 'done cells'));
  }
  return h('dl', { class: 'figures' }, ...list);
}

function numStatus() {
  const count = D.statuses.map(() => 0), n = N;
  for (const s of columnOf('status')) if (s in count) count[s]++;
  const parts = D.statuses.map((name, i) => ({ name, cls: 'st-' + name, count: count[i] }));
  if (!n) return section('Cells by status', 'There are no cells.');
  const legend = parts.map(p => {
    const label = [h('i', { class: 'swatch st-' + p.name, 'aria-hidden': 'true' }), p.name + ' ', h('b', null, p.count.toLocaleString('en')), p.count > 0 && h('span', { class: 'dim' }, ' ' + percent(p.count, n))];
    return h('li', null, p.count ? on(h('button', { type: 'button', class: 'link', title: 'Show these in the table' }, ...label), 'click', () => showInTable({ tst: p.name }))
      : h('span', { class: 'none' }, ...label));
  });
  return section('Cells by status', '', stackSVG('Cells by status', parts), h('ul', { class: 'legend' }, ...legend));
}

// showInTable leads to the table with these filters and no others.
function showInTable(filters) {
  S.set(Object.assign(clearedFilters(), { view: 'table', cell: '' }, filters));
}

function numTime() {
  const runs = runsOf().filter(r => r.tasks.length && r.capacity);
  if (!runs.length) return section('Time against the least possible', 'No task is known to have begun.');
  const took = runs.reduce((s, r) => s + r.end - r.start, 0), shared = runs.reduce((s, r) => s + r.sum / r.capacity, 0);
  const longest = runs.reduce((s, r) => s + r.longest, 0), least = runs.reduce((s, r) => s + r.least, 0);
  const most = Math.max(took, shared, longest), slots = [...new Set(runs.map(r => r.capacity))].join(', ');
  const line = (name, ms, cls, note) => {
    const bar = h('i', { class: 'meter ' + cls, 'aria-hidden': 'true' });
    bar.style.width = (100 * ms / most).toFixed(2) + '%';
    return h('tr', null, h('th', { scope: 'row' }, name, h('small', null, note)), h('td', { class: 'num' }, fmtSecs(ms / 1000)), h('td', { class: 'meters' }, bar));
  };
  const learned = runs.some(r => !r.slots) ? ' (the most seen at once)' : '';
  const over = took - least, others = runsOf().length - runs.length;
  return section('Time against the least possible',
    over > least * 0.005 ? `${fmtSecs(took / 1000)} is ${fmtSecs(over / 1000)} or ${percent(over, least)} more than these tasks could have taken on ${slots} slots.`
      : `As fast as these tasks could be on ${slots} slots.`,
    h('table', { class: 'times' }, h('caption', { class: 'sr' }, 'Time of the run and its lower bounds'),
      h('tbody', null, line('Took', took, 'took', others ? `${fmtPlural(runs.length, 'run')} with tasks, of ${runs.length + others}` : runs.length > 1 ? `${runs.length} runs` : 'start to end of the run'),
        line('Tasks ÷ slots', shared, '', `sum of all task time over ${slots} slots${learned}`),
        line('Longest chain', longest, '', runs.length > 1 ? 'longest task with its download, of each run' : 'longest task with its download'))));
}

function numDistributions() {
  const stages = [['queue', 'Queue', 'by the service’s clock'], ['run', 'Run', 'by the service’s clock'], ['post', 'Post-processing', 'by the service’s clock'], ['download', 'Download', 'by our clock']];
  const cards = stages.map(([key, title, clock]) => {
    const values = columnOf(key), b = binValues(values.length ? values : [null], 20);
    if (!b) return h('figure', { class: 'dist' }, h('figcaption', null, h('b', null, title)), h('p', { class: 'note' }, 'Not known for any cell.'));
    return h('figure', { class: 'dist' }, h('figcaption', null, h('b', null, title), h('span', { class: 'dim' }, ' ' + clock)), histogramSVG(title, b),
      h('p', { class: 'note' }, `${fmtPlural(b.n, 'task')}, ${fmtSecs(b.min)} to ${fmtSecs(b.max)}` + (b.unknown ? `; ${b.unknown.toLocaleString('en')} not known` : '')));
  });
  return section('Where the time of a task goes', '', h('div', { class: 'dists' }, ...cards));
}

// --- Heat maps

const heatMost = 36;

// heatSums gathers, for each pair of groups, what the metric needs.
function heatSums(xi, yi, gx, gy, metric) {
  const ax = C.ax, grid = gy.groups.map(() => gx.groups.map(() => ({ n: 0, list: [] }))), values = columnOf(metric);
  for (let i = 0, n = N; i < n; i++) {
    const x = xi < 0 ? 0 : ax[xi][i], y = yi < 0 ? 0 : ax[yi][i];
    if (x < 0 || y < 0) continue;
    const box = grid[Math.floor(y / gy.per)][Math.floor(x / gx.per)];
    box.n++;
    if (values[i] != null) box.list.push(values[i]);
  }
  return grid;
}


function heatTable(title, unit, x, y, metric) {
  const xi = D.axes.findIndex(a => a.name === x), yi = D.axes.findIndex(a => a.name === y);
  const all = { per: 1, groups: [{ label: 'all' }] };
  const gx = xi < 0 ? all : groupAxis(D.axes[xi].values, heatMost), gy = yi < 0 ? all : groupAxis(D.axes[yi].values, heatMost);
  const money = metric === 'cost', grid = heatSums(xi, yi, gx, gy, metric);
  let min = Infinity, max = -Infinity;
  for (const row of grid) {
    for (const box of row) {
      if (!box.list.length) continue;
      if (money) {
        const sum = decSum(box.list);
        box.mean = sum.known ? decMean(sum.text, sum.known) : null;
        box.value = box.mean == null ? null : Number(box.mean);
      } else {
        box.value = quantile(box.list.sort((a, b) => a - b), 0.5);
      }
      if (box.value == null) continue;
      min = Math.min(min, box.value);
      max = Math.max(max, box.value);
    }
  }
  if (min === Infinity) return h('figure', { class: 'heat' }, h('figcaption', null, h('b', null, title)), h('p', { class: 'note' }, 'Not known for any cell.'));
  const places = money ? Math.min(8, Math.max(2, 3 - Math.floor(Math.log10(max || 1)))) : max < 1 ? 3 : max < 10 ? 2 : max < 1000 ? 1 : 0;
  const spell = box => (box.value == null ? '' : money ? fixedDec(box.mean, places) : box.value.toFixed(places));
  const head = h('tr', null, h('th', { scope: 'col', class: '' }, yi < 0 ? '' : y, xi < 0 || yi < 0 ? '' : ' \\ ', xi < 0 ? '' : x),
    ...gx.groups.map(g => h('th', { scope: 'col', title: g.label }, cut(g.label, 26))));
  const rows = grid.map((row, r) => h('tr', null, h('th', { scope: 'row', title: gy.groups[r].label }, cut(gy.groups[r].label, 34)),
    ...row.map(box => {
      if (box.value == null) return h('td', { class: 'blank', title: box.n ? fmtPlural(box.n, 'cell') + ', not known' : 'no cell' }, box.n ? '?' : '');
      const step = max > min ? Math.round(9 * (box.value - min) / (max - min)) : 4;
      return h('td', { class: 'heat-' + step, title: `${money ? 'mean' : 'median'} of ${fmtPlural(box.list.length, 'cell')}` + (box.n > box.list.length ? `; ${box.n - box.list.length} not known` : '') }, spell(box));
    })));
  const scale = h('span', { class: 'scale', 'aria-hidden': 'true' }, ...Array.from({ length: 10 }, (_, i) => h('i', { class: 'heat-' + i })));
  const end = v => (money ? '$' : '') + spell(grid.flat().find(b => b.value === v)) + (money ? '' : ' s');
  return h('figure', { class: 'heat' },
    h('figcaption', null, h('b', null, title), h('span', { class: 'dim' }, ` ${unit}`), h('span', { class: 'range' }, end(min), scale, end(max))),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${title} by ${[y, x].filter(Boolean).join(' and ')}` },
      h('table', { class: 'heatmap' }, h('caption', { class: 'sr' }, `${title}, ${unit}, by ${[y, x].filter(Boolean).join(' and ')}`), h('thead', null, head), h('tbody', null, ...rows))));
}

function numHeat(state) {
  if (!D.axes.length) return section('Cost and latency over the axes', 'No parameter has two or more values, so that there is nothing to compare.');
  const names = D.axes.map(a => a.name), x = names.includes(state.x) ? state.x : names.includes(D.x) ? D.x : names[names.length - 1];
  let y = state.y === '-' ? '' : names.includes(state.y) ? state.y : names.includes(D.y) ? D.y : names.find(v => v !== x) || '';
  if (y === x) y = names.find(v => v !== x) || '';
  const known = Object.keys(stageNames).filter(k => columnOf(k).some(v => v != null));
  const lat = known.includes(state.lat) ? state.lat : known.includes('wait') ? 'wait' : known[0] || 'wait';
  const axes = names.map(v => [v, v]);
  const tools = h('div', { class: 'tools' },
    choice('Across', axes, x, v => S.set(v === y ? { nx: v, ny: x } : { nx: v })),
    ...(names.length > 1 ? [choice('Down', [...axes.filter(a => a[0] !== x), ['-', 'nothing']], y || '-', v => S.set({ ny: v }))] : []),
    ...(known.length ? [choice('Latency', known.map(k => [k, stageNames[k]]), lat, v => S.set({ nl: v }))] : []));
  const grouped = [x, y].some(v => names.includes(v) && D.axes[names.indexOf(v)].values.length > heatMost);
  return section('Cost and latency over the axes', grouped ? 'Neighbouring values are taken together where there are too many for a row or column each.' : '', tools,
    h('div', { class: 'heats' }, heatTable('Cost', 'mean of a cell in USD', x, y, 'cost'), heatTable('Latency', `${stageNames[lat]}, median in seconds`, x, y, lat)));
}

// --- Failures

// causeOf makes one cause of errors that differ in ids and long numbers alone.
function causeOf(text) {
  return text.replace(/\b(?=[0-9a-f-]*\d)[0-9a-f][0-9a-f-]{7,}\b|\d{4,}/gi, '…');
}

function numFailures() {
  const causes = new Map(), error = columnOf('error');
  for (let i = 0, n = N; i < n; i++) {
    const status = statusOf(i), known = error[i] != null && error[i] >= 0 && D.errors[error[i]];
    if (status === 'done' || (!known && (status === 'pending' || status === 'cancelled'))) continue;
    const cause = known ? causeOf(D.errors[error[i]]) : 'no cause is known', key = status + '\n' + cause;
    if (!causes.has(key)) causes.set(key, { status, cause, example: known || '', cells: [] });
    causes.get(key).cells.push(i);
  }
  const list = [...causes.values()].sort((a, b) => b.cells.length - a.cells.length);
  if (!list.length) return section('Failures by cause', 'Nothing failed.');
  const most = list[0].cells.length, total = list.reduce((s, c) => s + c.cells.length, 0);
  const item = c => {
    const bar = h('i', { class: 'meter st-' + c.status, 'aria-hidden': 'true' });
    bar.style.width = Math.max(0.5, 100 * c.cells.length / most).toFixed(2) + '%';
    return h('li', null, h('div', { class: 'cause' }, h('span', { class: 'tag st-' + c.status }, c.status), h('b', null, fmtPlural(c.cells.length, 'cell')),
      h('span', { class: 'why', title: c.example }, cut(c.cells.length === 1 ? c.example || c.cause : c.cause, 400))), h('div', { class: 'meters' }, bar), cellChips(c.cells, 16));
  };
  const box = h('ol', { class: 'causes' }, ...list.slice(0, 20).map(item)), parts = [box];
  if (list.length > 20) {
    parts.push(act(`${list.length - 20} more causes`, { class: 'show-more' }, e => {
      e.currentTarget.remove();
      box.append(...list.slice(20, 500).map(item));
    }));
  }
  return section('Failures by cause', `${fmtPlural(total, 'cell')} without a result, ${fmtPlural(list.length, 'cause')}.`, ...parts);
}

// --- The view

const numbersView = {
  id: 'numbers', title: 'Numbers', root: null, heat: null, heatKey: null, time: null,
  mount(root) {
    this.root = root;
    root.classList.add('numbers');
    this.heat = h('div', { class: 'num-wrap' });
    this.time = timelineSection();
    root.append(numFigures(), h('div', { class: 'pair' }, numStatus(), numTime()), this.time.el, numDistributions(), this.heat, numFailures());
  },
  update() {
    const state = { x: S.get('nx'), y: S.get('ny'), lat: S.get('nl') }, key = JSON.stringify(state);
    if (key !== this.heatKey) {
      this.heatKey = key;
      const label = this.heat.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') : null;
      this.heat.replaceChildren(numHeat(state));
      if (label) for (const s of this.heat.querySelectorAll('select')) if (s.getAttribute('aria-label') === label) s.focus();
    }
    this.time.update(S.get('nr'), S.get('nz'));
  },
};
views.push(numbersView);
