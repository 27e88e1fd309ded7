import type { Client } from 'pg'
import type { Failure } from '../migrations/engine.ts'
import type { Statement } from '../sql/parse.ts'
import { quoteIdentifier } from './quote.ts'

/** A statement is a tree of a few hundred nodes; more than this is not walked. */
const MOST_NODES = 20_000

/** The relations that a statement names, as quoted SQL names in the order of the text. */
export function relationsOf(statement: Statement): string[] {
  const names = new Set<string>()
  const queue: unknown[] = [statement.node]
  for (let seen = 0; queue.length > 0 && seen < MOST_NODES; seen += 1) {
    const node = queue.shift()
    if (Array.isArray(node)) {
      queue.push(...node)
      continue
    }
    if (typeof node !== 'object' || node === null) continue
    if ('relname' in node && typeof node.relname === 'string') {
      const schema = 'schemaname' in node && typeof node.schemaname === 'string' ? node.schemaname : null
      names.add(
        [schema, node.relname]
          .filter((part) => part !== null)
          .map(quoteIdentifier)
          .join('.'),
      )
    }
    if ('DropStmt' in node) for (const name of droppedNames(node.DropStmt)) names.add(name)
    queue.push(...Object.values(node))
  }
  return [...names]
}

/** DROP names its objects as lists of strings, not as relations. */
function droppedNames(drop: unknown): string[] {
  if (typeof drop !== 'object' || drop === null || !('objects' in drop) || !Array.isArray(drop.objects)) return []
  return drop.objects.flatMap((object: unknown) => {
    if (typeof object !== 'object' || object === null || !('List' in object)) return []
    const parts = partsOf(object.List)
    return parts.length === 0 ? [] : [parts.map(quoteIdentifier).join('.')]
  })
}

function partsOf(list: unknown): string[] {
  if (typeof list !== 'object' || list === null || !('items' in list) || !Array.isArray(list.items)) return []
  return list.items.flatMap((item: { String?: { sval?: string } }) =>
    item.String?.sval === undefined ? [] : [item.String.sval],
  )
}

const OWNER_SQL = `
  SELECT format('%s.%s', n.nspname, c.relname) AS object, pg_get_userbyid(c.relowner) AS owner, c.relname AS name
    FROM unnest($1::text[]) WITH ORDINALITY AS wanted(name, place)
    JOIN pg_class c ON c.oid = to_regclass(wanted.name)
    JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE pg_get_userbyid(c.relowner) <> $2
   ORDER BY wanted.place`

/** Who owns what a statement was not allowed to touch; null if none of its relations belongs to someone else. */
export async function ownerOf(
  admin: Client,
  statement: Statement,
  message: string,
  migratingRole: string,
): Promise<Failure['owner']> {
  const { rows } = await admin.query<{ object: string; owner: string; name: string }>(OWNER_SQL, [
    relationsOf(statement),
    migratingRole,
  ])
  const found = rows.find((row) => message.includes(row.name)) ?? rows[0]
  return found === undefined ? null : { object: found.object, owner: found.owner, migratingRole }
}
