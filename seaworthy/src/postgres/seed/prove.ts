import type { Client } from 'pg'
import { serverErrorOf } from '../server-error.ts'
import { bytesOf, candidatesOfCheck } from './candidates.ts'
import { Pool, provenKey } from './pool.ts'
import { distinctScalar, scalarsOf } from './scalars.ts'
import type { SeedSchema, SeedType } from './schema.ts'

const MOST_TRIALS = 60
const DISTINCT = 12

/**
 * The values of all types. Those of domains with checks, and of types that are only guessed at, are first tried on the
 * server, one by one; what it refuses is left out.
 */
export async function provenPool(client: Client, schema: SeedSchema): Promise<Pool> {
  const proven = new Map<string, readonly string[]>()
  const bare = new Pool(schema.types, new Map())
  const modifiers = Map.groupBy(
    schema.tables.flatMap((table) => table.columns),
    (column) => column.type,
  )
  for (const type of schema.types.values()) {
    const checks = checksOf(type, schema)
    if (checks.length > 0) {
      proven.set(provenKey(type.oid, -1), await accepted(client, type.sql, domainValues(type, checks, bare)))
      continue
    }
    if (type.kind !== 'b' || type.element !== null) continue
    // A modifier such as the dimensions of a vector decides what is taken.
    const used = new Map((modifiers.get(type.oid) ?? []).map((column) => [column.typmod, column.typeSql]))
    for (const [typmod, sql] of new Map([[-1, type.sql], ...used])) {
      const { values, isKnown } = scalarsOf(type, typmod, '')
      if (!isKnown && type.name !== 'uuid') proven.set(provenKey(type.oid, typmod), await accepted(client, sql, values))
    }
  }
  return new Pool(schema.types, proven)
}

/** Its own, and those of the domains below it. */
function checksOf(type: SeedType, { types }: SeedSchema): string[] {
  const checks: string[] = []
  for (let one: SeedType | undefined = type; one !== undefined;) {
    checks.push(...(one.checks ?? []))
    one = one.base === null ? undefined : types.get(one.base)
  }
  return checks
}

function domainValues(type: SeedType, checks: readonly string[], pool: Pool): string[] {
  const about = { name: type.name, salt: type.sql, base: 1_000 }
  const base = pool.baseOf(type.oid, -1)
  const texts = checks.flatMap((check) => candidatesOfCheck(check).byColumn.get('value') ?? [])
  const named = base.type?.name === 'bytea' ? texts.map(bytesOf) : texts
  const usual = base.type === null ? [] : pool.valuesOf(base.type.oid, base.typmod, about)
  const distinct = Array.from({ length: DISTINCT }, (_, index) =>
    base.type === null ? null : distinctScalar(base.type, base.typmod, about, index + 1),
  ).filter((value) => value !== null)
  return [...new Set([...named, ...usual, ...distinct])]
}

async function accepted(client: Client, sql: string, values: readonly string[]): Promise<string[]> {
  const taken: string[] = []
  for (const value of values.slice(0, MOST_TRIALS)) {
    const question = `SELECT $1::text::${sql}`
    try {
      await client.query(question, [value])
      taken.push(value)
    } catch (error) {
      if (serverErrorOf(error, question).sqlstate === null) throw error
    }
  }
  return taken
}
