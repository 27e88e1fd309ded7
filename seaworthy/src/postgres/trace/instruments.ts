import { randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import type { CatalogueEntry } from '../../migrations/engine.ts'
import type { Place } from '../host.ts'
import type { Session } from '../session.ts'
import { Channel } from './channel.ts'
import { installSql } from './instrument-sql.ts'
import { type Known, readKnown } from './known.ts'
import { StatementTexts } from './statement-texts.ts'

/** What records in one place. */
export interface Instruments {
  readonly mark: string
  readonly admin: Client
  readonly known: Known
  readonly channel: Channel
  /** Null on a server that does not keep them. */
  readonly texts: StatementTexts | null
}

const IS_SUPERUSER_SQL = `SELECT r.rolsuper AS is FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`

/** Why this place cannot be instrumented; null if it can. */
export async function whyNot({ admin }: Place): Promise<string | null> {
  const { rows } = await admin.query<{ is: boolean }>(IS_SUPERUSER_SQL)
  return rows[0]?.is === true ? null : 'event triggers need a superuser on the server that was given'
}

/** Puts the instruments into a place, for the session that will migrate there. `ledger` is the tool's own table. */
export async function install(place: Place, session: Session, ledger: string | null): Promise<Instruments> {
  // A name such as the server's own have: what goes through all schemas of the user passes it by.
  const mark = `pg_seaworthy_${randomBytes(6).toString('hex')}`
  const { admin } = place
  const watching = await place.watchStatements()
  const work = [installAndRead(admin, mark, watching !== null, ledger), textsFrom(watching, place.database)] as const
  // Both end before anything is thrown: what the other one uses must not be taken away under it.
  await Promise.allSettled(work)
  const [known, texts] = await Promise.all(work)
  return { mark, admin, known, channel: new Channel(session.client, mark), texts }
}

async function installAndRead(
  admin: Client,
  mark: string,
  hasStatements: boolean,
  ledger: string | null,
): Promise<Known> {
  await admin.query(installSql(mark, hasStatements))
  return await readKnown(admin, ledger)
}

const textsFrom = async (client: Client | null, database: string): Promise<StatementTexts | null> =>
  client === null ? null : await StatementTexts.open(client, database)

/** The catalogue without what is ours; our schema has a name of the server's own and is not in it. */
export const withoutInstruments = (entries: readonly CatalogueEntry[], mark: string): CatalogueEntry[] =>
  entries.filter(({ object }) => !isOurs(object, mark))

const isOurs = (object: string, mark: string): boolean =>
  object.startsWith(`event trigger ${mark}_`) || object.startsWith(`trigger ${mark} on `)
