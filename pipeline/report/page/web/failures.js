// Failures by cause.

// causeOf makes one cause of errors that differ in ids, amounts and long numbers alone.
function causeOf(text) {
  return text.replace(/\$\d+(\.\d+)?/g, '$…').replace(/\b(?=[0-9a-f-]*\d)[0-9a-f][0-9a-f-]{7,}\b|\d{4,}/gi, '…');
}

function numFailures() {
  const causes = new Map(), error = columnOf('error');
  for (let i = 0, n = N; i < n; i++) {
    const status = statusOf(i), known = error[i] != null && error[i] >= 0 && D.errors[error[i]];
    if (status === 'done' || (!known && (status === 'pending' || status === 'cancelled'))) continue;
    const cause = known ? causeOf(D.errors[error[i]]) : 'no cause is known', key = status + '\n' + cause;
    if (!causes.has(key)) causes.set(key, { status, cause, example: known || '', cells: [] });
    causes.get(key).cells.push(i);
  }
  const list = [...causes.values()].sort((a, b) => b.cells.length - a.cells.length);
  if (!list.length) return section('Failures by cause', 'Nothing failed.');
  const most = list[0].cells.length, total = list.reduce((s, c) => s + c.cells.length, 0);
  const item = c => {
    const bar = h('i', { class: 'meter st-' + c.status, 'aria-hidden': 'true' });
    bar.style.width = Math.max(0.5, 100 * c.cells.length / most).toFixed(2) + '%';
    return h('li', null, h('div', { class: 'cause' }, h('span', { class: 'tag st-' + c.status }, c.status), h('b', null, fmtPlural(c.cells.length, 'cell')),
      h('span', { class: 'why', title: c.example }, cut(c.cells.length === 1 ? c.example || c.cause : c.cause, 400))), h('div', { class: 'meters' }, bar), cellChips(c.cells, 16));
  };
  const box = h('ol', { class: 'causes' }, ...list.slice(0, 20).map(item)), parts = [box];
  if (list.length > 20) {
    parts.push(act(`${list.length - 20} more causes`, { class: 'show-more' }, e => {
      e.currentTarget.remove();
      box.append(...list.slice(20, 500).map(item));
    }));
  }
  return section('Failures by cause', `${fmtPlural(total, 'cell')} without a result, ${fmtPlural(list.length, 'cause')}.`, ...parts);
}
