// Explore: the cells as a grid over any two axes. Only what is near the visible part is in the document.

const explore = { plan: null, lines: new Map(), heads: new Map(), at: null, pinned: -1 };

// planNow is the plan of the moment, also for who walks along it while another view is shown.
function planNow() {
  return plan(S, explore.sheet?.clientWidth || document.getElementById('main').clientWidth);
}

function labelled(word, control, attrs = {}) {
  return h('label', { class: 'field', ...attrs }, h('span', {}, word), control);
}

function select(options, value, onchange, attrs = {}) {
  const s = h('select', { ...attrs, onchange: () => onchange(s.value) }, options.map(([v, text]) => h('option', { value: v, title: text.length > 60 && text }, shorten(text, 60))));
  s.value = value;
  return s;
}

// controls are made anew whenever the roles change.
function drawAxes() {
  const { x, y, roles } = rolesOf(S);
  const axes = [['', 'none'], ...axisNames.map((n) => [n, n])];
  const role = (k, other) => (v) => S.set({ [k]: v || '-', ...(v && v === (k === 'x' ? y : x) ? { [other]: (k === 'x' ? x : y) || '-' } : {}) });
  const parts = [
    labelled('Columns', select(axes, x, role('x', 'y'), { id: 'axis-x' })),
    button({ class: 'quiet swap', title: 'Swap columns and rows', 'aria-label': 'Swap columns and rows', onclick: () => S.set({ x: y || '-', y: x || '-' }) }, 'swap'),
    labelled('Rows', select(axes, y, role('y', 'x'), { id: 'axis-y' })),
  ];
  for (const a of D.axes) {
    const r = roles.get(a.name);
    if (r === 'x' || r === 'y') continue;
    const set = (v) => S.set({ ['a.' + a.name]: v });
    const values = a.values.slice(0, 2000).map((v, n) => ['=' + n, v]);
    const one = typeof r === 'number';
    parts.push(h('div', { class: 'field axis' },
      h('span', { id: 'axis-name-' + a.name }, shorten(a.name, 24)),
      one && button({ class: 'step', 'aria-label': 'Previous ' + a.name, disabled: r === 0, onclick: () => set('=' + (r - 1)) }, 'left'),
      select([['page', 'a page each (' + a.values.length + ')'], ['all', 'side by side'], ...values], one ? '=' + r : r, set, { 'aria-labelledby': 'axis-name-' + a.name }),
      one && button({ class: 'step', 'aria-label': 'Next ' + a.name, disabled: r >= a.values.length - 1, onclick: () => set('=' + (r + 1)) }, 'right')));
  }
  const focused = explore.axes.contains(document.activeElement) && (document.activeElement.id || document.activeElement.getAttribute('aria-label') || document.activeElement.getAttribute('aria-labelledby'));
  explore.axes.replaceChildren(...parts);
  if (focused) [...explore.axes.querySelectorAll('select, button')].find((e) => [e.id, e.getAttribute('aria-label'), e.getAttribute('aria-labelledby')].includes(focused))?.focus();
}

function drawFilters() {
  const search = h('input', { type: 'search', id: 'search', placeholder: 'Search prompts, values, ids, errors', 'aria-label': 'Search', autocomplete: 'off', spellcheck: 'false' });
  let timer;
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => S.set({ q: search.value.trim() }, { replace: true }), 140);
  });
  const there = D.statuses.filter((_, n) => C.status.includes(n));
  const size = h('input', { type: 'range', id: 'size', min: '80', max: '640', step: '4', 'aria-label': 'Size of the pictures' });
  let drawing = 0;
  size.addEventListener('input', () => {
    cancelAnimationFrame(drawing);
    drawing = requestAnimationFrame(() => S.set({ size: size.value }, { replace: true }));
  });
  explore.search = search;
  explore.size = size;
  explore.status = there.length > 1 && select([['', 'every status'], ...there.map((s) => [s, s])], '', (v) => S.set({ st: v }), { 'aria-label': 'Status' });
  explore.mark = select([['', 'marked or not'], ['fav', 'favourites'], ['rej', 'rejects'], ['none', 'not marked']], '', (v) => S.set({ mk: v }), { 'aria-label': 'Marks' });
  return h('div', { class: 'filters' }, search, explore.status, explore.mark, h('span', { class: 'field' }, h('span', { class: 'size-word', 'aria-hidden': 'true' }, 'Size'), size));
}

