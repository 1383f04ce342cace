// The plan of Explore: which cell stands where. It depends on the state and the width alone; the lightbox walks along it too.

const axisNames = D.axes.map((a) => a.name);
const planGap = 10;

// rolesOf settles what each axis is: 'x', 'y', 'page' (a section for each value), 'all' (side by side), or the number of the one
// value that is shown.
function rolesOf(state) {
  const pick = (k, standard) => {
    const v = state.has(k) ? state.get(k) : standard;
    return axisAt.has(v) ? v : '';
  };
  const x = pick('x', D.x);
  let y = pick('y', D.y);
  if (y === x) y = '';
  const roles = new Map();
  for (const a of D.axes) {
    const said = state.get('a.' + a.name);
    if (a.name === x) roles.set(a.name, 'x');
    else if (a.name === y) roles.set(a.name, 'y');
    else if (/^=\d+$/.test(said) && Number(said.slice(1)) < a.values.length) roles.set(a.name, Number(said.slice(1)));
    else if (said === 'all' || said === 'page') roles.set(a.name, said);
    else roles.set(a.name, !x || a.name === 'repeat' || a.values.length > 200 ? 'all' : 'page'); // without columns the cells flow; hundreds of pages are a list
  }
  return { x, y, roles };
}

// matching gives the cells that search and filters leave.
function matching(state) {
  const words = state.get('q').toLowerCase().split(/\s+/).filter(Boolean);
  const status = D.statuses.indexOf(state.get('st')), mark = state.get('mk');
  const tests = words.map((w) => {
    const values = D.axes.map((a) => a.values.map((v) => (w.includes('=') ? a.name + '=' + v : v).toLowerCase().includes(w)));
    const errors = D.errors.map((e) => e.toLowerCase().includes(w)), stats = D.statuses.map((s) => s === w);
    return (i) => stats[C.status[i]] || values.some((v, a) => C.ax[a][i] >= 0 && v[C.ax[a][i]]) || (C.error[i] >= 0 && errors[C.error[i]]) ||
      C.id[i].startsWith(w) || C.task[i] === w || filesOf(i).some((f) => f.p.toLowerCase().includes(w));
  });
  const found = [];
  for (let i = 0; i < N; i++) {
    if (status >= 0 && C.status[i] !== status) continue;
    const m = mark && marks.get(C.id[i]);
    if (mark && (mark === 'none' ? m !== '' : m !== mark)) continue;
    if (tests.every((t) => t(i))) found.push(i);
  }
  return found;
}

// heightIn is how high a cell stands in a square of that side: no picture is stretched, none is cut.
function heightIn(i, side) {
  const f = filesOf(i)[0];
  if (!f) return side * 0.6;
  if (f.w > 0 && f.h > 0) return Math.min(side, (side * f.h) / f.w);
  return kindOf(f) === 'image' ? side * 0.75 : side * 0.6;
}

const mostTiles = 16; // of one place; a further one is only counted
const tilesAcross = (n) => Math.ceil(Math.sqrt(Math.min(n, mostTiles)));

