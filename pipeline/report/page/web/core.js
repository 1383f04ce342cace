'use strict';
// The ground that the views stand on: the data, the state in the address, marks, and small helpers. Each view adds itself to
// `views`; all files are one script, so names at the top level are unique among them.

// D is the data as Go wrote it; C its columns of cells, N their number. A cell is called by its index everywhere.
const D = JSON.parse(document.getElementById('data').textContent);
const C = D.cells;
const N = C.id.length;
const views = []; // {id, title, mount(root), update(S)}; update is called when the view is shown and when the state changes meanwhile

const axisAt = new Map(D.axes.map((a, i) => [a.name, i]));
const cellAt = new Map(C.id.map((id, i) => [id, i]));

const statusOf = (i) => D.statuses[C.status[i]];
const errorOf = (i) => (C.error[i] < 0 ? '' : D.errors[C.error[i]]);
const filesOf = (i) => C.files[i];
const mimeOf = (f) => D.mimes[f.m] || '';

// valueOf gives the value of a parameter, an axis or fixed; '' where the cell has none.
function valueOf(i, name) {
  const a = axisAt.get(name);
  if (a === undefined) return D.fixed[name] ?? '';
  const v = C.ax[a][i];
  return v < 0 ? '' : D.axes[a].values[v];
}

// describe names a cell by what is different about it, the short values first.
function describe(i, without = []) {
  const parts = [];
  for (const a of D.axes) {
    if (without.includes(a.name)) continue;
    const v = valueOf(i, a.name);
    if (v !== '') parts.push({ a, v });
  }
  parts.sort((p, q) => (p.v.length > 24) - (q.v.length > 24));
  return parts.map(({ a, v }) => (v.length > 24 ? shorten(v, 60) : a.name + ' ' + v)).join(' · ') || D.name;
}

const shorten = (s, n) => (s.length > n ? s.slice(0, n - 1).trimEnd() + '…' : s);

// h makes an element. Texts are texts: nothing is ever parsed as HTML. on… are listeners, style is an object.
function h(tag, attrs, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attrs || {})) {
    if (v === undefined || v === null || v === false) continue;
    if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
    else if (k === 'style') for (const [p, x] of Object.entries(v)) e.style.setProperty(p, x);
    else e.setAttribute(k, v === true ? '' : v);
  }
  e.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

// icon draws one of a few signs as SVG, so that no font is needed for them.
const iconPaths = {
  star: 'M8 1.8l1.9 4 4.3.5-3.2 3 .9 4.3L8 11.4l-3.9 2.2.9-4.3-3.2-3 4.3-.5z',
  cross: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  left: 'M10 3L5 8l5 5', right: 'M6 3l5 5-5 5', up: 'M3 10l5-5 5 5', down: 'M3 6l5 5 5-5',
  swap: 'M3 5.5h9M9.5 3L12 5.5 9.5 8M13 10.5H4M6.5 8L4 10.5 6.5 13',
  compare: 'M2.5 3.5h4.5v9h-4.5zM9 3.5h4.5v9h-4.5z',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  sun: 'M8 5a3 3 0 100 6 3 3 0 000-6zM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8L13 13M13 3l-1.2 1.2M4.2 11.8L3 13',
  moon: 'M13.5 9.6A6 6 0 016.4 2.5a6 6 0 107.1 7.1z', auto: 'M8 2a6 6 0 100 12zM8 2a6 6 0 010 12',
  film: 'M2 3.5h12v9H2zM6.5 6l3.5 2-3.5 2z', sound: 'M2.5 6.5v3M5.5 4v8M8.5 2.5v11M11.5 5v6M14 6.5v3',
  text: 'M3.5 2h6L13 5.5V14H3.5zM6 7h4.5M6 9.5h4.5M6 12h3', alert: 'M8 2l6.5 11.5h-13zM8 6.5v3.5M8 11.5v.6', clock: 'M8 2a6 6 0 100 12A6 6 0 008 2zM8 4.5V8l2.5 1.5',
};
function icon(name) {
  const ns = 'http://www.w3.org/2000/svg';
  const e = document.createElementNS(ns, 'svg');
  e.setAttribute('viewBox', '0 0 16 16');
  e.setAttribute('class', 'icon icon-' + name);
  e.setAttribute('aria-hidden', 'true');
  const p = document.createElementNS(ns, 'path');
  p.setAttribute('d', iconPaths[name]);
  e.append(p);
  return e;
}

