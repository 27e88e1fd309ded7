import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CatalogueServer, startCatalogueServer } from '../postgres/catalogue-server.ts'
import { Project, seaworthy } from './cli.ts'

const HISTORY = {
  'go.mod': 'module example.org/courts\n',
  'migrations/001_courts.up.sql':
    'CREATE TABLE courts (id bigint PRIMARY KEY, name text);\nCREATE TABLE cases (id bigint PRIMARY KEY, court bigint REFERENCES courts);\n',
  'migrations/002_names.up.sql':
    "CREATE TYPE mood AS ENUM ('low', 'high');\nCREATE VIEW named AS SELECT id, name FROM courts WHERE name IS NOT NULL;\nCREATE INDEX cases_court ON cases (court);\nGRANT SELECT ON courts TO court_app;\n",
}
const OWNERSHIP = { 'migrations/003_language.up.sql': 'ALTER TABLE cases ADD COLUMN language text;\n' }
const REPAIRED = {
  'migrations/003_language.up.sql':
    'CREATE TABLE IF NOT EXISTS case_languages (case_id bigint PRIMARY KEY, language text);\n',
}

const git = (project: Project, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], {
    cwd: project.root,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  }).trim()

const commitAll = (project: Project, message: string): void => {
  git(project, 'add', '-A')
  git(project, 'commit', '-q', '-m', message)
}

interface Reported {
  readonly code: string
  readonly severity: string
  readonly message: string
}

interface Report {
  readonly checks: { readonly check: string; readonly verdict: string; readonly findings: Reported[] }[]
  readonly subjects: { readonly assumptions: string[]; readonly pending: { readonly explanation: string } }[]
}

