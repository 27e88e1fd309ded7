import type { Where } from '../../gate/finding.ts'
import type { Migration } from '../../observers/migration-tree/kind.ts'
import type { ServerError } from '../../observers/queries/kind.ts'
import { parseSql, placeOf } from '../../sql/parse.ts'

/** What an error of the server is about, by its message (English: lc_messages is C); null where it does not tell. */
export function aboutOf({ message, column }: ServerError): string | null {
  const found =
    column ??
    /"([^"]+)"/.exec(message)?.[1] ??
    /^column (?:\S+\.)?(\S+) does not exist/.exec(message)?.[1] ??
    /^(?:function|procedure|aggregate) ([^\s(]+)\(/.exec(message)?.[1] ??
    /^permission denied for (?:[a-z]+ )+(\S+)$/.exec(message)?.[1]
  return found?.split('.').at(-1) ?? null
}

/** A statement of a migration file. */
export interface StatementPlace {
  readonly where: Where
  readonly endLine: number | null
}

/**
 * The first statement of these files that names one of the things; the only one where there is just one; else the
 * beginning of the first file. What a DO block or a function builds from pieces is not found by its name.
 */
export function placeIn(migrations: readonly Migration[], names: readonly string[]): StatementPlace | null {
  const spans = migrations.flatMap((migration) => spansOf(migration.up))
  const quoted = names.map((name) => `:${JSON.stringify(name)}`)
  const naming = spans.find((span) => quoted.some((name) => span.tree.includes(name)))
  const found = naming ?? (spans.length === 1 ? spans[0] : undefined)
  if (found !== undefined) return { where: found.where, endLine: found.endLine }
  const [first] = migrations
  return first === undefined ? null : { where: { file: first.up.file, line: 1, column: 1 }, endLine: null }
}

interface Span extends StatementPlace {
  /** The statement as the grammar's JSON. */
  readonly tree: string
}

function spansOf({ file, text }: Migration['up']): Span[] {
  const parsed = parseSql(text)
  if (!parsed.ok) return []
  return parsed.statements.map(({ node, line, column, end }) => ({
    where: { file, line, column },
    endLine: placeOf(text, end).line,
    tree: JSON.stringify(node),
  }))
}
