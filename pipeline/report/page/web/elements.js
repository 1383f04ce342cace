// Elements: everything in the document is made here, and texts stay texts.

// h makes an element. Texts are texts: nothing is ever parsed as HTML. on… are listeners, style is an object.
function h(tag, attrs, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attrs || {})) {
    if (v === undefined || v === null || v === false) continue;
    if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
    else if (k === 'style') for (const [p, x] of Object.entries(v)) e.style.setProperty(p, x);
    else e.setAttribute(k, v === true ? '' : v);
  }
  e.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

// icon draws one of a few signs as SVG, so that no font is needed for them.
const iconPaths = {
  star: 'M8 1.8l1.9 4 4.3.5-3.2 3 .9 4.3L8 11.4l-3.9 2.2.9-4.3-3.2-3 4.3-.5z',
  cross: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  left: 'M10 3L5 8l5 5', right: 'M6 3l5 5-5 5', up: 'M3 10l5-5 5 5', down: 'M3 6l5 5 5-5',
  swap: 'M3 5.5h9M9.5 3L12 5.5 9.5 8M13 10.5H4M6.5 8L4 10.5 6.5 13',
  compare: 'M2.5 3.5h4.5v9h-4.5zM9 3.5h4.5v9h-4.5z',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  sun: 'M8 5a3 3 0 100 6 3 3 0 000-6zM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8L13 13M13 3l-1.2 1.2M4.2 11.8L3 13',
  moon: 'M13.5 9.6A6 6 0 016.4 2.5a6 6 0 107.1 7.1z', auto: 'M8 2a6 6 0 100 12zM8 2a6 6 0 010 12',
  film: 'M2 3.5h12v9H2zM6.5 6l3.5 2-3.5 2z', sound: 'M2.5 6.5v3M5.5 4v8M8.5 2.5v11M11.5 5v6M14 6.5v3',
  text: 'M3.5 2h6L13 5.5V14H3.5zM6 7h4.5M6 9.5h4.5M6 12h3', alert: 'M8 2l6.5 11.5h-13zM8 6.5v3.5M8 11.5v.6', clock: 'M8 2a6 6 0 100 12A6 6 0 008 2zM8 4.5V8l2.5 1.5',
};
function icon(name) {
  const ns = 'http://www.w3.org/2000/svg';
  const e = document.createElementNS(ns, 'svg');
  e.setAttribute('viewBox', '0 0 16 16');
  e.setAttribute('class', 'icon icon-' + name);
  e.setAttribute('aria-hidden', 'true');
  const p = document.createElementNS(ns, 'path');
  p.setAttribute('d', iconPaths[name]);
  e.append(p);
  return e;
}

// say tells those who do not see the page.
function say(text) { document.getElementById('say').textContent = text; }

// toast tells everyone, briefly.
let toastTimer = 0;
function toast(text) {
  let t = document.getElementById('toast');
  if (!t) {
    t = h('div', { id: 'toast', 'aria-hidden': 'true', popover: 'manual' }); // above dialogs as well
    document.getElementById('overlays').append(t);
  }
  t.textContent = text;
  t.hidePopover?.();
  t.showPopover?.();
  say(text);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => t.hidePopover?.(), 2600);
}

// copyText works from file:// as well, where some browsers lend no clipboard.
async function copyText(text, what) {
  let ok = false;
  try {
    await navigator.clipboard.writeText(text);
    ok = true;
  } catch {
    const box = h('textarea', { class: 'offscreen', 'aria-hidden': 'true' });
    box.value = text;
    (document.querySelector('dialog[open]') || document.body).append(box);
    box.select();
    ok = document.execCommand('copy');
    box.remove();
  }
  toast(ok ? what + ' copied' : 'The browser lends no clipboard here');
}

// button is one with a sign, a word, or both.
function button(attrs, name, word) {
  return h('button', { type: 'button', ...attrs }, name && icon(name), word && h('span', {}, word));
}
