// The table: every cell as a row. Rows out of sight are not made, so that 20,000 are as quick as 20.

const rowTall = 36, mostOptions = 300;

// tableColumns: key, title, width, text of a cell, and what it sorts by; without the latter the text.
function tableColumns() {
  const seconds = (key, title) => {
    const values = columnOf(key), places = values.reduce((p, v) => Math.max(p, v == null ? 0 : (String(v).split('.')[1] || '').length), 0);
    return { key, title: title + ', s', width: 104, num: true, text: i => (values[i] == null ? '' : values[i].toFixed(Math.min(3, places))), sort: i => values[i] };
  };
  const axes = D.axes.map((a, x) => ({
    key: 'a' + x, title: a.name, num: a.numeric, axis: true, shown: true,
    width: Math.min(320, Math.max(84, 8 * Math.max(a.name.length + 3, ...a.values.slice(0, 200).map(v => v.length)) + 20)),
    text: i => (C.ax[x][i] < 0 ? '' : a.values[C.ax[x][i]]),
    sort: i => (C.ax[x][i] < 0 ? null : a.numeric ? Number(a.values[C.ax[x][i]]) : C.ax[x][i]),
  }));
  return [
    { key: 'status', title: 'Status', width: 104, shown: true, text: statusOf, sort: i => C.status[i], cls: i => 'st-' + statusOf(i) },
    ...axes,
    { key: 'cost', title: 'Cost, USD', width: 104, num: true, shown: true, text: i => C.cost[i] || '', money: true },
    { key: 'source', title: 'Cost is', width: 96, text: i => C.source[i] || '' },
    { key: 'attempts', title: 'Attempts', width: 92, num: true, shown: columnOf('attempts').some(a => a > 1), text: i => String(C.attempts[i] || ''), sort: i => C.attempts[i] || null },
    seconds('queue', 'Queue'), seconds('run', 'Run'), seconds('post', 'Post'),
    Object.assign(seconds('wait', 'Wait'), { shown: true }), Object.assign(seconds('download', 'Download'), { width: 122, shown: true }), seconds('total', 'Total'), seconds('elapsed', 'Billed'),
    { key: 'submitted', title: 'Submitted', width: 176, text: i => (C.submitted[i] == null ? '' : fmtDate(C.submitted[i])), sort: i => C.submitted[i] },
    { key: 'finished', title: 'Finished', width: 176, text: i => (C.finished[i] == null ? '' : fmtDate(C.finished[i])), sort: i => C.finished[i] },
    { key: 'polls', title: 'Polls', width: 76, num: true, text: i => String(C.polls[i] || ''), sort: i => C.polls[i] || null },
    { key: 'files', title: 'Files', width: 128, num: true, text: i => (filesOf(i) || []).map(f => fmtBytes(f.b)).join(', '), sort: i => (filesOf(i) || []).reduce((s, f) => s + (f.b || 0), 0) || null },
    { key: 'error', title: 'Error', width: 340, shown: (D.errors || []).length > 0, text: errorOf },
    { key: 'task', title: 'Task', width: 120, text: i => C.task[i] || '' },
    { key: 'id', title: 'Id', width: 200, mono: true, text: i => C.id[i] },
  ];
}

// clearedFilters is the state with no filter in the table.
function clearedFilters() {
  const none = { tq: '', ts: S.get('ts'), tst: '' };
  D.axes.forEach((a, x) => { none['t' + x] = ''; });
  return none;
}

// sortedBy orders cells by a column; what is unknown comes last either way, and equals stay in grid order.
function sortedBy(list, column, down) {
  const keys = new Map();
  if (column.money) {
    const parsed = list.map(i => decParse(C.cost[i])), scale = parsed.reduce((s, d) => Math.max(s, d ? d.scale : 0), 0);
    list.forEach((i, at) => keys.set(i, parsed[at] ? parsed[at].n * 10n ** BigInt(scale - parsed[at].scale) : null));
  } else {
    for (const i of list) {
      const k = column.sort ? column.sort(i) : column.text(i);
      keys.set(i, k === '' || k === undefined || Number.isNaN(k) ? null : k);
    }
  }
  const sign = down ? -1 : 1;
  return list.slice().sort((a, b) => {
    const x = keys.get(a), y = keys.get(b);
    if (x === null || y === null) return x === y ? a - b : x === null ? 1 : -1;
    return x < y ? -sign : x > y ? sign : a - b;
  });
}

