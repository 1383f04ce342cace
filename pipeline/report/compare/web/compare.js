// D is the data as Go wrote it. An item is one output of a pair; items come in the order in which a person wants to see them.
const D = JSON.parse(document.getElementById('data').textContent);
const names = ['A', 'B'];
const words = { changed: 'Changed', other_size: 'Another size', other_bytes: 'Other bytes', alike: 'Looks the same', same: 'Same bytes', only_a: 'In A alone', only_b: 'In B alone', '': 'No picture' };
const tagWords = { changed: 'Changed', alike: 'Look the same', same: 'Same bytes', failed: 'Failed', missing: 'Missing' };
const count = (n) => n.toLocaleString('en');

function bytes(n) {
  const units = ['B', 'kB', 'MB', 'GB'];
  let u = 0;
  while (n >= 999.5 && u < units.length - 1) { n /= 1000; u++; }
  return (u === 0 || n >= 99.5 ? Math.round(n) : n.toFixed(1)) + ' ' + units[u];
}

// address is where a file is: by its way from this page, every part of its name taken literally.
const address = (side, path) => (path ? D.sides[side].base + path.split('/').map(encodeURIComponent).join('/') : '');

const shorten = (s, n) => (s.length > n ? s.slice(0, n - 1).trimEnd() + '…' : s);
const labelOf = (item) => item.v.map(([n, v]) => (v.length > 24 ? shorten(v, 70) : n + ' ' + v)).join(' · ') || 'cell ' + (item.n || item.id[0] || item.id[1]);
const verdictOf = (item) => (item.hue ? 'Other colours' : words[item.look]) + (item.bits !== null && item.look !== 'same' ? ' · ' + item.bits + ' bits' : '') + (item.o > 0 ? ' · output ' + item.o : '');

// shown is a file, small or large, or why there is none.
function shown(item, side, large) {
  const f = item.f[side], c = item.c[side];
  const box = (kind, ...inside) => h('span', { class: 'pic pic-' + kind }, inside);
  if (!f) {
    const failed = c && c.s === 'failed';
    return box(failed ? 'failed' : 'none', icon(failed ? 'alert' : 'clock'), h('span', { class: 'pic-word' }, c ? (c.s === 'done' ? 'no such output' : c.s) : 'no such cell'),
      c && c.e && h('span', { class: 'pic-why' }, shorten(c.e, large ? 600 : 120)));
  }
  const fault = (why) => box('failed', icon('alert'), h('span', { class: 'pic-word' }, 'cannot be shown'), h('span', { class: 'pic-why' }, why));
  if (f.e) return fault(f.e);
  if (f.k === 'image') {
    const img = h('img', { src: address(side, !large && f.s ? f.s : f.p), alt: large ? names[side] + ': ' + labelOf(item) : '', loading: large ? 'eager' : 'lazy', decoding: 'async', width: f.w || false, height: f.h || false, draggable: 'false' });
    const b = box('image', img);
    img.addEventListener('error', () => {
      if (img.getAttribute('src') !== address(side, f.p)) img.src = address(side, f.p); // its thumbnail is gone
      else b.replaceWith(fault('The file is not where it was: ' + f.p));
    });
    return b;
  }
  if (large && (f.k === 'video' || f.k === 'audio')) return box('media', h(f.k, { src: address(side, f.p), controls: true, preload: 'metadata' }));
  return box('other', icon(f.k === 'video' ? 'film' : f.k === 'audio' ? 'sound' : 'text'), h('span', { class: 'pic-word' }, (f.k === 'other' ? 'file' : f.k) + ' · ' + bytes(f.b)));
}

