'use strict';
// The ground that the views stand on: the data, and how it is worded. Each view adds itself to `views`; all files are one
// script, so names at the top level are unique among them.

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
  if (m === 'application/ogg') return 'audio';
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
  const sign = box(kind, icon(kind === 'video' ? 'film' : kind === 'audio' ? 'sound' : 'text'), h('span', { class: 'pic-word' }, mimeOf(f).split('/').pop() + ' · ' + fmtBytes(f.b)));
  if (kind !== 'video') return sign;
  const film = h('video', { src: fileURL(f) + (f.d ? '' : '#t=0.001'), preload: 'metadata', muted: true, tabindex: '-1', 'aria-label': describe(i) }); // its first frame
  const b = box('film', film, icon('film'));
  film.addEventListener('error', () => b.replaceWith(sign)); // it is missing, or the browser does not know its kind
  return b;
}