function drawMarked() {
  const of = (mark, sign, what) => {
    const ids = marks.ids(mark);
    const words = 'Copy the ids of ' + fmtPlural(ids.length, what) + ', for --redo or to pick them elsewhere';
    return ids.length > 0 && h('button', { type: 'button', class: 'quiet marked marked-' + mark, title: words, 'aria-label': words, onclick: () => copyText(ids.join(','), fmtPlural(ids.length, 'id')) },
      icon(sign), h('span', {}, fmtCount(ids.length)), icon('copy'));
  };
  const p = explore.plan;
  explore.count.textContent = p.cells.length === N ? fmtPlural(N, 'cell') : fmtCount(p.cells.length) + ' of ' + fmtPlural(N, 'cell');
  explore.marked.replaceChildren(...[of('fav', 'star', 'favourite'), of('rej', 'cross', 'reject')].filter(Boolean));
}

function tile(i) {
  const id = C.id[i];
  const open = h('button', { type: 'button', class: 'open', tabindex: '-1', 'data-cell': i }, h('span', { class: 'offscreen' }), thumb(i, { large: explore.plan.size > 330, eager: true }));
  const act = (name, sign, what) => button({ class: 'act act-' + name, tabindex: '-1', title: what + ' (' + { fav: 'f', rej: 'x', pin: 'c' }[name] + ')', 'aria-label': what, onclick: () => actOn(i, name) }, sign);
  const t = h('div', { class: 'tile', 'data-of': i }, open, h('div', { class: 'acts' }, act('fav', 'star', 'Favourite'), act('rej', 'cross', 'Reject'), act('pin', 'compare', 'Compare')));
  const more = filesOf(i).length;
  if (more > 1) t.append(h('span', { class: 'more-files' }, '+' + (more - 1)));
  dressTile(t, i, id);
  return t;
}

// dressTile shows what marks a tile has, and says so.
function dressTile(t, i) {
  const mark = marks.get(C.id[i]);
  t.classList.toggle('is-fav', mark === 'fav');
  t.classList.toggle('is-rej', mark === 'rej');
  t.classList.toggle('is-pinned', explore.pinned === i);
  const words = [describe(i), statusOf(i) !== 'done' && statusOf(i) + ': ' + shorten(errorOf(i) || 'no cause is known', 120), mark === 'fav' && 'favourite', mark === 'rej' && 'reject', explore.pinned === i && 'to compare'];
  t.querySelector('.offscreen').textContent = words.filter(Boolean).join(', ');
  t.querySelector('.pic').setAttribute('aria-hidden', 'true'); // the words say it all
}

function actOn(i, what) {
  if (what === 'fav' || what === 'rej') {
    marks.toggle(C.id[i], what);
    say(marks.get(C.id[i]) === what ? (what === 'fav' ? 'favourite' : 'reject') : 'not marked');
  } else if (explore.pinned < 0) pin(i);
  else if (explore.pinned === i) pin(-1);
  else {
    const other = explore.pinned;
    pin(-1);
    S.set({ cell: C.id[i], with: C.id[other] });
  }
}

// pin keeps a cell to compare the next one with.
function pin(i) {
  const before = explore.pinned;
  explore.pinned = i;
  for (const c of [before, i]) for (const t of explore.canvas.querySelectorAll('[data-of="' + c + '"]')) dressTile(t, c);
  explore.pinbar.hidden = i < 0;
  if (i >= 0) {
    explore.pinbar.querySelector('span').textContent = 'Choose a cell to compare with ' + shorten(describe(i), 70);
    say('Choose another cell to compare with');
  }
}

function columnHead() {
  const p = explore.plan;
  const name = h('span', { class: 'corner', style: { width: (p.label && p.label + p.pad) + 'px' } }, p.y && !p.narrow && h('span', { class: 'corner-y' }, p.y), p.x && !p.narrow && p.y && h('span', { class: 'corner-x' }, p.x));
  explore.here = h('span', { class: 'here', 'aria-hidden': 'true' });
  explore.head.hidden = !p.x;
  explore.head.replaceChildren(h('div', { role: 'columnheader', class: p.label ? 'corner-box' : 'offscreen' }, h('span', { class: 'offscreen' }, 'Row'), name));
  explore.heads.clear();
  explore.heading.replaceChildren(explore.here);
}

