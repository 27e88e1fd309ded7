import { cpSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Project, seaworthy } from '../commands/cli.ts'
import { type CatalogueServer, startCatalogueServer } from '../postgres/catalogue-server.ts'

const example = path.resolve(import.meta.dirname, '../../../examples/court-dates')
const variants = path.join(example, 'variants')

/** What the service itself made since 104; everything else belongs to court_owner. */
const OWNS = [
  'public.message_templates',
  'public.notification_outbox',
  'public.reminders',
  'public.case_watchers',
  'public.reminder_opt_outs',
  'report.reminder_delivery',
]

/** The configuration says nothing of roles and nothing of what is live: the shape does. */
const CONFIG = `export default {
  migrations: [{ dir: 'migrations', format: 'golang-migrate', ledgerTable: 'public.applied_migrations' }],
  shape: 'shape.json',
}\n`

describe.each([18, 15])('the court-date service in its captured shape on PostgreSQL %i', (major) => {
  let server: CatalogueServer
  let production: Client

  beforeAll(async () => {
    server = await startCatalogueServer(major)
    production = await server.database()
    await production.query(`CREATE ROLE court_owner LOGIN SUPERUSER; CREATE ROLE court_deploy LOGIN; CREATE ROLE court_migrator;
      CREATE ROLE court_app LOGIN; CREATE ROLE court_report LOGIN;
      GRANT court_migrator TO court_deploy; ALTER DATABASE ${production.database} OWNER TO court_owner`)
    const files = readdirSync(path.join(example, 'migrations')).filter((name) => name.endsWith('.up.sql'))
    const owner = await server.connectAs('court_owner', production.database!)
    for (const name of files.toSorted()) {
      if (Number(name.slice(0, 3)) <= 122)
        await owner.query(readFileSync(path.join(example, 'migrations', name), 'utf8'))
    }
    await owner.end()
    for (const name of OWNS) await production.query(`ALTER TABLE ${name} OWNER TO court_deploy`)
    await production.query(`
      ALTER ROLE court_owner NOSUPERUSER NOLOGIN; GRANT CREATE ON SCHEMA public TO court_deploy;
      CREATE TABLE applied_migrations (version bigint PRIMARY KEY, name text, applied_at timestamptz, checksum text);
      ALTER TABLE applied_migrations OWNER TO court_deploy`)
    const [, ...lines] = readFileSync(path.join(example, 'ledger.csv'), 'utf8').trim().split('\n')
    for (const line of lines) {
      await production.query('INSERT INTO applied_migrations VALUES ($1, $2, $3, $4)', line.split(','))
    }
  })
  afterAll(async () => {
    await production.end()
    await server[Symbol.asyncDispose]()
  })

  const check = async (
    variant: string | null,
  ): Promise<{ codes: string[]; messages: string; verdicts: Record<string, string> }> => {
    using project = new Project()
    cpSync(example, project.root, { recursive: true, filter: (source) => source !== variants })
    if (variant !== null) cpSync(path.join(variants, variant), project.root, { recursive: true })
    project.write({ 'seaworthy.config.ts': CONFIG })
    const url = `postgresql:///${production.database}?host=${encodeURIComponent(server.server.socketDir)}&port=${server.server.port}&user=${server.server.superuser}`
    const capture = ['capture', url, '--ledger-table', 'public.applied_migrations', '-o', 'shape.json']
    const captured = await seaworthy(capture, project.root)
    expect(captured.code).toBe(0)
    const { stdout, stderr } = await seaworthy(['check', '--json', '--pg', String(major)], project.root)
    if (stdout === '') throw new Error(stderr)
    const report: {
      checks: { check: string; verdict: string; findings: { code: string; severity: string; message: string }[] }[]
    } = JSON.parse(stdout)
    const errors = report.checks.flatMap((one) => one.findings).filter((one) => one.severity === 'error')
    return {
      codes: errors.map((one) => one.code),
      messages: errors.map((one) => one.message).join('\n'),
      verdicts: Object.fromEntries(report.checks.map((one) => [one.check, one.verdict])),
    }
  }

  it('outage 3: migration 129 alters a table of another role', async () => {
    const { codes, messages } = await check('ownership')
    expect(codes).toContain('ownership/not-allowed')
    expect(messages).toContain('42501')
    expect(messages).toContain('cases belongs to court_owner, and the migration runs as court_deploy')
  })

  it('the repaired release applies in production’s shape', async () => {
    const { codes, verdicts } = await check(null)
    expect(codes).toEqual([])
    expect(verdicts).toMatchObject({
      'migrations-rehearsal': 'pass',
      'migrations-ledger': 'pass',
      'migrations-drift': 'pass',
    })
  })
})
