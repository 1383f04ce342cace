// Runs, and the tasks that began in each.

let runsMade = null;

function runsOf() {
  if (runsMade) return runsMade;
  const c = C, n = N, submitted = columnOf('submitted'), finished = columnOf('finished');
  const runs = (D.runs || []).filter(r => r.start != null).map(r => ({ start: r.start, end: r.end, exit: r.exit, slots: r.concurrency || 0, tasks: [], unknown: 0 }))
    .sort((a, b) => a.start - b.start);
  let first = Infinity;
  for (let i = 0; i < n; i++) if (submitted[i] != null) first = Math.min(first, submitted[i]);
  if (first < Infinity && (!runs.length || first < runs[0].start)) runs.unshift({ start: first, end: null, exit: null, slots: 0, tasks: [], unknown: 0, guessed: true });
  const pick = at => {
    let low = 0, high = runs.length - 1;
    while (low < high) {
      const mid = (low + high + 1) >> 1;
      if (runs[mid].start <= at) low = mid;
      else high = mid - 1;
    }
    return low;
  };
  for (let i = 0; i < n; i++) {
    if (submitted[i] == null) continue;
    const r = pick(submitted[i]), run = runs[r], next = runs[r + 1] ? runs[r + 1].start : Infinity;
    const limit = Math.min(next, run.end != null ? run.end : Infinity);
    const get = k => (c[k] && c[k][i] != null ? c[k][i] * 1000 : null);
    const wait = get('wait'), down = get('download'), start = submitted[i];
    const seen = wait != null ? start + wait : finished[i] != null ? finished[i] - (down || 0) : null;
    if (seen == null && (limit === Infinity || !['pending', 'held'].includes(statusOf(i)))) {
      run.unknown++;
      continue;
    }
    const end = Math.max(start, Math.min(limit, seen == null ? limit : seen));
    const q = get('queue') || 0, work = (get('run') || 0) + (get('post') || 0);
    // The service counts by a clock of its own, in whole seconds: its stages are fitted into the time that we saw.
    const fit = q + work > 0 && seen != null ? Math.min(1, (seen - start) / (q + work)) : 0;
    run.tasks.push({ i, start, end, queued: Math.min(end, start + q * fit), ran: Math.min(end, start + (q + work) * fit), fit,
      down: seen != null && down != null && seen < limit ? Math.min(seen + down, limit) : end, open: seen == null, failed: statusOf(i) === 'failed' });
  }
  for (const run of runs) {
    run.tasks.sort((a, b) => a.start - b.start || a.i - b.i);
    let last = run.start;
    for (const t of run.tasks) last = Math.max(last, t.end, t.down);
    if (run.end == null) run.end = last;
    run.rows = packIntervals(run.tasks, 20);
    run.sum = run.tasks.reduce((s, t) => s + t.end - t.start, 0);
    // More than fits into the slots had others: those that were seen.
    run.capacity = run.slots && run.sum <= run.slots * (run.end - run.start) ? run.slots : run.rows;
    run.longest = run.tasks.reduce((m, t) => Math.max(m, Math.max(t.end, t.down) - t.start), 0);
    run.least = run.capacity ? Math.max(run.sum / run.capacity, run.longest) : 0;
  }
  return (runsMade = runs);
}