// filteredCells gives the cells that the state lets through.
function filteredCells(state) {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean), tests = [];
  if (state.status) tests.push(i => statusOf(i) === state.status);
  D.axes.forEach((a, x) => {
    const want = state.axes[x];
    if (want === '') return;
    if (a.values.length <= mostOptions) tests.push(i => String(C.ax[x][i]) === want);
    else tests.push(i => C.ax[x][i] >= 0 && a.values[C.ax[x][i]].toLowerCase().includes(want.toLowerCase()));
  });
  if (words.length) {
    const values = D.axes.map(a => a.values.map(v => v.toLowerCase())), errors = (D.errors || []).map(e => e.toLowerCase());
    tests.push(i => words.every(w => C.id[i].includes(w) || w === '#' + C.n[i] || (C.task[i] || '').toLowerCase() === w
      || (C.error[i] >= 0 && errors[C.error[i]].includes(w)) || values.some((v, x) => C.ax[x][i] >= 0 && v[C.ax[x][i]].includes(w))));
  }
  const out = [];
  for (let i = 0; i < N; i++) if (tests.every(t => t(i))) out.push(i);
  return out;
}

const tableView = {
  id: 'table', title: 'Table', all: null, list: [], picked: new Set(), at: 0, part: 1, range: '', key: null, lastPick: -1,

  mount(root) {
    this.all = tableColumns();
    this.search = h('input', { type: 'search', placeholder: 'Search text, error, id, #12', 'aria-label': 'Search cells', oninput: () => S.set({ tq: this.search.value }, { replace: true }) });
    const option = (v, text) => h('option', { value: v }, text);
    this.status = h('select', { 'aria-label': 'Status', onchange: () => S.set({ tst: this.status.value }) }, option('', 'any status'), D.statuses.map(s => option(s, s)));
    this.axisInputs = D.axes.map((a, x) => {
      if (a.values.length > mostOptions) return h('input', { type: 'search', placeholder: a.name, 'aria-label': a.name + ' contains', oninput: e => S.set({ ['t' + x]: e.target.value }, { replace: true }) });
      return h('select', { 'aria-label': a.name, onchange: e => S.set({ ['t' + x]: e.target.value }) }, option('', 'any ' + a.name), a.values.map((v, at) => option(String(at), cut(v === '' ? '(empty)' : v, 70))));
    });
    this.count = h('span', { role: 'status', class: 'cells-count' });
    this.copy = act('Copy ids', {}, () => {
      const ids = this.picked.size ? this.list.filter(i => this.picked.has(i)) : this.list;
      copyText(ids.map(i => C.id[i]).join('\n'), fmtPlural(ids.length, 'id'));
    });
    this.clear = act('Clear filters', {}, () => S.set(clearedFilters()));
    this.chooser = h('fieldset', null, h('legend', null, 'Columns to show'), this.all.map(c => h('label', null,
      h('input', { type: 'checkbox', value: c.key, onchange: () => this.choose() }), ' ' + c.title)));
    this.colgroup = h('colgroup');
    this.head = h('thead');
    this.body = h('tbody', { onclick: e => this.clicked(e) });
    this.table = h('table', { class: 'cells' }, h('caption', { class: 'sr' }, 'Cells of the run'), this.colgroup, this.head, this.body);
    this.none = h('p', { class: 'no-cells', hidden: true }, 'No cell is like that.');
    this.scroll = h('div', { class: 'cells-scroll', tabindex: '0', role: 'region', 'aria-label': 'Cells; arrow keys move between rows, Enter opens', onkeydown: e => this.keyed(e), onscroll: () => requestAnimationFrame(() => this.rows()) }, this.table, this.none);
    root.append(h('h2', { class: 'sr' }, 'Table of all cells'), h('div', { class: 'tools' }, this.search, this.status, this.axisInputs, this.clear),
      h('div', { class: 'tools' }, this.count, this.copy, h('details', { class: 'choose' }, h('summary', null, 'Columns'), this.chooser)), this.scroll);
    new ResizeObserver(() => this.rows()).observe(this.scroll);
  },

  update() {
    const state = { q: S.get('tq'), status: S.get('tst'), axes: D.axes.map((a, x) => S.get('t' + x)), sort: S.get('ts') }, columns = S.get('tc'), key = JSON.stringify([state, columns]);
    if (key === this.key) return;
    this.key = key;
    const set = (el, v) => { if (el.value !== v) el.value = v; };
    set(this.search, state.q);
    set(this.status, state.status);
    this.axisInputs.forEach((el, x) => set(el, state.axes[x]));
    const wanted = columns ? columns.split(',') : null;
    this.columns = this.all.filter(c => (wanted ? wanted.includes(c.key) : c.shown));
    for (const box of this.chooser.querySelectorAll('input')) box.checked = this.columns.some(c => c.key === box.value);
    this.list = filteredCells(state);
    const down = state.sort.startsWith('-'), by = this.all.find(c => c.key === state.sort.replace('-', ''));
    if (by) this.list = sortedBy(this.list, by, down);
    else if (down) this.list.reverse();
    this.heads(by ? by.key : 'n', down);
    const filtered = state.q || state.status || state.axes.some(Boolean);
    this.clear.hidden = !filtered;
    this.none.hidden = this.list.length > 0;
    this.none.textContent = N ? 'No cell is like that.' : 'The run has no cells.';
    this.at = 0;
    this.scroll.scrollTop = 0;
    this.counted();
    this.range = '';
    this.rows();
  },

  choose() {
    const keys = [...this.chooser.querySelectorAll('input')].filter(b => b.checked).map(b => b.value), usual = this.all.filter(c => c.shown).map(c => c.key);
    S.set({ tc: keys.join() === usual.join() ? '' : keys.join(',') || 'none' }, { replace: true });
  },

  counted() {
    const picked = this.list.filter(i => this.picked.has(i)).length;
    this.count.textContent = (this.list.length === N ? fmtPlural(N, 'cell') : `${fmtCount(this.list.length)} of ${fmtPlural(N, 'cell')}`) + (picked ? `, ${fmtCount(picked)} selected` : '');
    this.copy.textContent = picked ? `Copy ${fmtPlural(picked, 'id')}` : `Copy all ${fmtPlural(this.list.length, 'id')}`;
    this.copy.disabled = !this.list.length;
    const all = this.head.querySelector('input');
    if (!all) return;
    all.checked = picked > 0 && picked === this.list.length;
    all.indeterminate = picked > 0 && picked < this.list.length;
  },

  heads(by, down) {
    const focused = this.head.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const head = (key, title, num) => h('th', { scope: 'col', class: num ? 'num' : false, 'aria-sort': key === by ? (down ? 'descending' : 'ascending') : 'none' },
      h('button', { type: 'button', class: 'sort', 'data-key': key, onclick: () => {
        const now = key === by && !down ? '-' + key : key;
        S.set({ ts: now === 'n' ? '' : now });
      } }, h('span', null, title), key === by && h('span', { class: 'arrow', 'aria-hidden': 'true' }, down ? '↓' : '↑')));
    const all = h('input', { type: 'checkbox', 'aria-label': 'Select all cells shown', onchange: e => {
      for (const i of this.list) {
        if (e.target.checked) this.picked.add(i);
        else this.picked.delete(i);
      }
      this.range = '';
      this.rows();
      this.counted();
    } });
    this.head.replaceChildren(h('tr', { 'aria-rowindex': '1' }, h('th', { scope: 'col', class: 'pick' }, all), head('n', 'Cell', true), h('th', { scope: 'col' }, 'Picture'),
      this.columns.map(c => head(c.key, c.title, c.num))));
    const widths = [40, 44 + 9 * Math.max(3, String(N).length), 68, ...this.columns.map(c => c.width)];
    this.colgroup.replaceChildren(...widths.map(w => h('col', { style: { width: w + 'px' } })));
    this.table.style.width = widths.reduce((a, b) => a + b, 0) + 'px';
    this.table.setAttribute('aria-rowcount', this.list.length + 1);
    if (focused) this.head.querySelector(`[data-key="${focused}"]`)?.focus();
  },

  // rows makes what is in sight, and some above and below.
  rows() {
    if (!this.columns || !this.scroll.clientHeight) return;
    const first = Math.max(0, Math.floor(this.scroll.scrollTop / rowTall) - 8), last = Math.min(this.list.length, first + Math.ceil(this.scroll.clientHeight / rowTall) + 16);
    const range = first + '-' + last;
    if (range === this.range) return;
    this.range = range;
    const inside = this.body.contains(document.activeElement), gap = n => h('tr', { class: 'gap', 'aria-hidden': 'true', style: { height: n * rowTall + 'px' } }, h('td', { colspan: this.columns.length + 3 }));
    const made = [];
    if (first) made.push(gap(first));
    for (let at = first; at < last; at++) made.push(this.row(at));
    if (last < this.list.length) made.push(gap(this.list.length - last));
    this.body.replaceChildren(...made);
    if (inside) this.focusRow(first, last);
  },

  row(at) {
    const i = this.list[at], tab = at === this.at ? '0' : '-1', name = cellName(i);
    return h('tr', { 'data-at': at, 'aria-rowindex': at + 2, class: this.picked.has(i) ? 'picked' : false },
      h('td', { class: 'pick' }, h('input', { type: 'checkbox', checked: this.picked.has(i), tabindex: tab, 'aria-label': 'Select ' + name })),
      h('th', { scope: 'row', class: 'num' }, h('button', { type: 'button', class: 'open-cell', tabindex: tab, 'aria-label': 'Open cell ' + name }, name)),
      h('td', { class: 'mini', 'aria-hidden': 'true' }, (filesOf(i) || []).length ? thumb(i) : ''),
      this.columns.map(c => {
        const text = c.text(i);
        return h('td', { class: [c.num && 'num', c.mono && 'mono', c.cls && 'tone ' + c.cls(i)].filter(Boolean).join(' ') || false, title: text.length > 20 ? text : false }, text);
      }));
  },

  focusRow(first, last) {
    const row = this.at >= first && this.at < last ? this.body.querySelector(`[data-at="${this.at}"]`) : null;
    const target = row ? row.querySelectorAll('input, button')[this.part] : this.scroll;
    target.focus({ preventScroll: true });
  },

  go(at) {
    this.at = Math.max(0, Math.min(this.list.length - 1, at));
    const head = this.head.offsetHeight, top = this.at * rowTall, view = this.scroll.clientHeight - head;
    if (top < this.scroll.scrollTop) this.scroll.scrollTop = top;
    else if (top + rowTall > this.scroll.scrollTop + view) this.scroll.scrollTop = top + rowTall - view;
    this.range = '';
    this.rows();
    const [first, last] = this.range.split('-').map(Number);
    this.focusRow(first, last);
  },

  keyed(e) {
    if (!this.list.length || e.ctrlKey || e.metaKey || e.altKey || this.head.contains(e.target)) return;
    const fresh = e.target === this.scroll, page = Math.max(1, Math.floor(this.scroll.clientHeight / rowTall) - 2);
    const to = { ArrowDown: fresh ? this.at : this.at + 1, ArrowUp: this.at - 1, PageDown: this.at + page, PageUp: this.at - page, Home: 0, End: this.list.length - 1 }[e.key];
    if (to !== undefined) this.go(to);
    else if (!fresh && (e.key === 'ArrowLeft' || e.key === 'ArrowRight')) {
      this.part = e.key === 'ArrowLeft' ? 0 : 1;
      this.go(this.at);
    } else return;
    e.preventDefault();
    e.stopPropagation();
  },

  clicked(e) {
    const row = e.target.closest('tr[data-at]');
    if (!row) return;
    const at = Number(row.dataset.at), i = this.list[at];
    this.at = at;
    if (e.target.matches('input')) {
      const on = e.target.checked, from = e.shiftKey && this.lastPick >= 0 ? Math.min(at, this.lastPick) : at, to = e.shiftKey && this.lastPick >= 0 ? Math.max(at, this.lastPick) : at;
      for (let k = from; k <= to && k < this.list.length; k++) {
        if (on) this.picked.add(this.list[k]);
        else this.picked.delete(this.list[k]);
      }
      this.lastPick = at;
      this.part = 0;
      this.range = '';
      this.rows();
      this.counted();
    } else if (!getSelection().toString()) {
      openCell(i);
    }
  },
};
views.push(tableView);
