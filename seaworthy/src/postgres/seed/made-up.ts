import type { Client } from 'pg'
import type { Place } from '../host.ts'
import { quotedName } from '../../sql/identifier.ts'
import { type Relation, readRelations } from '../rows/relations.ts'
import type { Context } from '../world.ts'
import { isMadeUpSince } from './count.ts'
import { type Removed, repairForeignKeys } from './foreign-keys.ts'

/** Made-up rows of a table by what tells them apart, as the server prints it. */
export interface MadeUp {
  readonly relation: Relation
  /** Numbers of the columns that tell them apart: a key, or all. */
  readonly columns: readonly number[]
  readonly rows: readonly string[]
}

/** Rows to take away, by the OID of their table. */
export type Removal = ReadonlyMap<number, ReadonlySet<string>>

export const ignoredTables = ({ ledger }: Context): readonly string[] => (ledger === null ? [] : [ledger.name])

/** Made-up rows of every table that has some. In the state right after seeding: what is updated later looks made up. */
export async function readMadeUp(
  context: Context,
  place: Place,
  client: Client,
  since: string,
): Promise<ReadonlyMap<number, MadeUp>> {
  const relations = (await readRelations(place.admin, ignoredTables(context))).filter(
    (one) => (one.kind === 'r' || one.kind === 'p') && one.root === null,
  )
  const found = relations.map((relation) => ({
    relation,
    columns: relation.keys[0] ?? relation.columns.filter((it) => !it.isGenerated).map((it) => it.number),
    rows: new Array<string>(),
  }))
  const questions = found.map(
    ({ relation, columns }, index) =>
      `SELECT ${index}, ${recordOf(relation, columns)} FROM ${from(relation)} AS it WHERE ${isMadeUpSince(since)}`,
  )
  if (questions.length === 0) return new Map()
  const { rows } = await client.query<[number, string]>({ text: questions.join(' UNION ALL '), rowMode: 'array' })
  for (const [index, record] of rows) found[index]?.rows.push(record)
  return new Map(found.filter((one) => one.rows.length > 0).map((one) => [one.relation.oid, one]))
}

const from = (relation: Relation): string => (relation.kind === 'p' ? relation.sql : `ONLY ${relation.sql}`)

function recordOf(relation: Relation, columns: readonly number[]): string {
  const names = relation.columns.filter((one) => columns.includes(one.number)).map((one) => one.name)
  return `ROW(${names.map((name) => `it.${quotedName(name)}`).join(', ')})::text`
}

/**
 * Takes made-up rows away, wherever their tables are called by now, and with them those that referred to them. Needs a
 * session in which triggers are off.
 */
export async function removeRows(
  admin: Client,
  client: Client,
  relations: readonly Relation[],
  madeUp: ReadonlyMap<number, MadeUp>,
  removal: Removal,
  since: string,
): Promise<Removed> {
  for (const [oid, keys] of removal) {
    const now = relations.find((one) => one.oid === oid)
    const columns = madeUp.get(oid)?.columns
    if (now === undefined || columns === undefined || keys.size === 0) continue
    await client.query(`DELETE FROM ${from(now)} AS it WHERE ${recordOf(now, columns)} = ANY ($1)`, [[...keys]])
  }
  return await repairForeignKeys(admin, client, isMadeUpSince(since))
}
