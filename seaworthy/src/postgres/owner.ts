import type { Client } from 'pg'
import type { Failure } from '../migrations/engine.ts'
import type { Statement } from '../sql/parse.ts'

/** A statement is a tree of a few hundred nodes; more than this is not walked. */
const MOST_NODES = 20_000

/** A relation as a statement names it; the schema is null where it names none. */
export interface NamedRelation {
  readonly schema: string | null
  readonly name: string
}

/** The relations that a statement names, in the order of the text. */
export function relationsOf(statement: Statement): NamedRelation[] {
  const names = new Map<string, NamedRelation>()
  const add = (schema: string | null, name: string): void =>
    void names.set(JSON.stringify([schema, name]), { schema, name })
  const queue: unknown[] = [statement.node]
  for (let seen = 0; queue.length > 0 && seen < MOST_NODES; seen += 1) {
    const node = queue.shift()
    if (Array.isArray(node)) {
      queue.push(...node)
      continue
    }
    if (typeof node !== 'object' || node === null) continue
    if ('relname' in node && typeof node.relname === 'string') {
      add('schemaname' in node && typeof node.schemaname === 'string' ? node.schemaname : null, node.relname)
    }
    if ('DropStmt' in node) for (const { schema, name } of droppedNames(node.DropStmt)) add(schema, name)
    queue.push(...Object.values(node))
  }
  return [...names.values()]
}

/** DROP names its objects as lists of strings, not as relations. */
function droppedNames(drop: unknown): NamedRelation[] {
  if (typeof drop !== 'object' || drop === null || !('objects' in drop) || !Array.isArray(drop.objects)) return []
  return drop.objects.flatMap((object: unknown) => {
    if (typeof object !== 'object' || object === null || !('List' in object)) return []
    const parts = partsOf(object.List)
    const name = parts.at(-1)
    return name === undefined ? [] : [{ schema: parts.at(-2) ?? null, name }]
  })
}

function partsOf(list: unknown): string[] {
  if (typeof list !== 'object' || list === null || !('items' in list) || !Array.isArray(list.items)) return []
  return list.items.flatMap((item: { String?: { sval?: string } }) =>
    item.String?.sval === undefined ? [] : [item.String.sval],
  )
}

/** Works without a search path, so a name without a schema is looked for everywhere: in `public` first. */
const OWNER_SQL = `
  SELECT found.* FROM (
    SELECT DISTINCT ON (wanted.place) wanted.place, n.nspname || '.' || c.relname AS object,
           pg_get_userbyid(c.relowner) AS owner, c.relname AS name
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted(schema, name, place)
      JOIN pg_class c ON c.relname = wanted.name
      JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = coalesce(wanted.schema, n.nspname)
     ORDER BY wanted.place, n.nspname <> 'public', n.nspname
  ) found
   WHERE found.owner <> $3
   ORDER BY found.place`

/** Who owns what a statement was not allowed to touch; null if none of its relations belongs to someone else. */
export async function ownerOf(
  admin: Client,
  statement: Statement,
  message: string,
  migratingRole: string,
): Promise<Failure['owner']> {
  const relations = relationsOf(statement)
  const { rows } = await admin.query<{ object: string; owner: string; name: string }>(OWNER_SQL, [
    relations.map((one) => one.schema),
    relations.map((one) => one.name),
    migratingRole,
  ])
  const found = rows.find((row) => message.includes(row.name)) ?? rows[0]
  return found === undefined ? null : { object: found.object, owner: found.owner, migratingRole }
}
