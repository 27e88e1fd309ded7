import type { CatalogueEntry } from '../../migrations/engine.ts'
import type { Migration } from '../../migrations/model.ts'
import type { Repeating } from '../../migrations/repeating.ts'
import { parseSql, placeOf } from '../../sql/parse.ts'
import type { MadeAgain } from './kind.ts'

/** What hides a CREATE from a reader. A CREATE that stands there by itself is read from the file. */
const HIDING: ReadonlySet<string> = new Set(['DoStmt', 'CallStmt', 'SelectStmt', 'ExecuteStmt'])

/** duplicate_table: a relation of that name is there, be it a table, an index, a view or a sequence. */
const DUPLICATE = '42P07'

const LONGEST_SHOWN = 400

/**
 * Runs once more, in a world that is no longer needed, what may make tables and indexes out of sight, and tells which of it
 * stops because they are there. Everything else that fails a second time is guarded by the ledger.
 */
export async function madeAgain(
  repeating: Repeating,
  pending: readonly Migration[],
  catalogue: readonly CatalogueEntry[],
): Promise<MadeAgain[]> {
  const found: MadeAgain[] = []
  for (const migration of pending) {
    const { file } = migration.up
    for (const { text, line, column, endLine } of hidingIn(migration)) {
      const alone: Migration = { ...migration, up: { file, text, send: 'batch', pieces: null } }
      const failure = await repeating.applyUnrecorded(alone)
      if (failure?.error.sqlstate !== DUPLICATE) continue
      const object = objectNamed(failure.error.message, catalogue)
      if (object === null) continue
      const shown = text.slice(0, LONGEST_SHOWN)
      found.push({ file, version: migration.version, line, column, endLine, text: shown, object })
    }
  }
  return found
}

type Hiding = Pick<MadeAgain, 'text' | 'line' | 'column' | 'endLine'>

function hidingIn({ up }: Migration): Hiding[] {
  return (up.pieces ?? [{ text: up.text, line: 1 }]).flatMap((message) => {
    const parsed = parseSql(message.text)
    const statements = parsed.ok ? parsed.statements : []
    return statements
      .filter(({ kind }) => HIDING.has(kind))
      .map(({ start, end, line, column }) => ({
        text: message.text.slice(start, end),
        line: line + message.line - 1,
        column,
        endLine: placeOf(message.text, end).line + message.line - 1,
      }))
  })
}

/** The table or index that the server's message names (English: lc_messages is C); null for a view or a sequence. */
function objectNamed(message: string, catalogue: readonly CatalogueEntry[]): string | null {
  const name = /"([^"]+)" already exists/.exec(message)?.[1]
  if (name === undefined) return null
  const found = catalogue.find(
    ({ object }) => /^(?:table|index) /.test(object) && (object.endsWith(`.${name}`) || object.endsWith(`."${name}"`)),
  )
  return found?.object ?? null
}