// plan lays the cells out in lines: heads of pages, and rows with places for each column.
function plan(state, width) {
  const { x, y, roles } = rolesOf(state);
  const ax = x && axisAt.get(x), ay = y && axisAt.get(y);
  const fixed = [], paged = [];
  for (const [name, role] of roles) {
    if (typeof role === 'number') fixed.push([axisAt.get(name), role]);
    else if (role === 'page') paged.push(axisAt.get(name));
  }
  const cells = matching(state).filter((i) => fixed.every(([a, v]) => C.ax[a][i] === v));
  const xs = new Set(), ys = new Set(), sections = new Map();
  for (const i of cells) {
    const vx = x ? C.ax[ax][i] : 0, vy = y ? C.ax[ay][i] : 0, at = paged.map((a) => C.ax[a][i]), key = at.join();
    xs.add(vx);
    ys.add(vy);
    let section = sections.get(key);
    if (!section) sections.set(key, (section = { at, rows: new Map(), count: 0 }));
    section.count++;
    if (!section.rows.has(vy)) section.rows.set(vy, new Map());
    const row = section.rows.get(vy);
    if (!row.has(vx)) row.set(vx, []);
    row.get(vx).push(i);
  }
  const byPlace = (p, q) => (p < 0) - (q < 0) || p - q; // what has no value comes last
  const cols = [...xs].sort(byPlace), order = [...sections.values()].sort((p, q) => p.at.map((v, n) => v - q.at[n]).find((d) => d) || 0);
  const narrow = width < 620;
  const longest = y ? Math.max(y.length, ...[...ys].map((v) => (v < 0 ? 1 : D.axes[ay].values[v].length))) : 0;
  const label = !y || narrow ? 0 : Math.min(190, Math.max(64, 26 + longest * 7.2));
  const pad = narrow ? 12 : 20, room = width - 2 * pad - label;
  const wanted = Number(state.get('size'));
  const across = Math.max(1, cols.length);
  const chosen = wanted >= 60 && wanted <= 900;
  let size = chosen ? wanted : Math.round(Math.max(narrow ? 104 : 132, Math.min(narrow ? 180 : 320, x ? (room + planGap) / across - planGap : narrow ? 108 : 200)));
  const fit = x ? cols.length : Math.max(1, Math.floor((room + planGap) / (size + planGap)));
  if (!x && !chosen) size = Math.floor((room + planGap) / fit - planGap); // to the edge
  const lines = [];
  let top = x || paged.length ? 0 : 14;
  const push = (line) => { lines.push({ ...line, top }); top += line.height; };
  const colAt = new Map(cols.map((v, n) => [v, n]));
  for (const section of order) {
    if (paged.length) push({ kind: 'head', section, height: 44, title: paged.map((a, n) => [D.axes[a].name, section.at[n] < 0 ? '–' : D.axes[a].values[section.at[n]]]) });
    for (const vy of [...section.rows.keys()].sort(byPlace)) {
      const row = section.rows.get(vy);
      const groups = [];
      if (x) groups.push([...row].map(([vx, list]) => [colAt.get(vx), list]).sort((p, q) => p[0] - q[0]));
      else {
        const list = [...row.values()].flat();
        for (let n = 0; n < list.length; n += fit) groups.push(list.slice(n, n + fit).map((i, c) => [c, [i]]));
      }
      groups.forEach((places, n) => {
        const high = Math.max(...places.map(([, list]) => {
          const t = tilesAcross(list.length), side = (size - (t - 1) * 4) / t, shown = Math.min(list.length, mostTiles);
          return Math.ceil(shown / t) * (Math.max(...list.slice(0, shown).map((i) => heightIn(i, side))) + 4) - 4;
        }));
        const named = y && narrow && n === 0 ? 26 : 0, caption = x ? 0 : 22;
        push({ kind: 'row', section, y: vy, first: n === 0, places, picture: Math.max(x ? 44 : 56, Math.round(high)), named, caption, height: Math.max(x ? 44 : 56, Math.round(high)) + named + caption + planGap });
      });
    }
    top += paged.length ? 10 : 0;
  }
  return { x, y, roles, cells, cols, lines, height: top, size, label, pad, narrow, fit, sections: order.length, width: label + 2 * pad + (x ? cols.length : fit) * (size + planGap) - planGap };
}

// walk gives the cell that is reached from cell i by a step along the plan: left and right along X, up and down along Y, and from
// page to page. null: there is none.
function walk(p, i, way) {
  let at = -1, place, nth = 0;
  for (let l = 0; l < p.lines.length && at < 0; l++) {
    for (const pl of p.lines[l].places || []) {
      const n = pl[1].indexOf(i);
      if (n >= 0) { at = l; place = pl; nth = n; }
    }
  }
  if (at < 0) return null;
  const line = p.lines[at], step = way === 'left' || way === 'up' || way === 'before' ? -1 : 1;
  if (way === 'left' || way === 'right') {
    if (place[1][nth + step] !== undefined) return place[1][nth + step];
    const next = line.places[line.places.indexOf(place) + step];
    if (next) return step > 0 ? next[1][0] : next[1].at(-1);
    if (p.x) return null; // the edge of the grid
    for (let l = at + step; p.lines[l]; l += step) if (p.lines[l].places) return p.lines[l].places.at(step > 0 ? 0 : -1)[1][0];
    return null;
  }
  let nearest = null;
  for (let l = at + step; p.lines[l]; l += step) {
    const other = p.lines[l];
    if (!other.places) continue;
    const paging = way === 'before' || way === 'after';
    if (paging && (other.section === line.section || other.y !== line.y)) continue;
    const same = other.places.find(([c]) => c === place[0]);
    if (same) return same[1][Math.min(nth, same[1].length - 1)];
    nearest ??= other.places.at(-1)[1][0];
    if (!p.x) return nearest;
  }
  return nearest;
}
