import type { Client } from 'pg'
import type { CatalogueEntry, RehearsalRequest } from '../../src/migrations/engine.ts'
import { readCatalogue } from '../../src/postgres/catalogue.ts'
import type { Place } from '../../src/postgres/host.ts'
import { rolesOf, setUpRoles } from '../../src/postgres/roles.ts'
import { openScratchHost } from '../../src/postgres/scratch-host.ts'
import { type MadeRows, makeRows } from '../../src/postgres/seed/make-rows.ts'
import { sealAdmin } from '../../src/postgres/sandbox.ts'
import type { Context } from '../../src/postgres/world.ts'
import { loadGrammar } from '../../src/sql/parse.ts'
import { SINGLE } from './rehearse.ts'

/** A real server with a schema that the migrating role made, before it is frozen, so that its rows can be looked at. */
export interface Ground extends AsyncDisposable {
  readonly context: Context
  readonly place: Place
  readonly admin: Client
  readonly catalogue: () => Promise<readonly CatalogueEntry[]>
  readonly seed: (seed?: number) => Promise<MadeRows>
  readonly rows: (sql: string) => Promise<Record<string, unknown>[]>
}

/** `asAdmin` comes first, for what only a superuser may make. */
export async function groundWith(major: number | null, sql: string, asAdmin = ''): Promise<Ground> {
  await loadGrammar()
  const tree = {
    format: 'golang-migrate',
    detectedBy: 'the test',
    folder: 'migrations',
    transaction: 'per-file',
    migrations: [],
    problems: [],
  } as const
  const request: RehearsalRequest = {
    tree,
    baseline: [],
    pending: [],
    roles: SINGLE,
    major,
    serverUrl: null,
    useCache: false,
    lockTimeoutMs: 5_000,
    statementTimeoutMs: 5_000,
    signal: new AbortController().signal,
    progress: () => undefined,
  }
  const host = await openScratchHost(request, process.cwd())
  const roles = rolesOf(host, SINGLE)
  const context: Context = { request, ledger: null, host, roles, provided: [], withoutEffect: [] }
  const place = await host.fresh()
  const { admin } = place
  await sealAdmin(place)
  await setUpRoles(host, place, roles, null)
  if (asAdmin !== '') await admin.query(`SET search_path = public; ${asAdmin}; SET search_path = ''`)
  const deploy = await place.connectAs(roles.migrating)
  await deploy.query(sql)
  await deploy.end()
  return {
    context,
    place,
    admin,
    catalogue: async () => await readCatalogue(admin, { ignoreTables: [] }),
    seed: async (seed = 1) => await makeRows(context, place, seed),
    rows: async (text) => (await admin.query<Record<string, unknown>>(text)).rows,
    [Symbol.asyncDispose]: async () => {
      await place[Symbol.asyncDispose]()
      await host[Symbol.asyncDispose]()
    },
  }
}
