import type { Client } from 'pg'
import type { Seeding } from '../../migrations/effects.ts'
import type { Place } from '../host.ts'
import { asRowsWriter, canHaveRowsRole } from '../rows/rows-role.ts'
import type { Context } from '../world.ts'
import { countRows, isMadeUpSince, nextTransaction } from './count.ts'
import { repairForeignKeys } from './foreign-keys.ts'
import { makeLargeObjects } from './large-objects.ts'
import { Planting } from './planting.ts'
import { provenPool } from './prove.ts'
import { type SeedTable, readSeedSchema } from './schema.ts'
import { moveSequences, readExisting } from './sequences.ts'
import { withoutStubborn } from './stubborn.ts'

/** A seeding, and the transaction with which it began: what is younger was made up. */
export interface MadeRows extends Seeding {
  /** Null where nothing was made up. */
  readonly since: string | null
  /** Whether there was no time for some tables. */
  readonly isCut: boolean
}

/** A check of the schema may run forever. */
const STATEMENT_LIMIT_MS = 3_000

const NO_SUPERUSER =
  'the login of --server is no superuser, and only a superuser may switch triggers and foreign keys off while rows are made'

/**
 * Gives every table rows that it takes, besides those it has. No trigger and no rule fires, row security hides nothing,
 * and the catalogue is the same afterwards but for the positions of sequences and large objects that rows name. A table that takes none is named with
 * the reason; that is never an error.
 */
export async function makeRows(context: Context, place: Place, seed: number): Promise<MadeRows> {
  const ignored = context.ledger === null ? [] : [context.ledger.name]
  const schema = await readSeedSchema(place.admin, ignored)
  if (!(await canHaveRowsRole(place))) {
    const unseeded = schema.tables.map(({ object }) => ({ object, reason: NO_SUPERUSER }))
    return { source: 'synthetic', seed, tables: [], unseeded, since: null, isCut: false }
  }
  return await withoutStubborn(
    place.admin,
    async () =>
      await asRowsWriter(context, place, async (client) => {
        await client.query(`SET session_replication_role = replica; SET statement_timeout = ${STATEMENT_LIMIT_MS}`)
        const since = await nextTransaction(client)
        const { counts, bases } = await readExisting(client, schema)
        const pool = await provenPool(client, schema)
        const planting = new Planting({ client, schema, pool, seed, bases, counts })
        const refused = await planting.plantAll(context.request)
        const isMadeUp = isMadeUpSince(since)
        await repairForeignKeys(place.admin, client, isMadeUp)
        await makeLargeObjects(client, schema, context.roles.owning)
        await moveSequences(client, schema)
        const { isCut } = planting
        return { source: 'synthetic', seed, since, isCut, ...(await outcome(client, schema.tables, isMadeUp, refused)) }
      }),
  )
}

async function outcome(
  client: Client,
  tables: readonly SeedTable[],
  isMadeUp: string,
  refused: ReadonlyMap<number, string>,
): Promise<Pick<Seeding, 'tables' | 'unseeded'>> {
  const counted = await countRows(client, tables, isMadeUp)
  return {
    tables: counted.filter((one) => one.rows > 0).map(({ object, rows, synthetic }) => ({ object, rows, synthetic })),
    unseeded: counted
      .filter((one) => one.synthetic === 0)
      .map(({ object, oid }) => ({ object, reason: refused.get(oid) ?? LOST_REFERENCE })),
  }
}

const LOST_REFERENCE = 'its rows would have to refer to rows of a table that has none'
