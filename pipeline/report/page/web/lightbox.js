// The lightbox: one cell large, with all that is known of it, or two beside each other. The dialog element keeps the focus inside and
// gives it back.

const lightbox = { box: null, cell: -1, fit: true };

function buildLightbox() {
  const step = (way, sign, what) => button({ class: 'go go-' + way, 'data-way': way, 'aria-label': what, title: what, onclick: () => stepCell(way) }, sign);
  lightbox.stage = h('div', { class: 'stage' });
  lightbox.facts = h('div', { class: 'facts', tabindex: '0', role: 'region', 'aria-label': 'Facts' });
  lightbox.title = h('h2', { id: 'lightbox-title' });
  lightbox.where = h('span', { class: 'dim' });
  const mark = (m, sign, what, key) => button({ class: 'mark mark-' + m, 'aria-pressed': 'false', title: what + ' (' + key + ')', onclick: () => markCell(m) }, sign, what);
  lightbox.fav = mark('fav', 'star', 'Favourite', 'f');
  lightbox.rej = mark('rej', 'cross', 'Reject', 'x');
  lightbox.compare = button({ title: 'Compare with another cell (c)', onclick: pinFromLightbox }, 'compare', 'Compare');
  lightbox.left = step('left', 'left', 'Left');
  lightbox.right = step('right', 'right', 'Right');
  lightbox.up = step('up', 'up', 'Up');
  lightbox.down = step('down', 'down', 'Down');
  lightbox.box = h('dialog', { class: 'lightbox', 'aria-labelledby': 'lightbox-title' },
    h('div', { class: 'lightbox-top' }, lightbox.title, lightbox.where,
      h('div', { class: 'lightbox-acts' }, lightbox.fav, lightbox.rej, lightbox.compare,
        h('span', { class: 'ways' }, lightbox.left, lightbox.up, lightbox.down, lightbox.right),
        button({ class: 'quiet close', 'aria-label': 'Close', title: 'Close (Esc)', onclick: closeLightbox }, 'cross'))),
    lightbox.stage, lightbox.facts);
  document.getElementById('overlays').append(lightbox.box);
  lightbox.box.addEventListener('cancel', (e) => { e.preventDefault(); closeLightbox(); });
  lightbox.box.addEventListener('keydown', lightboxKeys);
  marks.on(() => { if (lightbox.box.open) drawMark(); });
}

function closeLightbox() {
  const i = lightbox.cell;
  S.set({ cell: '', with: '', file: '' });
  if (i >= 0 && !views[0].root.hidden) focusCell(i);
}

function pinFromLightbox() {
  const i = lightbox.cell, view = S.get('view');
  closeLightbox();
  if (view) S.set({ view: '' });
  pin(i);
  focusCell(i);
}

function stepCell(way) {
  const p = planNow();
  let to = walk(p, lightbox.cell, way);
  if (to === null && !p.cells.includes(lightbox.cell)) { // a filter hides it: along the grid's own order
    const by = way === 'left' || way === 'up' || way === 'before' ? -1 : 1;
    to = C.id[lightbox.cell + by] === undefined ? null : lightbox.cell + by;
  }
  if (to === null) return say('The grid ends here');
  if (S.get('with') === C.id[to]) to = walk(p, to, way) ?? to; // never beside itself
  S.set({ cell: C.id[to], file: '' }, { replace: true });
}

function stepFile(by) {
  const all = filesOf(lightbox.cell).length, at = Number(S.get('file')) || 0;
  if (all > 1) S.set({ file: (at + by + all) % all || '' }, { replace: true });
}

function markCell(m) {
  const id = C.id[lightbox.cell];
  marks.toggle(id, m);
  say(marks.get(id) === m ? (m === 'fav' ? 'favourite' : 'reject') : 'not marked');
}

