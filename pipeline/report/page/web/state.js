// What is kept: in the address, and in the browser.

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
  const key = 'marks:' + D.service + ' ' + D.name, listeners = [];
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
