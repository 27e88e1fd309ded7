import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Client } from 'pg'
import { type CatalogueServer, startCatalogueServer } from '../postgres/catalogue-server.ts'

export const courtDates = path.resolve(import.meta.dirname, '../../../examples/court-dates')

/** What the service itself made since 104; everything else belongs to court_owner. */
const OWNS = [
  'public.message_templates',
  'public.notification_outbox',
  'public.reminders',
  'public.case_watchers',
  'public.reminder_opt_outs',
  'report.reminder_delivery',
]

/** The production of examples/court-dates as it was before the release: 122 is live, the runner's ledger says so. */
export interface CourtProduction extends AsyncDisposable {
  readonly client: Client
  /** For a superuser of it. */
  readonly url: string
}

export async function courtProduction(major: number | null): Promise<CourtProduction> {
  const server = await startCatalogueServer(major)
  const client = await server.database()
  await fill(server, client)
  const { socketDir, port, superuser } = server.server
  return {
    client,
    url: `postgresql:///${client.database}?host=${encodeURIComponent(socketDir)}&port=${port}&user=${superuser}`,
    [Symbol.asyncDispose]: async () => {
      await client.end()
      await server[Symbol.asyncDispose]()
    },
  }
}

async function fill(server: CatalogueServer, client: Client): Promise<void> {
  await client.query(`CREATE ROLE court_owner LOGIN SUPERUSER; CREATE ROLE court_deploy LOGIN; CREATE ROLE court_migrator;
    CREATE ROLE court_app LOGIN; CREATE ROLE court_report LOGIN;
    GRANT court_migrator TO court_deploy; ALTER DATABASE ${client.database} OWNER TO court_owner`)
  const files = readdirSync(path.join(courtDates, 'migrations')).filter((name) => name.endsWith('.up.sql'))
  const owner = await server.connectAs('court_owner', client.database!)
  for (const name of files.toSorted()) {
    if (Number(name.slice(0, 3)) <= 122)
      await owner.query(readFileSync(path.join(courtDates, 'migrations', name), 'utf8'))
  }
  await owner.end()
  for (const name of OWNS) await client.query(`ALTER TABLE ${name} OWNER TO court_deploy`)
  await client.query(`
    ALTER ROLE court_owner NOSUPERUSER NOLOGIN; GRANT CREATE ON SCHEMA public TO court_deploy;
    CREATE TABLE applied_migrations (version bigint PRIMARY KEY, name text, applied_at timestamptz, checksum text);
    ALTER TABLE applied_migrations OWNER TO court_deploy`)
  const [, ...lines] = readFileSync(path.join(courtDates, 'ledger.csv'), 'utf8').trim().split('\n')
  for (const line of lines) {
    await client.query('INSERT INTO applied_migrations VALUES ($1, $2, $3, $4)', line.split(','))
  }
}
