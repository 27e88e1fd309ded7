import type { Where } from '../../gate/finding.ts'
import type { Effects, TracedStatement } from '../../observers/effects/kind.ts'
import type { MigrationTree } from '../../observers/migration-tree/kind.ts'
import { parseSql } from '../../sql/parse.ts'
import { fragmentsOf } from '../../sql/plpgsql.ts'
import type { Node } from '../../sql/tree.ts'

/** A statement of a pending migration: what its text says, and what the server reported while it ran. */
export interface PendingStatement {
  readonly where: Where
  readonly endLine: number
  /** As it stands; cut where only the trace has it. */
  readonly text: string
  /** Its place in the whole release, from 0. */
  readonly order: number
  /** The statement itself, or those inside of a DO block; empty where the text could not be read. */
  readonly nodes: readonly Node[]
  /** Whether `nodes` is the statement as it stands, and nothing runs that is not in it. */
  readonly isPlain: boolean
  /** Null where the traced run did not come so far. */
  readonly traced: TracedStatement | null
}

/** Every statement of these files in order. Files that cannot be parsed count with what the trace has of them. */
export function statementsOf(
  tree: MigrationTree,
  files: ReadonlySet<string>,
  effects: Effects,
): readonly PendingStatement[] {
  const traced = effects.steps.flatMap((step) => step.statements)
  const statements: Omit<PendingStatement, 'order'>[] = []
  for (const { up } of tree.migrations.filter((one) => files.has(one.up.file))) {
    const ofFile = traced.filter((one) => one.file === up.file)
    const parsed = parseSql(up.text)
    if (!parsed.ok) {
      statements.push(...ofFile.map((one) => withoutText(one)))
      continue
    }
    for (const { node, start, end, line, column } of parsed.statements) {
      const text = up.text.slice(start, end)
      const lines = text.trimEnd().split('\n').length
      statements.push({
        where: { file: up.file, line, column },
        endLine: line + lines - 1,
        text,
        nodes: 'DoStmt' in node ? inside(text) : [node],
        isPlain: !('DoStmt' in node),
        traced: ofFile.find((one) => one.line === line && one.column === column) ?? null,
      })
    }
  }
  return statements.map((one, order) => ({ ...one, order }))
}

const withoutText = (one: TracedStatement): Omit<PendingStatement, 'order'> => ({
  where: { file: one.file, line: one.line, column: one.column },
  endLine: one.endLine,
  text: one.text,
  nodes: [],
  isPlain: false,
  traced: one,
})

/** The statements that stand in a DO block as they are; what it puts together at run time is for the trace. */
function inside(text: string): Node[] {
  return (fragmentsOf(text) ?? []).flatMap((fragment) => {
    if (fragment.role !== 'statement') return []
    const parsed = parseSql(fragment.sql)
    return parsed.ok ? parsed.statements.map((one) => one.node) : []
  })
}
