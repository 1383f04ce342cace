// Asks DuckDB: each argument is a query, whose rows are printed, a line each, with | between the values.
const { DuckDBInstance } = require(process.env.DUCKDB_JS)

const shown = (value) => (value === null ? 'NULL' : typeof value === 'string' ? value : JSON.stringify(value))

async function ask(queries) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  for (const query of queries) {
    const answer = await connection.runAndReadAll(query)
    for (const row of answer.getRowsJson()) console.log(row.map(shown).join('|'))
  }
}

ask(process.argv.slice(2)).catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
