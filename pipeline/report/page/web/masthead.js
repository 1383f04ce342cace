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
