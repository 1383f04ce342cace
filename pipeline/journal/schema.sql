-- Money and the server's times are exact decimals as text, times are RFC 3339 in UTC, so that both read as they are.
-- Sums in the views go through floating point and are rounded: the exact ones are in the reports.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT
) WITHOUT ROWID;

-- One row a start.
CREATE TABLE runs (
  run         INTEGER PRIMARY KEY,
  version     TEXT NOT NULL,
  started_at  TEXT NOT NULL,
  ended_at    TEXT,
  exit_code   INTEGER,
  concurrency INTEGER NOT NULL,
  base_url    TEXT NOT NULL
);

-- One row a cell. number is its place in the grid, and rank its turn to be run; both are NULL when the manifest no
-- longer has it.
CREATE TABLE cells (
  key         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  number      INTEGER,
  rank        INTEGER,
  model       TEXT NOT NULL,
  repeat      INTEGER NOT NULL,
  state       TEXT NOT NULL,              -- pending intended submitted unknown held done failed cancelled
  undelivered INTEGER NOT NULL DEFAULT 0, -- paid, but not on disk
  attempt     INTEGER NOT NULL DEFAULT 0, -- the current one
  run         INTEGER NOT NULL,           -- the start that changed it last
  params      TEXT NOT NULL               -- JSON object, in the order of the columns
);
CREATE INDEX cells_by_state ON cells (state, rank);
CREATE INDEX cells_by_number ON cells (number);

-- One row a submit; old ones are kept. state is how the submit ended: also refused (it made nothing; its number is used again)
-- and lost (its service is gone).
CREATE TABLE attempts (
  cell          INTEGER NOT NULL REFERENCES cells (key),
  attempt       INTEGER NOT NULL,
  state         TEXT NOT NULL,
  intended_at   TEXT,
  newest_known  TEXT,
  reserved_usd  TEXT,
  task_id       TEXT,
  task_token    TEXT,
  submitted_at  TEXT,
  finished_at   TEXT,
  task_status   TEXT,
  exit          TEXT,
  elapsed_s     TEXT,
  queue_s       TEXT,
  run_s         TEXT,
  postprocess_s TEXT,
  wait_ms       INTEGER,
  download_ms   INTEGER,
  total_ms      INTEGER,
  polls         INTEGER NOT NULL DEFAULT 0,
  cost_usd      TEXT,
  cost_source   TEXT,
  error         TEXT,
  PRIMARY KEY (cell, attempt)
) WITHOUT ROWID;
CREATE INDEX attempts_by_cost ON attempts (cost_usd);
CREATE INDEX attempts_by_task ON attempts (task_id) WHERE task_id IS NOT NULL;

-- Outputs of an attempt. path is relative to the output folder.
CREATE TABLE files (
  cell         INTEGER NOT NULL REFERENCES cells (key),
  attempt      INTEGER NOT NULL,
  n            INTEGER NOT NULL,
  name         TEXT,
  url          TEXT,
  content_type TEXT,
  path         TEXT,
  bytes        INTEGER,
  width        INTEGER,
  height       INTEGER,
  sha256       TEXT,
  PRIMARY KEY (cell, attempt, n)
) WITHOUT ROWID;

-- One row a cell, as the reports show it.
CREATE VIEW results AS
SELECT c.number AS cell, c.id,
       CASE c.state WHEN 'intended' THEN 'pending' WHEN 'submitted' THEN 'pending' WHEN 'unknown' THEN 'held' ELSE c.state END AS status,
       c.model, c.repeat, c.params, a.task_id,
       c.attempt - (a.state IS 'refused') AS attempts,
       (SELECT CASE WHEN count(t.cost_usd) = count(CASE WHEN t.cost_usd IS NOT NULL OR t.state NOT IN ('refused', 'lost') THEN 1 END)
         THEN round(sum(t.cost_usd), 12) END FROM attempts t WHERE t.cell = c.key) AS cost_usd,
       a.cost_source, a.elapsed_s, a.queue_s, a.run_s, a.postprocess_s,
       a.wait_ms / 1000.0 AS wait_s, a.download_ms / 1000.0 AS download_s, a.total_ms / 1000.0 AS total_s,
       a.submitted_at, a.finished_at, a.polls,
       (SELECT group_concat(f.path, ';') FROM files f WHERE f.cell = c.key AND f.attempt = c.attempt AND c.state <> 'pending') AS file,
       a.error
FROM cells c LEFT JOIN attempts a ON a.cell = c.key AND a.attempt = c.attempt;

-- One row a submit, with the id of its cell.
CREATE VIEW submits AS
SELECT c.id, c.number, c.model, a.* FROM attempts a JOIN cells c ON c.key = a.cell;

-- Where the money went, and where it may still go, by the state of the cells.
CREATE VIEW spending AS
SELECT c.state, count(DISTINCT c.key) AS cells, count(*) AS submits,
       round(coalesce(sum(a.cost_usd), 0), 12) AS cost_usd,
       round(coalesce(sum(CASE WHEN a.cost_usd IS NULL AND (a.state = 'done' OR a.attempt = c.attempt
         AND c.state IN ('intended', 'submitted', 'unknown', 'held')) THEN a.reserved_usd END), 0), 12) AS reserved_usd
FROM attempts a JOIN cells c ON c.key = a.cell GROUP BY c.state;
