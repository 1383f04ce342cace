// Checks: what eyes miss among many pictures.

const checkKinds = [
  ['unreadable', 'Unreadable', 'files that are no picture that can be opened'],
  ['blank', 'Blank', 'pictures of a single colour, or nearly'],
  ['aspect', 'Wrong aspect ratio', 'sizes that are not what was asked for'],
  ['duplicate', 'Exact duplicates', 'different inputs that gave the same bytes'],
  ['near', 'Near duplicates', 'pictures that look the same, by perceptual hash'],
  ['differs', 'Same inputs, other bytes', 'equal parameters that gave different pictures'],
];

function checkTile(i) {
  return h('button', { type: 'button', class: 'found', title: describe(i), onclick: () => openCell(i) }, h('span', { class: 'found-pic', 'aria-hidden': 'true' }, thumb(i)),
    h('span', { class: 'found-name' }, h('span', { class: 'sr' }, 'Open cell '), cellName(i), h('span', { class: 'sr' }, ': ' + describe(i))));
}

// showSome puts the first items into a box, and a button for the next ones behind it.
function showSome(box, items, most, make, word) {
  const parts = h('div', { class: 'some' }, box);
  let shown = 0;
  const more = act('', { class: 'show-more' }, () => add());
  const add = () => {
    const from = shown;
    for (; shown < items.length && shown < from + most; shown++) box.append(make(items[shown]));
    const left = items.length - shown;
    more.textContent = `Show ${left > most ? most + ' of ' : ''}${fmtCount(left)} more ${word}`;
    more.hidden = left <= 0;
    if (from) (box.children[from].querySelector('button') || more).focus();
  };
  add();
  if (!more.hidden) parts.append(more);
  return parts;
}

function checkGroup(c) {
  const ids = c.cells.map(i => C.id[i]).join('\n');
  return h('li', { class: 'finding' }, h('p', { class: 'finding-note' }, c.note, act('Copy ids', { class: 'link', 'aria-label': `Copy ids of ${fmtPlural(c.cells.length, 'cell')}: ${c.note}` }, () => copyText(ids, fmtPlural(c.cells.length, 'id')))),
    showSome(h('div', { class: 'founds' }), c.cells, 12, checkTile, 'cells'));
}

function checkSingle(c) {
  return h('li', { class: 'single' }, c.cells.map(checkTile), h('p', { class: 'note' }, c.note));
}

function checkPart(kind, title, what, found) {
  const groups = found.some(c => c.cells.length > 1), cells = [...new Set(found.flatMap(c => c.cells))];
  const list = h('ul', { class: groups ? 'findings' : 'singles' });
  return h('section', { class: 'num-part', id: 'check-' + kind, tabindex: '-1' },
    h('div', { class: 'check-head' }, h('h2', null, title), h('span', { class: 'dim' }, `${fmtPlural(found.length, groups ? 'group' : 'finding')}, ${fmtPlural(cells.length, 'cell')}${what && ': ' + what}`),
      act('Copy ids', { 'aria-label': `Copy ids of all cells under ${title}` }, () => copyText(cells.map(i => C.id[i]).join('\n'), fmtPlural(cells.length, 'id')))),
    showSome(list, found, groups ? 20 : 48, groups ? checkGroup : checkSingle, groups ? 'groups' : 'findings'));
}

const checksView = {
  id: 'checks', title: 'Checks', badge: () => fmtCount((D.checks || []).length),
  mount(root) {
    const by = new Map(checkKinds.map(([k]) => [k, []])), known = (D.checks || []).map(c => ({ kind: c.kind, note: c.note || '', cells: (c.cells || []).filter(i => i >= 0 && i < N) })).filter(c => c.cells.length);
    for (const c of known) {
      if (!by.has(c.kind)) by.set(c.kind, []);
      by.get(c.kind).push(c);
    }
    const kinds = [...checkKinds, ...[...by.keys()].filter(k => !checkKinds.some(([x]) => x === k)).map(k => [k, k, ''])];
    let pictures = 0;
    for (let i = 0; i < N; i++) for (const f of filesOf(i) || []) if (kindOf(f) === 'image') pictures++;
    const line = ([k, title, what]) => {
      const n = by.get(k).length, go = () => {
        const part = document.getElementById('check-' + k);
        part.scrollIntoView({ block: 'start' });
        part.focus({ preventScroll: true });
      };
      return h('li', { class: n ? 'has' : 'clear' }, n ? act(title, { class: 'link', onclick: go }) : h('b', null, title), h('span', { class: 'tally-n' }, n ? fmtCount(n) : 'none'), h('span', { class: 'dim' }, what));
    };
    const seen = fmtPlural(pictures, 'picture');
    root.append(h('section', { class: 'num-part' }, h('h2', null, known.length ? 'What eyes miss' : pictures ? 'Nothing found' : 'Nothing to look at'),
      h('p', { class: 'note' }, known.length ? `${seen} ${pictures === 1 ? 'was' : 'were'} looked at for this:` : pictures ? `${seen} ${pictures === 1 ? 'was' : 'were'} looked at, and none is any of this:` : 'No cell has a picture yet. They will be looked at for this:'),
      h('ul', { class: 'looked' }, kinds.map(line))));
    for (const [k, title, what] of kinds) if (by.get(k).length) root.append(checkPart(k, title, what, by.get(k)));
  },
  update() {},
};
views.push(checksView);
