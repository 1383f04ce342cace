// What the table can show of a cell, how it is sorted, and which cells are let through.

const mostOptions = 300; // values of an axis that are offered one by one

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
