import type { SeedOptions } from '../../migrations/engine.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { placeOf } from '../../sql/parse.ts'
import type { Place } from '../host.ts'
import { asRowsRole } from '../rows/rows-role.ts'
import { serverErrorOf } from '../server-error.ts'
import { Session } from '../session.ts'
import type { Context } from '../world.ts'
import { countRows } from './count.ts'
import type { MadeRows } from './make-rows.ts'
import { readSeedSchema } from './schema.ts'

/** No row is made up. */
const NONE = 'false'

/**
 * Gives the tables the user's own rows: the script is sent as the owning role, in one transaction, with everything
 * switched on that would be in production.
 * @throws SeaworthyError('config') with the place and what the server said if it does not apply.
 */
export async function runScript(
  context: Context,
  place: Place,
  script: NonNullable<SeedOptions['script']>,
  seed: number,
): Promise<MadeRows> {
  await send(context, place, script)
  const ignored = context.ledger === null ? [] : [context.ledger.name]
  const { tables } = await readSeedSchema(place.admin, ignored)
  const counted = await asRowsRole(context, place, async (client) => await countRows(client, tables, NONE))
  return {
    source: 'file',
    seed,
    since: null,
    isCut: false,
    tables: counted.filter((one) => one.rows > 0).map(({ object, rows }) => ({ object, rows, synthetic: 0 })),
    unseeded: counted
      .filter((one) => one.rows === 0)
      .map(({ object }) => ({ object, reason: `${script.file} gives it no rows` })),
  }
}

async function send(context: Context, place: Place, { file, text }: NonNullable<SeedOptions['script']>): Promise<void> {
  await using session = new Session(await place.connectAs(context.roles.owning), context.request)
  try {
    await session.send('BEGIN')
    await session.send(text)
    await session.send('COMMIT')
  } catch (error) {
    context.request.signal.throwIfAborted()
    const told = serverErrorOf(error, text)
    const at = told.offset === null ? '' : `:${placeOf(text, told.offset).line}`
    const detail = told.detail === null ? '' : ` (${told.detail})`
    throw new SeaworthyError('config', `the rows of ${file}${at} do not go in: ${told.message}${detail}`, {
      hint: `It is sent as ${context.roles.owning} after the live migrations, in one transaction. Mend it, or leave it out to have rows made up.`,
      cause: error,
    })
  }
}
