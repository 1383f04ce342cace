// Asks DuckDB: of each statement of a file the rows are printed, a line each, with | between the values.
const { readFileSync } = require('node:fs')
const { DuckDBInstance } = require(process.env.DUCKDB_JS)

const shown = (value) => (value === null ? 'NULL' : typeof value === 'string' ? value : JSON.stringify(value))

async function ask(statements) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  for (const statement of statements) {
    const answer = await connection.runAndReadAll(statement)
    for (const row of answer.getRowsJson()) console.log(row.map(shown).join('|'))
  }
}

ask(readFileSync(process.argv[2], 'utf8').split(/;\s*$/m).filter((statement) => statement.trim())).catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