function lightboxKeys(e) {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('video, audio') || (e.target === lightbox.facts && /^(Arrow(Up|Down)|Page)/.test(e.key))) return;
  const way = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down', PageUp: 'before', PageDown: 'after' }[e.key];
  if (way) stepCell(way);
  else if (e.key === 'f') markCell('fav');
  else if (e.key === 'x') markCell('rej');
  else if (e.key === 'c') pinFromLightbox();
  else if (e.key === ',') stepFile(-1);
  else if (e.key === '.') stepFile(1);
  else if (e.key === 'z') zoom();
  else if (e.key === 's') swapCompared();
  else return;
  e.preventDefault();
}

function swapCompared() {
  if (S.get('with')) S.set({ cell: S.get('with'), with: S.get('cell') }, { replace: true });
}

function zoom() {
  lightbox.fit = !lightbox.fit;
  lightbox.stage.classList.toggle('is-full', !lightbox.fit);
}

// showing is a file as large as there is room, in the way that fits what it is.
function showing(i, n) {
  const f = filesOf(i)[n];
  if (!f) {
    const why = errorOf(i);
    return h('div', { class: 'nothing' }, icon(statusOf(i) === 'pending' ? 'clock' : 'alert'), h('h3', {}, statusOf(i)), h('p', {}, why || (statusOf(i) === 'pending' ? 'It is to come.' : 'No cause is known.')));
  }
  const url = fileURL(f), kind = kindOf(f);
  const missing = () => h('div', { class: 'nothing' }, icon('alert'), h('h3', {}, 'The file is missing'), h('p', {}, f.p));
  if (kind === 'image') {
    const img = h('img', { src: url, alt: describe(i), width: f.w || false, height: f.h || false, title: 'Actual size (z)', onclick: zoom });
    img.addEventListener('error', () => img.replaceWith(missing()));
    return img;
  }
  if (kind === 'video' || kind === 'audio') {
    const player = h(kind, { src: url, controls: true, preload: 'metadata', loop: kind === 'video', 'aria-label': describe(i) });
    player.addEventListener('error', () => player.replaceWith(missing()));
    return kind === 'video' ? player : h('div', { class: 'listen' }, icon('sound'), player);
  }
  if (f.x) return h('pre', { class: 'reading', tabindex: '0' }, f.x);
  return h('div', { class: 'nothing' }, icon('text'), h('h3', {}, mimeOf(f)), h('p', {}, h('a', { href: url, target: '_blank', rel: 'noreferrer' }, 'Open ' + f.p.split('/').pop())));
}

const fact = (k, v, attrs) => v !== '' && v !== null && v !== undefined && v !== '–' && h('div', { class: 'fact', ...attrs }, h('dt', {}, k), h('dd', {}, v));

// factsOf is all that is known of a cell; other is the one that it is compared with: what differs is marked.
function factsOf(i, n, other) {
  const f = filesOf(i)[n];
  const names = [...axisNames, ...Object.keys(D.fixed).filter((k) => !axisAt.has(k))];
  const section = (title, ...facts) => {
    const some = facts.flat().filter(Boolean);
    return some.length > 0 && h('section', {}, h('h3', {}, title), h('dl', {}, some));
  };
  const differs = (k) => other >= 0 && valueOf(i, k) !== valueOf(other, k);
  const times = [['Queued', C.queue[i]], ['Ran', C.run[i]], ['Finished up', C.post[i]], ['Service, in all', C.elapsed[i]], ['Waited', C.wait[i]], ['Download', C.download[i]], ['In all', C.total[i]]];
  const error = errorOf(i);
  return [
    error && f && h('section', { class: 'fault' }, h('h3', {}, 'Cause'), h('p', {}, error)),
    section('Parameters', names.map((k) => fact(k, valueOf(i, k), { class: 'fact' + (differs(k) ? ' differs' : '') + (valueOf(i, k).length > 30 ? ' long' : '') }))),
    section('Cost', fact('Paid', fmtMoney(C.cost[i]) + (C.cost[i] !== null && C.source[i] && C.source[i] !== 'none' ? ', ' + C.source[i] : '')), C.attempts[i] > 1 && fact('Submits', String(C.attempts[i]))),
    section('Time', times.map(([k, v]) => v !== null && fact(k, fmtSecs(v))), C.submitted[i] !== null && fact('Submitted', fmtDate(C.submitted[i])), C.finished[i] !== null && fact('Ended', fmtDate(C.finished[i]))),
    f && section('File', fact('Name', h('a', { href: fileURL(f), target: '_blank', rel: 'noreferrer', download: f.d ? f.p.split('/').pop() : false }, f.p.split('/').pop()), { class: 'fact long' }),
      f.w > 0 && fact('Size', f.w + ' × ' + f.h), fact('Bytes', fmtBytes(f.b)), fact('Type', mimeOf(f)), fact('SHA-256', h('code', {}, f.s), { class: 'fact long' })),
    section('Cell', fact('Id', h('span', {}, h('code', {}, C.id[i]), button({ class: 'quiet small', 'aria-label': 'Copy the id', onclick: () => copyText(C.id[i], 'Id') }, 'copy')), { class: 'fact long' }),
      C.n[i] !== null ? fact('Number', String(C.n[i])) : fact('Number', 'no longer in the manifest'), C.task[i] && fact('Task', C.task[i])),
  ].filter(Boolean);
}

