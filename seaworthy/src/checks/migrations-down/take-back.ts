import type { DownTrial } from '../../observers/rehearsal-down/kind.ts'

/** Objects that `DROP KIND NAME` takes back. */
const DROPPED_BY_NAME = [
  'table',
  'materialized view',
  'view',
  'foreign table',
  'sequence',
  'index',
  'function',
  'procedure',
  'type',
  'domain',
  'schema',
  'extension',
  'role',
  'publication',
  'statistics',
  'collation',
]

/** Parts whose name is followed by `on RELATION`. */
const ON_RELATION: Readonly<Record<string, (name: string, relation: string) => string>> = {
  constraint: (name, relation) => `ALTER TABLE ${relation} DROP CONSTRAINT ${name};`,
  trigger: (name, relation) => `DROP TRIGGER ${name} ON ${relation};`,
  policy: (name, relation) => `DROP POLICY ${name} ON ${relation};`,
  rule: (name, relation) => `DROP RULE ${name} ON ${relation};`,
}

/**
 * The statement that takes an object back which a down left over; null where it cannot be told from its name alone.
 * Names stand in the catalogue quoted as SQL needs them.
 */
export function takeBack({ object, definition }: DownTrial['leftOver'][number]): string | null {
  const [facet = ''] = definition.split('\n')
  const table = /^of table (.+)$/s.exec(facet)?.[1]
  const kind = DROPPED_BY_NAME.find((one) => object.startsWith(`${one} `))
  if (kind !== undefined) return `DROP ${kind.toUpperCase()} ${object.slice(kind.length + 1)};`
  if (table === undefined) return null
  if (object.startsWith(`column ${table}.`)) {
    return `ALTER TABLE ${table} DROP COLUMN ${object.slice(`column ${table}.`.length)};`
  }
  const word = object.slice(0, object.indexOf(' '))
  const tail = ` on ${table}`
  if (!object.endsWith(tail)) return null
  return ON_RELATION[word]?.(object.slice(word.length + 1, -tail.length), table) ?? null
}