describe.each([18, 15])('production on PostgreSQL %i', (major) => {
  let server: CatalogueServer
  let production: Client

  const url = (user: string): string =>
    `postgresql:///${production.database}?host=${encodeURIComponent(server.server.socketDir)}&port=${server.server.port}&user=${user}`

  beforeAll(async () => {
    server = await startCatalogueServer(major)
    production = await server.database()
    await production.query(`
      CREATE ROLE court_owner NOLOGIN; CREATE ROLE court_deploy LOGIN; CREATE ROLE court_app LOGIN;
      CREATE ROLE court_migrator NOLOGIN; GRANT court_migrator TO court_deploy;
      CREATE ROLE nobody_here LOGIN; CREATE ROLE plain_reader LOGIN;
      ALTER ROLE court_app SET search_path = app, public;
      ALTER DATABASE ${production.database} OWNER TO court_owner;
      SET ROLE court_owner;
      ${HISTORY['migrations/001_courts.up.sql']} ${HISTORY['migrations/002_names.up.sql']}
      GRANT SELECT, INSERT ON courts, cases TO court_app; GRANT UPDATE (name) ON courts TO court_app;
      GRANT REFERENCES ON courts, cases TO court_migrator;
      RESET ROLE;
      GRANT CREATE ON SCHEMA public TO court_deploy;
      ALTER DEFAULT PRIVILEGES FOR ROLE court_deploy IN SCHEMA public GRANT SELECT ON TABLES TO court_app;
      SET ROLE court_deploy;
      CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
      INSERT INTO schema_migrations VALUES (2, false);
      RESET ROLE`)
  })
  afterAll(async () => {
    await production.end()
    await server[Symbol.asyncDispose]()
  })

  const captured = async (files: Record<string, string>): Promise<Project> => {
    const project = new Project(HISTORY)
    git(project, 'init', '-q', '-b', 'main')
    const { code, stderr } = await seaworthy(['capture', '-o', 'shape.json'], project.root, {
      SEAWORTHY_CAPTURE_URL: url(server.server.superuser),
    })
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /(?:^|\n)shape.json: the shape of \w+, with \d+ tables?, \d+ roles?, 0 queries, (?:no ledger|ledger [\w.]+); no rows\nnot read: queries: the extension pg_stat_statements is not installed in this database\n$/,
      ),
    })
    commitAll(project, 'what is live, and what production is like')
    if (Object.keys(files).length === 0) return project
    project.write(files)
    commitAll(project, 'the release')
    return project
  }

  const check = async (project: Project, ...flags: string[]): Promise<{ code: number | null; report: Report }> => {
    const args = ['check', '--shape', 'shape.json', '--pg', String(major), '--json', ...flags]
    const { code, stdout, stderr } = await seaworthy(args, project.root)
    expect(stderr).not.toContain('bug')
    return { code, report: JSON.parse(stdout) }
  }

  const errorsOf = (report: Report): Reported[] =>
    report.checks.flatMap((one) => one.findings).filter((finding) => finding.severity === 'error')

  it('outage 3 without a word of configuration: the release alters a table of another role', async () => {
    using project = await captured(OWNERSHIP)
    const { code, report } = await check(project)
    expect(code).toBe(1)
    expect(errorsOf(report).map((one) => one.code)).toContain('ownership/not-allowed')
    const found = errorsOf(report).find((one) => one.code === 'ownership/not-allowed')
    expect(found?.message).toContain('42501')
    expect(found?.message).toContain('cases belongs to court_owner')
    expect(report.subjects[0]?.assumptions).toContain(
      'court_deploy migrates: it owns the ledger public.schema_migrations in production',
    )
    // The baseline names court_app, and the shape knows it.
    expect(report.subjects[0]?.assumptions.join()).not.toContain('assumed to exist')
    expect(report.subjects[0]?.pending.explanation).toContain("not in production's ledger")
  })

  it('the repaired release passes, and production has no drift', async () => {
    using project = await captured(REPAIRED)
    const { report } = await check(project)
    expect(errorsOf(report)).toEqual([])
    expect(report.checks.filter((one) => !['pass', 'not-applicable'].includes(one.verdict))).toEqual([])
    const verdicts = Object.fromEntries(report.checks.map((one) => [one.check, one.verdict]))
    expect(verdicts).toMatchObject({ 'migrations-rehearsal': 'pass', 'migrations-drift': 'pass' })
    expect(report.checks.flatMap((one) => one.findings).filter((one) => one.code.startsWith('drift/'))).toEqual([])
  })

  it('usage: no URL, a broken shape, and a folder to write to that is not there', async () => {
    using project = new Project({ ...HISTORY, 'shape.json': '{}' })
    const wrong: [string[], string][] = [
      [['capture'], 'needs the URL'],
      [['capture', 'canary'], 'is not a URL of the form postgresql'],
      [
        ['capture', url(server.server.superuser), '-o', 'nowhere/shape.json'],
        'could not be written to nowhere/shape.json',
      ],
      [['check', '--shape', 'shape.json'], 'the shape'],
    ]
    for (const [args, says] of wrong) {
      const { code, stdout, stderr } = await seaworthy(args, project.root)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain(says)
      expect(stderr).not.toContain('canary')
    }
    const unreachable = await seaworthy(['capture', 'postgresql://a:canary@127.0.0.1:1/db'], project.root)
    expect(unreachable.code).toBe(3)
    expect(unreachable.stderr).not.toContain('canary')
  })

  it('a shape speaks of one folder', async () => {
    using project = await captured({})
    project.write({ 'other/migrations/001_a.up.sql': 'SELECT 1;\n' })
    const { code, stderr } = await seaworthy(['check', '--shape', 'shape.json'], project.root)
    expect(code).toBe(2)
    expect(stderr).toContain('a shape speaks of one folder')
  })

  it('a ledger that was named and is not there is a mistake; one that was not found is said', async () => {
    using project = new Project(HISTORY)
    const root = url(server.server.superuser)
    for (const flags of [
      ['--ledger-table', 'public.nope'],
      ['--format', 'prisma'],
    ]) {
      const { code, stdout, stderr } = await seaworthy(['capture', root, ...flags], project.root)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain('there is no such table in this database')
    }
    const other = await server.database()
    await other.query(
      'CREATE TABLE users (id int, name text); CREATE TABLE full_ (id int); INSERT INTO full_ VALUES (1)',
    )
    const elsewhere = root.replace(`/${production.database}?`, `/${other.database}?`)
    await other.end()
    for (const table of ['public.users', 'public.full_']) {
      const { code, stdout, stderr } = await seaworthy(['capture', elsewhere, '--ledger-table', table], project.root)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain('it has no column version')
    }
    const empty = await server.database()
    const nowhere = root.replace(`/${production.database}?`, `/${empty.database}?`)
    await empty.end()
    const { code, stdout, stderr } = await seaworthy(['capture', nowhere], project.root)
    expect(code).toBe(0)
    expect(stderr).toContain('not read: ledger: none was found')
    expect(JSON.parse(stdout)).toMatchObject({ ledger: null, unread: [{ part: 'ledger' }] })
  })

  it('a ledger that the login may not read is said in what the check prints', async () => {
    using project = await captured({})
    await seaworthy(['capture', url('plain_reader'), '-o', 'shape.json'], project.root)
    const { report } = await check(project)
    const found = report.checks.flatMap((one) => one.findings).find((one) => one.message.includes('ledger could not'))
    expect(found?.message).toContain('GRANT SELECT ON public.schema_migrations')
  })

  it('is rehearsed on its own major version, where nobody names another one', async () => {
    using project = await captured({})
    const { stdout } = await seaworthy(
      ['check', '--shape', 'shape.json', '--only', 'migrations-drift', '--all', '--json'],
      project.root,
    )
    expect(stdout).toContain('"migrations-drift"')
    expect(stdout).not.toContain('drift/server-version')
  })

  it('two captures of the same state differ in their time alone', async () => {
    using project = await captured({})
    const first = readFileSync(project.at('shape.json'), 'utf8')
    const again = await seaworthy(['capture', url(server.server.superuser)], project.root)
    const timeless = (text: string): string => text.replace(/"capturedAt": "[^"]+"/, '')
    expect(timeless(again.stdout)).toBe(timeless(first))
    expect(first.endsWith('}\n')).toBe(true)
  })
})
