// The table: every cell as a row. Rows out of sight are not made, so that 20,000 are as quick as 20.

const rowTall = 36;

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
      h('div', { class: 'tools' }, this.count, this.copy, this.columnsMenu()), this.scroll);
    new ResizeObserver(() => this.rows()).observe(this.scroll);
  },

  columnsMenu() {
    const menu = h('details', { class: 'choose', onkeydown: e => {
      if (e.key !== 'Escape' || !menu.open) return;
      e.stopPropagation();
      menu.open = false;
      menu.firstChild.focus();
    } }, h('summary', null, 'Columns'), this.chooser);
    on(document, 'pointerdown', e => { if (!menu.contains(e.target)) menu.open = false; });
    return menu;
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
