/** How the problem begins where a table is not there. */
export const NO_TABLE = 'a table is missing'

/** What an error means for a question, by SQLSTATE. The server's own words may hold a value of a row and are not repeated. */
const BY_SQLSTATE: Readonly<Record<string, string>> = {
  '42703': 'a column is missing: production is not what the migrations build (seaworthy capture shows how it drifted)',
  '42P01': `${NO_TABLE}: production is not what the migrations build (seaworthy capture shows how it drifted)`,
  '3F000': 'a schema is missing: production is not what the migrations build (seaworthy capture shows how it drifted)',
  '42883':
    'a function or operator is missing: production is not what the migrations build, or runs an older PostgreSQL',
  '42704': 'a type is missing: production is not what the migrations build (seaworthy capture shows how it drifted)',
  '57014': 'it took longer than the time limit',
  '55P03': 'another session holds the table locked',
  '25006': 'it wanted to write, and only reading is allowed',
  '40001': 'the replica had to give way to its primary',
  '53200': 'the server ran out of memory',
  '53100': 'the server’s disk is full',
}

/** Row security stands in the way with the same SQLSTATE as a missing right; only its message tells the two apart. */
const ROW_SECURITY = 'would be affected by row-level security'

/** Why there is no answer, in words that hold no value of any row. */
export function problemOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
  if (code === '42501') {
    return error instanceof Error && error.message.includes(ROW_SECURITY)
      ? 'row security hides rows from this role, so its count would be too small; ask as a role with BYPASSRLS or as the owner'
      : 'this role may not read the table; grant it SELECT'
  }
  if (code !== null && code in BY_SQLSTATE) return `${BY_SQLSTATE[code]} (SQLSTATE ${code})`
  if (code !== null && /^[0-9A-Z]{5}$/.test(code)) return `the server refused it (SQLSTATE ${code})`
  return 'the connection was lost, or the server did not answer in time'
}