function drawMark() {
  const m = marks.get(C.id[lightbox.cell]);
  lightbox.fav.setAttribute('aria-pressed', String(m === 'fav'));
  lightbox.rej.setAttribute('aria-pressed', String(m === 'rej'));
}

function drawLightbox(i, other) {
  const n = Math.min(Number(S.get('file')) || 0, Math.max(0, filesOf(i).length - 1));
  const pane = (c, at, word) => h('figure', { class: 'pane' }, showing(c, at), word && h('figcaption', {}, word));
  lightbox.cell = i;
  lightbox.box.classList.toggle('is-comparing', other >= 0);
  lightbox.title.textContent = other >= 0 ? 'Two cells compared' : shorten(describe(i), 90);
  lightbox.where.textContent = C.n[i] === null ? '' : fmtCount(C.n[i]) + ' of ' + fmtCount(N);
  if (other >= 0) {
    const apart = axisNames.filter((k) => valueOf(i, k) !== valueOf(other, k));
    const word = (c) => apart.map((k) => k + ' ' + (valueOf(c, k) || '–')).join(' · ') || describe(c);
    lightbox.stage.replaceChildren(pane(other, 0, word(other)), pane(i, n, word(i)));
    lightbox.facts.replaceChildren(h('div', { class: 'two' }, h('div', {}, factsOf(other, 0, i)), h('div', {}, factsOf(i, n, other))));
  } else {
    const files = filesOf(i);
    const strip = files.length > 1 && h('div', { class: 'strip' }, files.map((f, k) => h('button', { type: 'button', 'aria-label': 'File ' + (k + 1) + ' of ' + files.length, 'aria-current': k === n && 'true', onclick: () => S.set({ file: k || '' }, { replace: true }) }, thumb(i, { n: k }))));
    lightbox.stage.replaceChildren(pane(i, n), ...(strip ? [strip] : []));
    lightbox.facts.replaceChildren(...factsOf(i, n, -1));
  }
  lightbox.stage.classList.toggle('is-full', !lightbox.fit);
  const p = planNow(), here = p.cells.includes(i);
  for (const way of ['left', 'right', 'up', 'down']) lightbox[way].setAttribute('aria-disabled', String(here && walk(p, i, way) === null));
  drawMark();
  say(describe(i) + ', ' + statusOf(i));
}

// The lightbox is open while the state names a cell, whatever the view.
function showLightbox() {
  const i = cellAt.get(S.get('cell')) ?? -1, other = cellAt.get(S.get('with')) ?? -1;
  if (i < 0) {
    if (lightbox.box?.open) {
      lightbox.box.close();
      lightbox.stage.replaceChildren(); // what plays stops
      lightbox.drawn = '';
    }
    lightbox.cell = -1;
    return;
  }
  if (!lightbox.box) buildLightbox();
  if (!lightbox.box.open) lightbox.box.showModal();
  const now = [i, other, S.get('file')].join();
  if (lightbox.drawn === now) return;
  lightbox.drawn = now;
  drawLightbox(i, other);
}

S.on(showLightbox);
addEventListener('DOMContentLoaded', showLightbox);
