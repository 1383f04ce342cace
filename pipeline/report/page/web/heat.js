// Heat maps of cost and latency over two axes. They are tables whose cells have shades.

const stageNames = { total: 'whole, submit to file', wait: 'submit to end', queue: 'queue', run: 'run', post: 'post-processing', download: 'download', elapsed: 'billed time' };

const heatMost = 36;

// heatSums gathers, for each pair of groups, what the metric needs.
function heatSums(xi, yi, gx, gy, metric) {
  const ax = C.ax, grid = gy.groups.map(() => gx.groups.map(() => ({ n: 0, list: [] }))), values = columnOf(metric);
  for (let i = 0, n = N; i < n; i++) {
    const x = xi < 0 ? 0 : ax[xi][i], y = yi < 0 ? 0 : ax[yi][i];
    if (x < 0 || y < 0) continue;
    const box = grid[Math.floor(y / gy.per)][Math.floor(x / gx.per)];
    box.n++;
    if (values[i] != null) box.list.push(values[i]);
  }
  return grid;
}


function heatTable(title, unit, x, y, metric) {
  const xi = D.axes.findIndex(a => a.name === x), yi = D.axes.findIndex(a => a.name === y);
  const all = { per: 1, groups: [{ label: 'all' }] };
  const gx = xi < 0 ? all : groupAxis(D.axes[xi].values, heatMost), gy = yi < 0 ? all : groupAxis(D.axes[yi].values, heatMost);
  const money = metric === 'cost', grid = heatSums(xi, yi, gx, gy, metric);
  const means = [];
  for (const row of grid) {
    for (const box of row) {
      if (!box.list.length) continue;
      if (money) {
        const sum = decSum(box.list);
        box.mean = sum.known ? decMean(sum.text, sum.known) : null;
        box.value = box.mean == null ? null : Number(box.mean);
      } else {
        box.value = quantile(box.list.sort((a, b) => a - b), 0.5);
      }
      if (box.value != null) means.push(box.value);
    }
  }
  means.sort((a, b) => a - b);
  if (!means.length) return h('figure', { class: 'heat' }, h('figcaption', null, h('b', null, title)), h('p', { class: 'note' }, 'Not known for any cell.'));
  // One value far above the others would leave no shades for them.
  const min = means[0], max = means[means.length - 1], p95 = quantile(means, 0.95), far = p95 + 2 * (p95 - quantile(means, 0.5)), top = means.length >= 8 && far > min ? Math.min(max, far) : max;
  const places = money ? Math.min(8, Math.max(2, 3 - Math.floor(Math.log10(max || 1)))) : max < 1 ? 3 : max < 10 ? 2 : max < 1000 ? 1 : 0;
  const spell = box => (box.value == null ? '' : money ? fixedDec(box.mean, places) : box.value.toFixed(places));
  const head = h('tr', null, h('th', { scope: 'col', class: '' }, yi < 0 ? '' : y, xi < 0 || yi < 0 ? '' : ' \\ ', xi < 0 ? '' : x),
    ...gx.groups.map(g => h('th', { scope: 'col', title: g.label }, cut(g.label, 26))));
  const rows = grid.map((row, r) => h('tr', null, h('th', { scope: 'row', title: gy.groups[r].label }, cut(gy.groups[r].label, 34)),
    ...row.map(box => {
      if (box.value == null) return h('td', { class: 'blank', title: box.n ? fmtPlural(box.n, 'cell') + ', not known' : 'no cell' }, box.n ? '?' : '');
      const step = top > min ? Math.min(9, Math.round(9 * (box.value - min) / (top - min))) : 4;
      return h('td', { class: 'heat-' + step, title: `${money ? 'mean' : 'median'} of ${fmtPlural(box.list.length, 'cell')}` + (box.n > box.list.length ? `; ${box.n - box.list.length} not known` : '') }, spell(box));
    })));
  const scale = h('span', { class: 'scale', 'aria-hidden': 'true' }, ...Array.from({ length: 10 }, (_, i) => h('i', { class: 'heat-' + i })));
  const end = v => (money ? '$' : '') + spell(grid.flat().find(b => b.value === v)) + (money ? '' : ' s');
  return h('figure', { class: 'heat' },
    h('figcaption', null, h('b', null, title), h('span', { class: 'dim' }, ` ${unit}`), h('span', { class: 'range' }, end(min), scale, end(max))),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${title} by ${[y, x].filter(Boolean).join(' and ')}` },
      h('table', { class: 'heatmap' }, h('caption', { class: 'sr' }, `${title}, ${unit}, by ${[y, x].filter(Boolean).join(' and ')}`), h('thead', null, head), h('tbody', null, ...rows))));
}

function numHeat(state) {
  if (!D.axes.length) return section('Cost and latency over the axes', 'No parameter has two or more values, so that there is nothing to compare.');
  const names = D.axes.map(a => a.name), x = names.includes(state.x) ? state.x : names.includes(D.x) ? D.x : names[names.length - 1];
  let y = state.y === '-' ? '' : names.includes(state.y) ? state.y : names.includes(D.y) ? D.y : names.find(v => v !== x) || '';
  if (y === x) y = names.find(v => v !== x) || '';
  const known = Object.keys(stageNames).filter(k => columnOf(k).some(v => v != null));
  const lat = known.includes(state.lat) ? state.lat : known.includes('wait') ? 'wait' : known[0] || 'wait';
  const axes = names.map(v => [v, v]);
  const tools = h('div', { class: 'tools' },
    choice('Across', axes, x, v => S.set(v === y ? { nx: v, ny: x } : { nx: v })),
    ...(names.length > 1 ? [choice('Down', [...axes.filter(a => a[0] !== x), ['-', 'nothing']], y || '-', v => S.set({ ny: v }))] : []),
    ...(known.length ? [choice('Latency', known.map(k => [k, stageNames[k]]), lat, v => S.set({ nl: v }))] : []));
  const grouped = [x, y].some(v => names.includes(v) && D.axes[names.indexOf(v)].values.length > heatMost);
  return section('Cost and latency over the axes', grouped ? 'Neighbouring values are taken together where there are too many for a row or column each.' : '', tools,
    h('div', { class: 'heats' }, heatTable('Cost', 'mean of a cell in USD', x, y, 'cost'), heatTable('Latency', `${stageNames[lat]}, median in seconds`, x, y, lat)));
}
