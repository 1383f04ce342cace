// The sheet of Explore: what of it is near the visible part is in the document.

// reading gives the text of a value and whether it is short enough for one line.
const reading = (axis, v) => (v < 0 ? '–' : D.axes[axisAt.get(axis)].values[v]);

// heading is a value as it stands above its column: what says little by itself has the name of its axis.
function heading(axis, v) {
  const text = reading(axis, v);
  return (text.length < 14 && /^[\d.+-]/.test(text)) || text.length < 3 ? axis + ' ' + text : text;
}

// headWidth is how wide that is in one line.
const pen = document.createElement('canvas').getContext('2d');
function headWidth(text) {
  pen.font = '600 12.5px ' + getComputedStyle(document.body).fontFamily;
  return pen.measureText(text).width;
}

function arrange() {
  const p = (explore.plan = planNow());
  drawMarked();
  for (const e of explore.lines.values()) e.box.remove();
  explore.lines.clear();
  explore.headHeight = p.x ? (p.cols.some((v) => headWidth(heading(p.x, v)) > p.size - 6) ? 56 : 34) : 0;
  explore.head.style.height = explore.headHeight + 'px';
  explore.heading.style.top = explore.headHeight + 'px';
  explore.canvas.style.width = p.width + 'px';
  explore.canvas.style.height = p.height + explore.headHeight + 24 + 'px';
  explore.canvas.classList.toggle('narrow', p.narrow);
  explore.canvas.classList.toggle('tiny', p.size < 116);
  explore.canvas.style.setProperty('--pad', p.pad + 'px');
  explore.canvas.style.setProperty('--why', String(Math.min(3, Math.max(1, Math.floor((p.size * 0.6 - 54) / 15))))); // lines that a tile without a picture has room for
  explore.canvas.setAttribute('aria-rowcount', String(p.lines.length + (p.x ? 1 : 0)));
  explore.canvas.setAttribute('aria-colcount', String((p.x ? p.cols.length : p.fit) + 1));
  explore.canvas.setAttribute('aria-label', 'Cells' + (p.x ? ', columns by ' + p.x : '') + (p.y ? ', rows by ' + p.y : ''));
  explore.empty.hidden = p.cells.length > 0;
  explore.canvas.hidden = p.cells.length === 0;
  explore.size.value = String(p.size);
  columnHead();
  paint();
}

// between finds the lines that cross a stretch.
function between(lines, from, to) {
  let lo = 0, hi = lines.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (lines[mid].top + lines[mid].height < from) lo = mid + 1;
    else hi = mid;
  }
  let end = lo;
  while (end < lines.length && lines[end].top <= to) end++;
  return [lo, end];
}

// paint brings the document in line with what is to be seen.
function paint() {
  const p = explore.plan, sheet = explore.sheet;
  if (!p || !sheet.clientHeight) return;
  const top = sheet.scrollTop, left = sheet.scrollLeft;
  const [from, to] = between(p.lines, top - 500, top + sheet.clientHeight + 500);
  const step = p.size + planGap;
  const c0 = Math.floor((left - 400) / step), c1 = Math.ceil((left + sheet.clientWidth + 400) / step);
  const focused = document.activeElement?.dataset?.cell;
  for (const [n, line] of explore.lines) {
    if (n >= from && n < to) continue;
    if (focused !== undefined && line.box.contains(document.activeElement)) continue;
    line.box.remove();
    explore.lines.delete(n);
  }
  for (let n = from; n < to; n++) paintLine(n, c0, c1);
  if (p.x) paintHeads(c0, c1);
  const [first] = between(p.lines, top + 2, top + 2), line = p.lines[first];
  const inside = line && line.kind === 'row' && line.section.at.length > 0;
  explore.here.hidden = !inside;
  if (inside) explore.here.textContent = line.section.at.map((v, k) => shorten(reading(pagedNames(p)[k], v), 110)).join(' · ');
  offerFocus();
}

const pagedNames = (p) => [...p.roles].filter(([, r]) => r === 'page').map(([name]) => name);

