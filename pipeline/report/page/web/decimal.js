// Money: decimal strings, added as whole numbers of the smallest unit that occurs, never as floats.

function decParse(text) {
  const m = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text == null ? '' : String(text).trim());
  if (!m) return null;
  const frac = m[3] || '';
  return { n: BigInt(m[1] + m[2] + frac), scale: frac.length };
}

function decString(n, scale) {
  const sign = n < 0n ? '-' : '';
  const digits = (n < 0n ? -n : n).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale), frac = digits.slice(digits.length - scale).replace(/0+$/, '');
  return sign + whole + (frac ? '.' + frac : '');
}

function decSum(texts) {
  let sum = 0n, scale = 0, known = 0;
  for (const t of texts) {
    const d = decParse(t);
    if (!d) continue;
    if (d.scale > scale) {
      sum *= 10n ** BigInt(d.scale - scale);
      scale = d.scale;
    }
    sum += d.n * 10n ** BigInt(scale - d.scale);
    known++;
  }
  return { text: decString(sum, scale), known };
}

function decSub(a, b) {
  const neg = String(b).startsWith('-') ? String(b).slice(1) : '-' + b;
  return decSum([a, neg]).text;
}

// decMean rounds half away from zero, to as many places as the sum has and two more.
function decMean(text, count) {
  const d = decParse(text);
  if (!d || !count) return null;
  const n = d.n * 100n * 2n, by = BigInt(count) * 2n, half = BigInt(count);
  return decString((n < 0n ? n - half : n + half) / by, d.scale + 2);
}

// decShare is a part of an amount, to as many places and two more.
function decShare(text, part, of) {
  const d = decParse(text);
  return d && of ? decString((d.n * 100n * BigInt(part)) / BigInt(of), d.scale + 2) : text;
}

function decCompare(a, b) {
  const x = decParse(a), y = decParse(b);
  if (!x || !y) return x ? -1 : y ? 1 : 0;
  const s = Math.max(x.scale, y.scale);
  const l = x.n * 10n ** BigInt(s - x.scale), r = y.n * 10n ** BigInt(s - y.scale);
  return l < r ? -1 : l > r ? 1 : 0;
}

// roundDec rounds half away from zero to a number of places, as text.
function roundDec(text, places) {
  const d = decParse(text);
  if (!d || d.scale <= places) return text;
  const by = 10n ** BigInt(d.scale - places), neg = d.n < 0n, n = ((neg ? -d.n : d.n) * 2n + by) / (2n * by);
  return decString(neg ? -n : n, places);
}

// fixedDec is roundDec with all its places.
function fixedDec(text, places) {
  const [w, f = ''] = roundDec(text, places).split('.');
  return places ? w + '.' + f.padEnd(places, '0') : w;
}

// usd is an amount for people: cents from a dollar on, four digits that count below.
function usd(text) {
  const d = decParse(text);
  if (!d) return '–';
  const [whole, frac = ''] = decString(d.n < 0n ? -d.n : d.n, d.scale).split('.');
  const places = whole === '0' ? Math.max(2, frac.search(/[1-9]/) + 4) : 2;
  const [w, f = ''] = roundDec(whole + '.' + frac.padEnd(places, '0'), places).split('.');
  return (d.n < 0n ? '−' : '') + '$' + w.replace(/\B(?=(\d{3})+$)/g, ',') + '.' + f.replace(/0+$/, '').padEnd(2, '0');
}
