import { isNotHere, notHere, type NotHere, type World, type WorldChange } from '../../gate/drill/drill.ts'
import type { Observations } from '../../gate/observation.ts'
import { effects } from '../../observers/effects/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { quotedName, quotedQualified } from '../../sql/identifier.ts'
import { parseSql } from '../../sql/parse.ts'
import { as, type Node } from '../../sql/tree.ts'
import { leftOut } from '../left-out.ts'
import { harmTo, type LiveTable, liveTables, migratingRole, othersTable } from '../live-tables.ts'

/** Bad worlds that only show when everything is walked in order, as production would, by whom production lets do it. */
export const worlds: readonly World[] = [
  {
    name: 'column-dropped-long-ago',
    title: 'a migration uses a column that an earlier one dropped',
    why: 'valid SQL: it only fails when the whole history is applied in order (story 1)',
    refusedBy: ['apply/migration-fails', 'apply/dropped-column'],
    build: (observations) => {
      const gone = droppedColumn(observations)
      return isNotHere(gone)
        ? gone
        : harmTo(gone.table, {
            migration: { name: 'report', up: `SELECT count(${gone.column}) FROM ${gone.table.sql};\n` },
          })
    },
  },
  {
    name: 'table-of-another-owner',
    title: 'a migration alters a table that belongs to another role',
    why: '42501, in production only: in every test the role owned what it had just made (story 1)',
    refusedBy: ['ownership/not-allowed'],
    build: alteringOthers,
  },
  {
    name: 'deploy-role-becomes-owner',
    title: 'a migration hands a table to the deploy role',
    why: 'once it owns the tables, a service that is broken into can drop them',
    refusedBy: ['ownership/change-owner', 'ownership/not-allowed'],
    build: (observations) => {
      const table = othersTable(observations)
      if (isNotHere(table)) return table
      const up = `ALTER TABLE ${table.sql} OWNER TO ${quotedName(migratingRole(observations) ?? '')};\n`
      return harmTo(table, { migration: { name: 'owner', up } })
    },
  },
  {
    name: 'release-says-one-role-owns-all',
    title: 'the release alters a table of another owner, and brings a configuration in which one role owns everything',
    why: 'no failure of ownership shows any more, until production',
    refusedBy: ['policy/input-changed', 'ownership/not-allowed'],
    build: (observations) => {
      const change = alteringOthers(observations)
      return isNotHere(change)
        ? change
        : { ...change, configuration: { roles: 'single', policy: { changedInputs: 'warn' } } }
    },
  },
  {
    name: 'server-refuses',
    title: 'the server to rehearse on does not answer',
    why: 'a dry-run test skipped in silence because nothing set its database URL (story 1)',
    refusedBy: ['unproven/not-observed'],
    build: () => ({ isServerRefusing: true }),
  },
  leftOut('migrations-rehearsal'),
]

function alteringOthers(observations: Observations): WorldChange | NotHere {
  const table = othersTable(observations)
  if (isNotHere(table)) return table
  const up = `ALTER TABLE ${table.sql} ADD COLUMN seaworthy_drill text;\n`
  return harmTo(table, { migration: { name: 'remark', up } })
}

/** A column that a live migration dropped from a table that is still there, the newest first; as SQL text. */
function droppedColumn(observations: Observations): { readonly table: LiveTable; readonly column: string } | NotHere {
  const tree = observations.maybe(migrationTree)
  const asPending = new Set(observations.maybe(pending)?.files)
  const tables = new Map(liveTables(observations).map((table) => [table.sql, table]))
  for (const { up } of (tree?.migrations ?? []).toReversed()) {
    if (asPending.has(up.file) || !/\bdrop\b/i.test(up.text)) continue
    const parsed = parseSql(up.text)
    for (const { node } of parsed.ok ? parsed.statements : []) {
      const gone = columnDroppedBy(node)
      const table = gone === null ? undefined : tables.get(gone.table)
      if (gone !== null && table?.columns.every(({ name }) => name !== gone.column) === true) {
        return { table, column: quotedName(gone.column) }
      }
    }
  }
  const isSeen = observations.maybe(effects) !== undefined
  return notHere(isSeen ? 'no live migration dropped a column of a table that is still there' : 'nobody looked')
}

function columnDroppedBy(node: Node): { readonly table: string; readonly column: string } | null {
  const altered = as(node, 'AlterTableStmt')
  const relation = altered?.relation
  if (relation?.relname === undefined) return null
  for (const one of altered?.cmds ?? []) {
    const command = as(one, 'AlterTableCmd')
    if (command?.subtype !== 'AT_DropColumn' || command.name === undefined) continue
    const schema = relation.schemaname ?? 'public'
    return { table: quotedQualified(`${quotedName(schema)}.${quotedName(relation.relname)}`), column: command.name }
  }
  return null
}
