import type { Node } from 'libpg-query'
import type { Failure } from '../../migrations/engine.ts'
import type { Migration } from '../../migrations/model.ts'
import { parseSql } from '../../sql/parse.ts'
import type { Cause } from './rehearsal.ts'

/** What is missing, from the server's message (English: lc_messages is C). */
export function missingObjectOf(failure: Failure): { name: string; sqlstate: string } | null {
  const { sqlstate, message, column } = failure.error
  if (sqlstate === null || !MISSING.has(sqlstate)) return null
  const quoted = /"([^"]+)"/.exec(message)?.[1] ?? /^column (?:\S+\.)?(\S+) does not exist/.exec(message)?.[1]
  const name = column ?? quoted?.split('.').at(-1) ?? null
  return name === null ? null : { name, sqlstate }
}

/** undefined_column, undefined_table, undefined_object, undefined_function, invalid_schema_name */
const MISSING = new Set(['42703', '42P01', '42704', '42883', '3F000'])

/**
 * The newest earlier migration whose text drops or renames what a failing one misses. Reads texts only: an object that
 * a DO block dropped is not found, and then nothing is said.
 */
export function findCause(failure: Failure, migrations: readonly Migration[]): Cause | null {
  const missing = missingObjectOf(failure)
  if (missing === null) return null
  const end = migrations.findIndex((migration) => migration.up.file === failure.file)
  for (const migration of migrations.slice(0, Math.max(0, end)).toReversed()) {
    if (!migration.up.text.toLowerCase().includes(missing.name.toLowerCase())) continue
    const parsed = parseSql(migration.up.text)
    if (!parsed.ok) continue
    for (const statement of parsed.statements.toReversed()) {
      const what = takesAway(statement.node, missing.name)
      if (what !== null) return { file: migration.up.file, version: migration.version, line: statement.line, what }
    }
  }
  return null
}

/** How a statement takes a name away, in words; null if it does not. */
function takesAway(node: Node, name: string): string | null {
  if ('AlterTableStmt' in node) {
    const table = node.AlterTableStmt.relation?.relname ?? 'a table'
    for (const command of node.AlterTableStmt.cmds ?? []) {
      if (!('AlterTableCmd' in command)) continue
      if (command.AlterTableCmd.subtype === 'AT_DropColumn' && command.AlterTableCmd.name === name) {
        return `dropped the column ${name} of ${table}`
      }
    }
  }
  if ('RenameStmt' in node) return renames(node.RenameStmt, name)
  if ('DropStmt' in node && JSON.stringify(node.DropStmt.objects ?? []).includes(`"sval":${JSON.stringify(name)}`)) {
    return `dropped ${name}`
  }
  return null
}

function renames(
  rename: { subname?: string; newname?: string; relation?: { relname?: string } },
  name: string,
): string | null {
  const old = rename.subname ?? rename.relation?.relname
  if (old !== name || rename.newname === undefined) return null
  const table = rename.subname === undefined ? '' : ` of ${rename.relation?.relname ?? 'a table'}`
  return `renamed ${name}${table} to ${rename.newname}`
}