// fmtMoney takes the exact string that Go wrote, null for unknown.
function fmtMoney(usd) {
  if (usd === null || usd === undefined || usd === '') return '–';
  const x = Number(usd);
  if (x !== 0 && Math.abs(x) < 1) return '$' + String(Number(x.toPrecision(4)).toFixed(6)).replace(/0+$/, '').replace(/\.(\d?)$/, (m, d) => '.' + d.padEnd(2, '0'));
  return '$' + x.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function fmtSecs(s) {
  if (s === null || s === undefined) return '–';
  if (s < 0.0995) return Math.round(s * 1000) + ' ms';
  if (s < 9.95) return s.toFixed(1) + ' s';
  if (s < 59.5) return Math.round(s) + ' s';
  const all = Math.round(s), d = (n) => String(n).padStart(2, '0');
  if (all < 3600) return Math.floor(all / 60) + ' min ' + d(all % 60) + ' s';
  return Math.floor(all / 3600) + ' h ' + d(Math.floor((all % 3600) / 60)) + ' min';
}

function fmtBytes(n) {
  if (n === null || n === undefined) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let u = 0;
  while (n >= 999.5 && u < units.length - 1) { n /= 1000; u++; }
  return (u === 0 || n >= 99.5 ? Math.round(n) : n.toFixed(1)) + ' ' + units[u];
}

const fmtCount = (n) => n.toLocaleString('en');
const fmtPlural = (n, one, many) => fmtCount(n) + ' ' + (n === 1 ? one : many || one + 's');
const fmtDate = (ms) => (ms === null || ms === undefined ? '–' : new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' }));

// fileURL is where a file is: in the page, or beside it.
const fileURL = (f) => f.d || f.p.split('/').map(encodeURIComponent).join('/');
const thumbURL = (f) => (f.t.startsWith('data:') ? f.t : f.t ? f.t.split('/').map(encodeURIComponent).join('/') : kindOf(f) === 'image' ? fileURL(f) : '');

// kindOf sorts files by how they are shown.
function kindOf(f) {
  const m = mimeOf(f);
  const k = m.split('/')[0];
  if (k === 'image' || k === 'video' || k === 'audio') return k;
  return k === 'text' || m === 'application/json' || f.x ? 'text' : 'other';
}

// thumb shows a cell small: its picture, a sign for what is no picture, or why there is none. n is the number of the file,
// large asks for the file itself in place of its thumbnail, eager for its picture at once.
function thumb(i, { n = 0, large = false, eager = false } = {}) {
  const f = filesOf(i)[n], status = statusOf(i);
  const box = (kind, ...inside) => h('span', { class: 'pic pic-' + kind }, inside);
  if (!f) {
    const why = errorOf(i);
    return box(status === 'failed' ? 'failed' : 'none', icon(status === 'failed' || status === 'held' ? 'alert' : 'clock'),
      h('span', { class: 'pic-word' }, status), why && h('span', { class: 'pic-why' }, shorten(why, 160)));
  }
  const url = large && kindOf(f) === 'image' ? fileURL(f) : thumbURL(f);
  if (url) {
    const img = h('img', { src: url, alt: describe(i), loading: eager ? 'eager' : 'lazy', decoding: 'async', width: f.w || false, height: f.h || false, draggable: 'false' });
    const b = box('image', img);
    img.addEventListener('error', () => {
      if (f.t && img.getAttribute('src') !== fileURL(f)) img.src = fileURL(f); // its thumbnail is gone
      else b.replaceWith(box('failed', icon('alert'), h('span', { class: 'pic-word' }, 'file is missing'), h('span', { class: 'pic-why' }, f.p)));
    });
    return b;
  }
  const kind = kindOf(f);
  if (kind === 'text' && f.x) return box('text', h('span', { class: 'pic-text' }, shorten(f.x, 400)));
  return box(kind, icon(kind === 'video' ? 'film' : kind === 'audio' ? 'sound' : 'text'), h('span', { class: 'pic-word' }, mimeOf(f).split('/').pop() + ' · ' + fmtBytes(f.b)));
}

// S is the state, kept in the fragment of the address: what is seen can be bookmarked, sent, and gone back to.
const S = (() => {
  const listeners = [];
  let raw = location.hash.slice(1), params = new URLSearchParams(raw);
  const tell = () => listeners.forEach((fn) => fn(S));
  const moved = () => {
    if (location.hash.slice(1) === raw) return;
    raw = location.hash.slice(1);
    params = new URLSearchParams(raw);
    tell();
  };
  addEventListener('popstate', moved);
  addEventListener('hashchange', moved);
  return {
    get: (k) => params.get(k) ?? '',
    has: (k) => params.has(k),
    keys: () => [...params.keys()],
    // set changes what is given; null, undefined and '' take a key away. With replace there is no way back to before.
    set(patch, { replace = false } = {}) {
      for (const [k, v] of Object.entries(patch)) {
        if (v === '' || v === null || v === undefined) params.delete(k);
        else params.set(k, String(v));
      }
      const now = params.toString();
      if (now === new URLSearchParams(raw).toString()) return;
      history[replace ? 'replaceState' : 'pushState'](null, '', '#' + now);
      raw = location.hash.slice(1);
      tell();
    },
    on: (fn) => { listeners.push(fn); },
  };
})();

// openCell shows a cell large, wherever one is.
const openCell = (i) => S.set({ cell: C.id[i] });

// kept survives the page where the browser lets it.
const kept = {
  get(k) { try { return localStorage.getItem('wirobatch:' + k); } catch { return null; } },
  set(k, v) { try { localStorage.setItem('wirobatch:' + k, v); } catch { /* only for now, then */ } },
};

// marks are the favourites ('fav') and rejects ('rej') of a run, by id.
const marks = (() => {
  const key = 'marks:' + D.name, listeners = [];
  let all = {};
  const load = () => { try { all = JSON.parse(kept.get(key)) || {}; } catch { all = {}; } };
  load();
  addEventListener('storage', (e) => { if (e.key === 'wirobatch:' + key) { load(); listeners.forEach((fn) => fn('')); } }); // of another window
  return {
    get: (id) => (Object.hasOwn(all, id) ? all[id] : ''),
    set(id, mark) {
      if (mark) all[id] = mark;
      else delete all[id];
      kept.set(key, JSON.stringify(all));
      listeners.forEach((fn) => fn(id));
    },
    toggle(id, mark) { marks.set(id, marks.get(id) === mark ? '' : mark); },
    ids: (mark) => C.id.filter((id) => marks.get(id) === mark), // in grid order
    on: (fn) => { listeners.push(fn); },
  };
})();

// say tells those who do not see the page.
function say(text) { document.getElementById('say').textContent = text; }

// toast tells everyone, briefly.
let toastTimer = 0;
function toast(text) {
  let t = document.getElementById('toast');
  if (!t) {
    t = h('div', { id: 'toast', 'aria-hidden': 'true', popover: 'manual' }); // above dialogs as well
    document.getElementById('overlays').append(t);
  }
  t.textContent = text;
  t.hidePopover?.();
  t.showPopover?.();
  say(text);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => t.hidePopover?.(), 2600);
}

// copyText works from file:// as well, where some browsers lend no clipboard.
async function copyText(text, what) {
  let ok = false;
  try {
    await navigator.clipboard.writeText(text);
    ok = true;
  } catch {
    const box = h('textarea', { class: 'offscreen', 'aria-hidden': 'true' });
    box.value = text;
    (document.querySelector('dialog[open]') || document.body).append(box);
    box.select();
    ok = document.execCommand('copy');
    box.remove();
  }
  toast(ok ? what + ' copied' : 'The browser lends no clipboard here');
}

// button is one with a sign, a word, or both.
function button(attrs, name, word) {
  return h('button', { type: 'button', ...attrs }, name && icon(name), word && h('span', {}, word));
}

// The theme: as the system has it, until one is chosen.
const themes = ['auto', 'light', 'dark'];
function themeButton() {
  const b = button({ class: 'quiet', id: 'theme', onclick: () => { show(themes[(themes.indexOf(now) + 1) % 3]); kept.set('theme', now); } });
  let now;
  const show = (t) => {
    now = t;
    if (t === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = t;
    b.replaceChildren(icon(t === 'light' ? 'sun' : t === 'dark' ? 'moon' : 'auto'));
    b.setAttribute('aria-label', 'Theme: ' + t);
    b.title = 'Theme: ' + t;
  };
  show(themes.includes(S.get('theme')) ? S.get('theme') : themes.includes(kept.get('theme')) ? kept.get('theme') : 'auto');
  return b;
}

// masthead is what stands above every view: what was run, how it went, and the way to the views.
function masthead(tabs) {
  const counts = D.statuses.map(() => 0);
  for (const s of C.status) counts[s]++;
  const there = D.statuses.map((s, i) => [s, counts[i]]).filter(([, n]) => n > 0);
  const bar = h('span', { class: 'tally-bar', 'aria-hidden': 'true' }, there.map(([s, n]) => h('i', { class: 'is-' + s, style: { 'flex-grow': String(n) } })));
  const tally = h('p', { class: 'tally' },
    bar, there.map(([s, n]) => h('span', { class: 'tally-one' }, h('i', { class: 'dot is-' + s, 'aria-hidden': 'true' }), fmtCount(n) + ' ' + s)),
    h('span', {}, fmtMoney(D.money.spent) + (D.sandbox ? ' play money' : '')),
    D.runs.length > 0 && D.runs.at(-1).end === null && h('span', { class: 'going' }, 'not ended by ' + fmtDate(Date.parse(D.made)), button({ class: 'quiet small', onclick: () => location.reload() }, null, 'Reload')));
  return [
    h('div', { class: 'title' }, h('h1', {}, D.name), h('p', { class: 'model' }, D.model, D.sandbox && h('span', { class: 'chip' }, 'sandbox'))),
    tally, tabs, themeButton(),
  ];
}

// start puts the page together; it is called once all views are in.
function start() {
  const top = document.getElementById('top'), main = document.getElementById('main');
  const order = ['checks', 'table', 'numbers', 'explore']; // the last ones first
  views.sort((a, b) => order.indexOf(b.id) - order.indexOf(a.id));
  const tabs = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Views' });
  for (const v of views) {
    v.root = h('section', { class: 'view view-' + v.id, id: 'view-' + v.id, role: 'tabpanel', 'aria-labelledby': 'tab-' + v.id, hidden: true });
    v.tab = h('button', { type: 'button', role: 'tab', id: 'tab-' + v.id, 'aria-controls': 'view-' + v.id, onclick: () => S.set({ view: v.id === views[0].id ? '' : v.id, cell: '' }) },
      v.title, v.badge && h('span', { class: 'badge' }, v.badge()));
    tabs.append(v.tab);
    main.append(v.root);
  }
  tabs.addEventListener('keydown', (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const at = views.findIndex((v) => v.tab === document.activeElement);
    const to = views[(at + step + views.length) % views.length].tab;
    to.click();
    to.focus();
  });
  top.append(...masthead(tabs));
  document.getElementById('skip').addEventListener('click', (e) => { e.preventDefault(); main.focus(); });
  const shown = () => views.find((v) => v.id === S.get('view')) || views[0];
  const refresh = () => {
    const now = shown();
    for (const v of views) {
      const on = v === now;
      v.root.hidden = !on;
      v.tab.setAttribute('aria-selected', String(on));
      v.tab.tabIndex = on ? 0 : -1;
    }
    document.documentElement.dataset.view = now.id;
    if (!now.mounted) {
      now.mounted = true;
      now.mount(now.root);
    }
    now.update(S);
  };
  S.on(refresh);
  refresh();
  // When the page could be used, in ms since it was opened.
  requestAnimationFrame(() => setTimeout(() => { document.documentElement.dataset.ready = String(Math.round(performance.now())); }));
}