// The theme: as the system has it, until one is chosen.
function themeButton() {
  const themes = ['auto', 'light', 'dark'];
  let at = 0;
  const b = button({ class: 'quiet', id: 'theme', onclick: () => { at = (at + 1) % 3; show(); } });
  const show = () => {
    const t = themes[at];
    if (t === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = t;
    b.replaceChildren(icon({ auto: 'auto', light: 'sun', dark: 'moon' }[t]));
    b.setAttribute('aria-label', 'Theme: ' + t);
    b.title = 'Theme: ' + t;
  };
  show();
  return b;
}

function masthead() {
  const side = (i) => h('div', { class: 'side' }, h('b', { class: 'letter' }, names[i]), h('div', {},
    h('strong', {}, D.sides[i].dir), D.sides[i].play && h('span', { class: 'chip' }, 'sandbox'), h('p', { class: 'dim' }, D.sides[i].facts.join(' · '))));
  return [h('div', { class: 'title' }, h('h1', {}, D.title)), themeButton(), h('div', { class: 'sides' }, side(0), side(1))];
}

// figures are the tables, the first of all pairs, the others by the values of --by.
function figures() {
  // How sure a figure is stands smaller than the figure.
  const figure = (x) => { const [, main, sure] = x.match(/^(.*?)( [±(].*)?$/); return [main, sure && h('small', {}, sure)]; };
  const breakable = (x) => x.split('_').map((part, i) => (i > 0 ? ['_', h('wbr'), part] : part));
  const table = (t) => h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.head[0] || 'Figures of all pairs' }, h('table', {},
    h('thead', {}, h('tr', {}, t.head.map((x, i) => h('th', { scope: 'col' }, x || (i === 0 ? 'of all' : ''))))),
    h('tbody', {}, t.rows.map((r, i) => h('tr', { class: t.sure[i] && 'sure' }, r.map((x, k) => (k === 0 ? h('th', { scope: 'row' }, breakable(x)) : h('td', {}, figure(x)))))))));
  const [first, ...others] = D.tables;
  const more = D.failed.length > 0 && h('details', {}, h('summary', {}, 'Cells that failed in one alone'), h('ul', {}, D.failed.map((x) => h('li', {}, x))));
  return h('section', { class: 'figures', 'aria-label': 'Figures' },
    D.notes.map((n) => h('p', { class: 'note' }, icon('alert'), h('span', {}, n))),
    D.judged.map((j) => h('p', { class: 'note judged ' + (j.passed ? 'bad' : 'good') }, icon(j.passed ? 'alert' : 'star'),
      h('span', {}, h('code', {}, j.threshold), j.unknown ? ' counts as passed: the figure is ' + j.figure : (j.passed ? ' is passed: ' : ' is not passed: ') + j.figure))),
    h('div', { class: 'beside' }, table(first), h('dl', { class: 'said' }, D.said.map(([n, s]) => h('div', {}, h('dt', {}, n), h('dd', {}, s))))),
    more, others.length > 0 && h('details', {}, h('summary', {}, others[0].head[0].replace(/^\S+ /, 'Figures ')), h('div', { class: 'tables' }, others.map(table))));
}

