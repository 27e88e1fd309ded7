import type { MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { Failure } from '../../observers/rehearsal/kind.ts'

const TEMPLATES = ['{{', '{%', '<%', '${', '#{']

/** The template marker on the line of a syntax error; null if there is none, or if the error is another one. */
export function templateAt(tree: MigrationTree, failure: Failure): string | null {
  if (failure.error.sqlstate !== '42601' || failure.statement === null) return null
  const script = tree.migrations.find((migration) => migration.up.file === failure.file)?.up
  const line = script?.text.split(/\r\n|\n|\r/)[failure.statement.line - 1] ?? ''
  return TEMPLATES.find((marker) => line.includes(marker)) ?? null
}

/** What PostgreSQL says of things that only another engine has: types, functions, words. */
const FOREIGN: readonly { readonly engine: string; readonly sqlstate: string; readonly message: RegExp }[] = [
  { engine: 'SQLite', sqlstate: '42704', message: /^type "blob" does not exist$/i },
  { engine: 'SQLite', sqlstate: '42883', message: /^function (?:strftime|julianday|unixepoch|datetime|randomblob)\(/i },
  { engine: 'SQLite', sqlstate: '42601', message: /at or near "(?:autoincrement|pragma|without)"/i },
  { engine: 'MySQL', sqlstate: '42601', message: /at or near "(?:`|auto_increment|unsigned|engine)/i },
  {
    engine: 'MySQL',
    sqlstate: '42704',
    message: /^type "(?:datetime|tinyint|mediumint|mediumtext|longtext|longblob)" does not exist$/i,
  },
]

/** The engine that a failed history was written for, if the server's words show it; null for an ordinary failure. */
export const engineOf = ({ error }: Failure): string | null =>
  FOREIGN.find(({ sqlstate, message }) => error.sqlstate === sqlstate && message.test(error.message))?.engine ?? null
