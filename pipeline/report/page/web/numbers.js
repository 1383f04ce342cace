// Numbers: what the run cost, how long it took against the least possible, where time went, and what failed.

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

function numFigures() {
  const runs = runsOf(), n = N, m = D.money || {}, took = runs.reduce((s, r) => s + (r.guessed ? 0 : r.end - r.start), 0);
  const done = columnOf('status').filter(s => D.statuses[s] === 'done').length;
  const spent = m.spent != null ? m.spent : decSum(columnOf('cost')).text;
  const list = [figure('Cells done', `${done.toLocaleString('en')} of ${n.toLocaleString('en')}`, n ? percent(done, n) : '')];
  list.push(figure('Spent', usd(spent), D.sandbox ? 'play money' : m.reserved && decCompare(m.reserved, '0') > 0 ? `and ${usd(m.reserved)} set aside` : ''));
  if (m.expected != null) {
    // What is not made yet has cost nothing: the difference is to the share of what was made.
    const paid = columnOf('cost').filter((c) => c != null).length, share = decShare(m.expected, paid, n);
    const diff = decSub(spent, share), d = decParse(diff), e = Number(share);
    list.push(figure('Expected', usd(m.expected), paid < n ? `${usd(share)} for the ${paid.toLocaleString('en')} so far` : ''));
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
  const most = Math.max(took, shared, longest), fewest = Math.min(...runs.map(r => r.capacity)), widest = Math.max(...runs.map(r => r.capacity));
  const slots = (fewest === widest ? '' : fewest + ' to ') + fmtPlural(widest, 'slot');
  const line = (name, ms, cls, note) => {
    const bar = h('i', { class: 'meter ' + cls, 'aria-hidden': 'true' });
    bar.style.width = (100 * ms / most).toFixed(2) + '%';
    return h('tr', null, h('th', { scope: 'row' }, name, h('small', null, note)), h('td', { class: 'num' }, fmtSecs(ms / 1000)), h('td', { class: 'meters' }, bar));
  };
  const learned = runs.some(r => r.capacity !== r.slots) ? ' (the most seen at once)' : '';
  const over = took - least, others = runsOf().length - runs.length;
  return section('Time against the least possible',
    over > least * 0.005 ? `${fmtSecs(took / 1000)} is ${fmtSecs(over / 1000)} or ${percent(over, least)} more than these tasks could have taken on ${slots}.`
      : `As fast as these tasks could be on ${slots}.`,
    h('table', { class: 'times' }, h('caption', { class: 'sr' }, 'Time of the run and its lower bounds'),
      h('tbody', null, line('Took', took, 'took', others ? `${fmtPlural(runs.length, 'run')} with tasks, of ${runs.length + others}` : runs.length > 1 ? `${runs.length} runs` : 'start to end of the run'),
        line('Tasks ÷ slots', shared, '', `sum of all task time over ${slots}${learned}`),
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