function exploreKeys(e) {
  const b = e.target.closest('.open');
  if (!b || e.ctrlKey || e.metaKey || e.altKey) return;
  const i = Number(b.dataset.cell);
  const way = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }[e.key];
  const act = { f: 'fav', x: 'rej', c: 'pin' }[e.key];
  if (way) {
    const to = walk(explore.plan, i, way);
    if (to !== null) focusCell(to);
  } else if (act) actOn(i, act);
  else if (e.key === 'Escape' && explore.pinned >= 0) pin(-1);
  else return;
  e.preventDefault();
}

views.push({
  id: 'explore',
  title: 'Explore',
  mount(root) {
    explore.axes = h('div', { class: 'axes' });
    explore.count = h('span', { class: 'count', role: 'status' });
    explore.marked = h('span', { class: 'marks' });
    const more = button({ class: 'options', 'aria-expanded': 'false', 'aria-controls': 'options', onclick: () => {
      const open = more.getAttribute('aria-expanded') !== 'true';
      more.setAttribute('aria-expanded', String(open));
      root.classList.toggle('options-open', open);
    } }, null, 'Axes and filters');
    const filters = drawFilters();
    explore.head = h('div', { class: 'heads', role: 'row', 'aria-rowindex': '1' });
    explore.heading = h('div', { class: 'heading', role: 'presentation' });
    explore.canvas = h('div', { class: 'canvas', role: 'grid' }, explore.head, explore.heading);
    explore.empty = h('p', { class: 'empty', hidden: true }, 'No cell is like that. ', button({ onclick: () => S.set({ q: '', st: '', mk: '', ...Object.fromEntries(axisNames.map((n) => ['a.' + n, ''])) }) }, null, 'Show all'));
    explore.sheet = h('div', { class: 'sheet' }, explore.canvas, explore.empty);
    explore.pinbar = h('div', { class: 'pinbar', hidden: true }, icon('compare'), h('span', {}), button({ class: 'quiet', onclick: () => pin(-1) }, null, 'Cancel'));
    root.append(h('div', { class: 'bar' }, more, h('div', { class: 'controls', id: 'options' }, explore.axes, filters), h('div', { class: 'counts' }, explore.count, explore.marked)), explore.sheet, explore.pinbar);
    let due = 0;
    explore.sheet.addEventListener('scroll', () => { due ||= requestAnimationFrame(() => { due = 0; paint(); }); }, { passive: true });
    explore.canvas.addEventListener('click', (e) => {
      const b = e.target.closest('.open');
      if (!b) return;
      explore.at = Number(b.dataset.cell);
      if (explore.pinned >= 0) actOn(explore.at, 'pin');
      else openCell(explore.at);
    });
    explore.canvas.addEventListener('focusin', (e) => {
      if (e.target.classList.contains('open')) { explore.at = Number(e.target.dataset.cell); offerFocus(); }
    });
    explore.canvas.addEventListener('keydown', exploreKeys);
    marks.on((id) => {
      if (!explore.plan) return;
      drawMarked();
      if (S.get('mk')) { explore.drawn = ''; return; } // what is shown changes when the filter does, not under the hand
      for (const t of explore.canvas.querySelectorAll('.tile')) if (!id || C.id[t.dataset.of] === id) dressTile(t, Number(t.dataset.of));
    });
    let width = 0;
    new ResizeObserver(() => {
      const now = explore.sheet.clientWidth;
      if (now !== width) { width = now; arrange(); } else paint();
    }).observe(explore.sheet);
  },
  update() {
    const own = S.keys().filter((k) => !['cell', 'with', 'view', 'theme', 'file'].includes(k)).map((k) => k + '=' + S.get(k)).join('&');
    if (explore.drawn === own && explore.plan) return; // a lightbox was opened or closed
    const old = explore.drawn, resized = old !== undefined && own.replace(/(^|&)size=\d+/, '') === old.replace(/(^|&)size=\d+/, '');
    explore.drawn = own;
    if (!resized) drawAxes();
    if (document.activeElement !== explore.search) explore.search.value = S.get('q');
    if (explore.status) explore.status.value = S.get('st');
    explore.mark.value = S.get('mk');
    const share = explore.plan?.height ? explore.sheet.scrollTop / explore.plan.height : 0;
    arrange();
    explore.sheet.scrollTop = resized ? share * explore.plan.height : 0;
    if (!resized) explore.sheet.scrollLeft = 0;
    paint();
  },
});
