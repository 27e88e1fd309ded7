import { as, commandsOf, type Node, rangeParts, walk } from '../../sql/tree.ts'
import { quotedQualified } from '../../sql/identifier.ts'
import { isCastOf } from './derive/type.ts'
import type { PendingStatement } from './statements.ts'

/** A write of the release to rows that production has. */
export interface Write {
  readonly statement: PendingStatement
  /** The table as it was called when it was written to, in quotes. */
  readonly table: string
  /** `rows`: it may be any of them, or take rows away. `added`: rows were added, those that are there stay as they are. */
  readonly columns: ReadonlySet<string> | 'rows' | 'added'
}

/**
 * What the release writes itself: by the server's report, and by the text where a statement was not traced. `find` tells
 * a table by the parts of its name.
 */
export function writesOf(
  statements: readonly PendingStatement[],
  find: (parts: readonly string[]) => string | null,
): Write[] {
  return statements.flatMap((statement) => [...observed(statement, find), ...read(statement, find)])
}

function observed(statement: PendingStatement, find: (parts: readonly string[]) => string | null): Write[] {
  const told = read(statement, find)
  return (statement.traced?.events ?? []).flatMap((event): Write[] => {
    if (event.kind !== 'write' || !event.object.startsWith('table ')) return []
    const table = quotedQualified(event.object.slice('table '.length))
    // What a statement writes by itself its text tells column by column; what runs inside of it may write anything.
    if (event.via === null && statement.isPlain && told.some((one) => one.table === table)) return []
    return [{ statement, table, columns: event.operation === 'insert' && !event.isUpsert ? 'added' : 'rows' }]
  })
}

function read(statement: PendingStatement, find: (parts: readonly string[]) => string | null): Write[] {
  const writes: Write[] = []
  const add = (relation: Parameters<typeof rangeParts>[0], columns: Write['columns']): void => {
    const table = find(rangeParts(relation))
    if (table !== null) writes.push({ statement, table, columns })
  }
  for (const node of statement.nodes) {
    const around = { node }
    walk(around, 'UpdateStmt', (one) => add(one.relation, targets(one.targetList)))
    walk(around, 'DeleteStmt', (one) => add(one.relation, 'rows'))
    walk(around, 'MergeStmt', (one) => add(one.relation, 'rows'))
    walk(around, 'InsertStmt', (one) => add(one.relation, one.onConflictClause === undefined ? 'added' : 'rows'))
    for (const one of as(node, 'TruncateStmt')?.relations ?? []) add(as(one, 'RangeVar'), 'rows')
    const alter = as(node, 'AlterTableStmt')
    for (const command of commandsOf(alter?.cmds)) {
      const using = as(command.def, 'ColumnDef')?.raw_default
      if (command.subtype !== 'AT_AlterColumnType' || using === undefined) continue
      if (isCastOf(using, command.name ?? '')) continue
      add(alter?.relation, new Set([command.name ?? '']))
    }
  }
  return writes
}

function targets(list: readonly Node[] | undefined): ReadonlySet<string> {
  return new Set((list ?? []).map((one) => as(one, 'ResTarget')?.name ?? ''))
}