// pairs is the list of pictures, which grows as one scrolls: only what was come near is in the document.
const pairs = (() => {
  const step = 60;
  let tag = '', order = 'distance', list = [], there = 0;
  const sheet = h('div', { class: 'sheet', role: 'list', 'aria-label': 'Pairs' });
  const end = h('div', { class: 'end' });
  const state = h('p', { class: 'dim', id: 'state' });
  const filters = h('div', { class: 'filters', role: 'group', 'aria-label': 'Show' });
  const tally = D.tags.map((_, i) => D.items.filter((x) => x.t.includes(i)).length);

  function card(item, at) {
    const open = h('button', { type: 'button', class: 'open', 'data-at': String(at), onclick: () => viewer.open(list, at) },
      [0, 1].map((side) => h('span', { class: 'half' }, h('b', { class: 'letter' }, names[side]), shown(item, side, false))), h('span', { class: 'offscreen' }, labelOf(item) + ': ' + verdictOf(item)));
    return h('div', { class: 'card', role: 'listitem' }, open, h('div', { class: 'caption' },
      h('span', { class: 'verdict is-' + (item.look || 'none') }, verdictOf(item)), h('span', { class: 'label' }, labelOf(item))));
  }
  function grow() {
    if (there >= list.length) return;
    const from = there;
    there = Math.min(list.length, there + step);
    sheet.append(...list.slice(from, there).map((item, i) => card(item, from + i)));
  }
  function update() {
    const i = D.tags.indexOf(tag);
    list = i < 0 ? D.items.slice() : D.items.filter((x) => x.t.includes(i));
    if (order === 'grid') list.sort((a, b) => a.i - b.i);
    there = 0;
    sheet.replaceChildren();
    grow();
    for (const b of filters.children) b.setAttribute('aria-pressed', String(b.dataset.tag === tag));
    state.textContent = list.length === 0 ? 'There is nothing of this kind.' : count(list.length) + (list.length === 1 ? ' pair' : ' pairs');
  }
  filters.append(...['', ...D.tags].map((t, i) => h('button', { type: 'button', 'data-tag': t, disabled: i > 0 && tally[i - 1] === 0, onclick: () => { tag = t; update(); say(state.textContent); } },
    t === '' ? 'All' : tagWords[t], h('span', { class: 'badge' }, count(i === 0 ? D.items.length : tally[i - 1])))));
  const sort = h('select', { id: 'sort', onchange: () => { order = sort.value; update(); } }, h('option', { value: 'distance' }, 'Furthest apart first'), h('option', { value: 'grid' }, 'In the order of the grid'));
  // The arrows walk from pair to pair.
  sheet.addEventListener('keydown', (e) => {
    const at = Number(document.activeElement?.dataset?.at ?? NaN);
    if (Number.isNaN(at)) return;
    const columns = getComputedStyle(sheet).gridTemplateColumns.split(' ').length;
    const to = at + ({ ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[e.key] ?? 0);
    if (to === at || to < 0 || to >= list.length) return;
    e.preventDefault();
    focus(to);
  });
  function focus(at) {
    while (at >= there && there < list.length) grow();
    sheet.children[at]?.querySelector('.open').focus();
  }
  new IntersectionObserver((seen) => { if (seen.some((s) => s.isIntersecting)) grow(); }, { rootMargin: '1200px' }).observe(end);
  return {
    focus,
    mount: () => {
      update();
      return h('section', { class: 'pairs', 'aria-label': 'Pairs of pictures' }, h('div', { class: 'tools' }, filters, h('label', {}, h('span', { class: 'offscreen' }, 'Order'), sort)), state, sheet, end);
    },
  };
})();

// viewer shows one pair large: beside each other, with a slider, in turn, or by what is different.
const viewer = (() => {
  const modes = [['beside', 'Beside'], ['slider', 'Slider'], ['blink', 'Blink'], ['difference', 'Difference']];
  let list = [], at = 0, mode = 'beside', top = 1, part = 50, box, stage, about, head, tools;

  const can = () => [0, 1].every((s) => list[at].f[s] && list[at].f[s].k === 'image' && !list[at].f[s].e);
  function draw() {
    const item = list[at], now = can() ? mode : 'beside';
    head.replaceChildren(h('h2', { tabindex: '-1' }, labelOf(item)), h('p', { class: 'dim' }, verdictOf(item) + ' · ' + count(at + 1) + ' of ' + count(list.length)));
    for (const b of tools.children) {
      b.setAttribute('aria-pressed', String(b.dataset.mode === now));
      b.disabled = b.dataset.mode !== 'beside' && !can();
    }
    stage.className = 'stage is-' + now;
    stage.replaceChildren(...layers[now](item));
    about.replaceChildren(...facts(item));
    if (box.open && !box.contains(document.activeElement)) head.firstChild.focus(); // what had it is gone
  }
  const pane = (item, side) => h('figure', { class: 'pane pane-' + names[side].toLowerCase() }, shown(item, side, true), h('figcaption', {}, h('b', { class: 'letter' }, names[side])));
  const layers = {
    beside: (item) => [pane(item, 0), pane(item, 1)],
    slider: (item) => {
      const b = pane(item, 1);
      const range = h('input', { type: 'range', min: '0', max: '100', value: String(part), 'aria-label': 'How much of A is shown', oninput: () => { part = Number(range.value); cut(); } });
      const cut = () => { for (const e of [b, line]) e.style.setProperty('--part', part + '%'); };
      const line = h('span', { class: 'line', 'aria-hidden': 'true' });
      cut();
      return [h('div', { class: 'stack' }, pane(item, 0), b, line), range];
    },
    blink: (item) => {
      const both = [pane(item, 0), pane(item, 1)];
      const turn = () => { both.forEach((p, i) => { p.hidden = i !== top; }); flip.querySelector('span').textContent = names[top] + ' is shown: switch'; };
      const flip = button({ class: 'flip', onclick: () => { top = 1 - top; turn(); say(names[top]); } }, 'swap', ' ');
      turn();
      return [h('div', { class: 'stack' }, both), flip];
    },
    difference: (item) => [h('div', { class: 'stack' }, pane(item, 0), pane(item, 1)), h('p', { class: 'dim' }, 'Black is where the two are the same')],
  };
  function facts(item) {
    const rows = [['', ...names]];
    const add = (name, of) => { const both = [0, 1].map(of); if (both.some((x) => x)) rows.push([name, ...both.map((x) => x || '–')]); };
    const cell = (key, unit = '') => (s) => item.c[s] && item.c[s][key] && unit.replace('%', item.c[s][key]);
    add('Status', (s) => item.c[s] && item.c[s].s);
    add('Cost', cell('c', '$%'));
    add('Ran', cell('r', '% s'));
    add('In all', cell('t', '% s'));
    add('Size', (s) => item.f[s] && item.f[s].w > 0 && item.f[s].w + ' × ' + item.f[s].h);
    add('Bytes', (s) => item.f[s] && count(item.f[s].b));
    add('File', (s) => item.f[s] && item.f[s].p);
    add('Error', cell('e', '%'));
    add('Id', (s) => item.id[s]);
    const [first, ...rest] = rows;
    return [h('dl', { class: 'values' }, item.v.map(([n, v]) => h('div', {}, h('dt', {}, n), h('dd', {}, v)))),
      h('table', {}, h('thead', {}, h('tr', {}, first.map((x) => h('th', { scope: 'col' }, x || h('span', { class: 'offscreen' }, 'What'))))), h('tbody', {}, rest.map((r) => h('tr', {}, r.map((x, k) => (k === 0 ? h('th', { scope: 'row' }, x) : h('td', { class: item.c.every((c) => c) && r[1] !== r[2] && 'differs' }, x)))))))];
  }
  function go(step) {
    if (at + step < 0 || at + step >= list.length) return;
    at += step;
    draw();
    say(labelOf(list[at]) + ': ' + verdictOf(list[at]));
  }
  function keys(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const slides = e.target.type === 'range';
    if (e.key === 'ArrowRight' && !slides) go(1);
    else if (e.key === 'ArrowLeft' && !slides) go(-1);
    else if (e.key >= '1' && e.key <= '4') choose(modes[e.key - 1][0]);
    else if (e.key === ' ' && mode === 'blink' && can() && e.target.tagName !== 'BUTTON') stage.querySelector('.flip').click();
    else if (e.key === 'b' && can()) { if (mode !== 'blink') choose('blink'); else stage.querySelector('.flip').click(); }
    else return;
    e.preventDefault();
  }
  function choose(m) { mode = m; draw(); }
  return {
    open(of, i) {
      list = of;
      at = i;
      if (!box) {
        head = h('div', { class: 'head' });
        stage = h('div', { class: 'stage' });
        about = h('div', { class: 'about', tabindex: '0', role: 'region', 'aria-label': 'What is known of the two' });
        tools = h('div', { class: 'modes', role: 'group', 'aria-label': 'How the two are shown' }, modes.map(([m, word], k) => h('button', { type: 'button', 'data-mode': m, title: 'Key ' + (k + 1), onclick: () => choose(m) }, word)));
        box = h('dialog', { class: 'viewer', 'aria-label': 'A pair, large', onkeydown: keys, onclose: () => pairs.focus(at) }, h('div', { class: 'bar' }, head, tools,
          h('div', { class: 'ways' }, button({ 'aria-label': 'Previous pair', onclick: () => go(-1) }, 'left'), button({ 'aria-label': 'Next pair', onclick: () => go(1) }, 'right'), button({ 'aria-label': 'Close', onclick: () => box.close() }, 'cross'))), stage, about);
        document.getElementById('overlays').append(box);
      }
      draw();
      box.showModal();
      head.querySelector('h2').focus();
    },
  };
})();

document.getElementById('top').append(...masthead());
document.getElementById('main').append(figures(), pairs.mount());
document.getElementById('skip').addEventListener('click', (e) => { e.preventDefault(); document.getElementById('main').focus(); });
document.documentElement.dataset.ready = '1';