function paintHeads(c0, c1) {
  const p = explore.plan;
  for (const [c, e] of explore.heads) if (c < c0 || c > c1) { e.remove(); explore.heads.delete(c); }
  for (let c = Math.max(0, c0); c < Math.min(p.cols.length, c1 + 1); c++) {
    if (explore.heads.has(c)) continue;
    const e = h('div', { class: 'col', role: 'columnheader', 'aria-colindex': c + 2, title: reading(p.x, p.cols[c]), style: { left: p.label + p.pad + c * (p.size + planGap) + 'px', width: p.size + 'px' } },
      h('span', {}, heading(p.x, p.cols[c])));
    explore.heads.set(c, e);
    explore.head.append(e);
  }
}

function paintLine(n, c0, c1) {
  const p = explore.plan, line = p.lines[n];
  let e = explore.lines.get(n);
  if (!e) {
    const box = h('div', { class: 'line line-' + line.kind, role: 'row', 'aria-rowindex': n + (p.x ? 2 : 1), style: { top: explore.headHeight + line.top + 'px', height: line.height + 'px' } });
    if (line.kind === 'head') {
      box.append(h('div', { class: 'page-head', role: 'rowheader' }, line.title.map(([k, v]) => h('span', { class: 'page-part' + (v.length > 20 ? ' long' : '') }, h('small', {}, k), h('b', { title: v }, v))),
        h('small', {}, fmtPlural(line.section.count, 'cell'))));
    } else if (p.y && line.first) {
      const text = reading(p.y, line.y);
      box.append(h('div', { class: 'row-name', role: 'rowheader', title: text, style: p.narrow ? {} : { width: p.label + p.pad + 'px', height: line.height - planGap + 'px', '--room': String(Math.max(1, Math.floor((line.height - planGap) / 16.25))) } },
        h('span', {}, p.narrow && text.length < 14 ? p.y + ' ' + text : text)));
    }
    e = { box, places: new Map() };
    explore.lines.set(n, e);
    explore.canvas.append(box);
  }
  if (line.kind === 'head') return;
  for (const [c, el] of e.places) {
    if ((c < c0 || c > c1) && !el.contains(document.activeElement)) { el.remove(); e.places.delete(c); }
  }
  for (const [c, list] of line.places) {
    if (c < c0 || c > c1 || e.places.has(c)) continue;
    const across = tilesAcross(list.length);
    const place = h('div', { class: across > 2 ? 'place many' : 'place', role: 'gridcell', 'aria-colindex': c + 2, style: { left: p.label + p.pad + c * (p.size + planGap) + 'px', top: line.named + 'px', width: p.size + 'px', height: line.picture + 'px', '--across': String(across) } },
      list.slice(0, mostTiles).map(tile), list.length > mostTiles && h('span', { class: 'more' }, '+' + fmtCount(list.length - mostTiles)));
    if (line.caption) place.append(h('span', { class: 'caption', 'aria-hidden': 'true' }, describe(list[0], [p.y, ...pagedNames(p)])));
    e.places.set(c, place);
    e.box.append(place);
  }
}

// offerFocus keeps one tile in the order of tabs: the one that had the focus, else the first that is seen.
function offerFocus() {
  const all = [...explore.canvas.querySelectorAll('.open')];
  const now = all.find((b) => Number(b.dataset.cell) === explore.at) || all[0];
  for (const b of all) b.tabIndex = b === now ? 0 : -1;
}

// focusCell brings a cell into view and gives it the focus.
function focusCell(i) {
  const p = explore.plan;
  for (const line of p.lines) {
    const place = line.places?.find(([, list]) => list.includes(i));
    if (!place) continue;
    const sheet = explore.sheet, high = sheet.clientHeight - explore.headHeight - 40, left = place[0] * (p.size + planGap), room = sheet.clientWidth - p.label - 2 * p.pad;
    if (line.top < sheet.scrollTop + 30) sheet.scrollTop = Math.max(0, line.top - 30);
    else if (line.top + line.height > sheet.scrollTop + high) sheet.scrollTop = Math.min(line.top - 30, line.top + line.height - high);
    if (left < sheet.scrollLeft) sheet.scrollLeft = left - planGap;
    else if (left + p.size > sheet.scrollLeft + room) sheet.scrollLeft = left + p.size - room + planGap;
    explore.at = i;
    paint();
    explore.canvas.querySelector('.open[data-cell="' + i + '"]')?.focus({ preventScroll: true });
    return true;
  }
  return false;
}
