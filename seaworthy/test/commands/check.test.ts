import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadChecks } from '../../src/checks/index.ts'
import { canonicalJson, sha256 } from '../../src/gate/canonical.ts'
import { evaluate } from '../../src/gate/evaluate.ts'
import { Observations } from '../../src/gate/observation.ts'
import { Project, seaworthy } from './cli.ts'

const COURTS = 'CREATE TABLE courts (id bigint PRIMARY KEY, name text);\n'
const GOOD = {
  'migrations/001_courts.sql': COURTS,
  'migrations/002_city.sql': 'ALTER TABLE courts ADD COLUMN city text;\n',
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

describe('exit codes', () => {
  it('0: an ordinary folder without any configuration passes at the first try', async () => {
    using project = new Project(GOOD)
    const { code, stdout, stderr } = await seaworthy(['check'], project.root)
    expect(stdout).toContain('PASS')
    expect(stdout).toContain('ownership was assumed')
    expect({ code, stderr: stderr.includes('bug') }).toEqual({ code: 0, stderr: false })
  })

  it('1: a bad migration is refused with its place', async () => {
    using project = new Project({
      ...GOOD,
      'migrations/003_zip.sql': '-- a comment\nCREATE INDEX i ON courts (zip);\n',
    })
    const { code, stdout } = await seaworthy(['check', '--json'], project.root)
    const report = JSON.parse(stdout)
    expect(code).toBe(1)
    expect(report).toMatchObject({ schemaVersion: 1, verdict: 'fail', exitCode: 1, partial: false })
    const found = report.checks.flatMap((check: { findings: { code: string }[] }) => check.findings)
    expect(found).toContainEqual(
      expect.objectContaining({
        code: 'apply/migration-fails',
        where: { file: 'migrations/003_zip.sql', line: 2, column: 1 },
      }),
    )
  })

  it('3: what could not be proved, such as an extension that no server here has', async () => {
    using project = new Project({ ...GOOD, 'migrations/003_gis.sql': 'CREATE EXTENSION postgis;\n' })
    const { code, stdout } = await seaworthy(['check'], project.root)
    expect(code).toBe(3)
    expect(stdout).toContain('unproven/extension-missing')
  })

  it('4: nothing to check is never a pass', async () => {
    using project = new Project({ 'README.md': '# nothing here\n', 'empty/migrations/.gitkeep': '' })
    for (const args of [['check'], ['check', 'empty/migrations']]) {
      const { code, stderr } = await seaworthy(args, project.root)
      expect(code).toBe(4)
      expect(stderr).toContain('no migrations were found')
    }
  })

  it('2: usage and configuration, each with the next step', async () => {
    using project = new Project({ ...GOOD, 'bad.config.ts': 'export default { rolls: "split" }\n' })
    const wrong: [string[], string][] = [
      [['check', '--frobnicate'], 'unknown option'],
      [['check', 'nowhere'], 'there is no folder'],
      [['check', '--only', 'migrations-magic'], 'there is no check called'],
      [['check', '--format', 'flyway'], 'one of golang-migrate'],
      [['check', '--pg', 'eighteen'], 'a major version'],
      [['check', '--report', 'pdf=x'], 'KIND=FILE'],
      [['check', '--config', 'bad.config.ts'], 'rolls'],
      [['check', '--config', 'missing.config.ts'], 'there is no configuration'],
      [['check', '--baseline', '999'], '999'],
      [['check', '--since', 'v1'], 'needs a git repository'],
    ]
    for (const [args, says] of wrong) {
      const { code, stderr } = await seaworthy(args, project.root)
      expect(stderr).toContain(says)
      expect(code).toBe(2)
    }
  })
})

describe('bad input', () => {
  it('a ledger that is no ledger, and one that is not there', async () => {
    using project = new Project({ ...GOOD, 'ledger.csv': 'once upon a time\nthere was a table\n' })
    for (const file of ['ledger.csv', 'nowhere.csv']) {
      const { code, stderr } = await seaworthy(['check', '--ledger', file], project.root)
      expect(code).toBe(2)
      expect(stderr).toContain(file)
    }
  })

  it('a file of 200 MB is refused by name and never read', async () => {
    using project = new Project({ ...GOOD, 'migrations/003_dump.sql': '-- a dump\n' })
    truncateSync(project.at('migrations/003_dump.sql'), 200_000_000)
    const { code, stdout } = await seaworthy(['check', '--json'], project.root)
    expect(code).toBe(3)
    expect(stdout).toContain('003_dump.sql')
  })

  it('invalid UTF-8 and a loop of symbolic links are unproven by name', async () => {
    using project = new Project({
      ...GOOD,
      'migrations/003_latin.sql': Buffer.from('-- caf\xe9\nSELECT 1;\n', 'latin1'),
    })
    const latin = await seaworthy(['check', '--json'], project.root)
    expect(latin.code).not.toBe(0)
    expect(latin.stdout).toContain('003_latin.sql')
    using looped = new Project(GOOD)
    symlinkSync('004_b.sql', looped.at('migrations/003_a.sql'))
    symlinkSync('003_a.sql', looped.at('migrations/004_b.sql'))
    const loop = await seaworthy(['check', '--json'], looped.root)
    expect(loop.code).not.toBe(0)
    expect(loop.stdout).toMatch(/003_a\.sql|004_b\.sql/)
  })

  it('a folder of another engine is refused by name', async () => {
    using project = new Project({
      'prisma/migrations/migration_lock.toml': 'provider = "sqlite"\n',
      'prisma/migrations/20260101000000_init/migration.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT);\n',
    })
    const { code, stderr } = await seaworthy(['check'], project.root)
    expect(code).toBe(2)
    expect(stderr).toContain('sqlite')
  })

  it('one that is only found beside others is left out, and that is said', async () => {
    using project = new Project({
      ...GOOD,
      'db/sqlite/migrations/001_a.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);\n',
    })
    const { code, stdout } = await seaworthy(['check', '--only', 'migrations-ledger'], project.root)
    expect(code).toBe(0)
    expect(stdout).toContain('db/sqlite/migrations  left out: it is not for PostgreSQL')
    expect((await seaworthy(['check', 'db/sqlite/migrations'], project.root)).code).toBe(2)
  })

  it('a place for a report that cannot be written is noticed before the run; a full disk hides no refusal', async () => {
    using project = new Project(GOOD)
    const passing = await seaworthy(
      ['check', '--only', 'migrations-contract', '--report', 'json=nowhere/x.json'],
      project.root,
    )
    expect(passing).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('nowhere') })
    project.write({ 'gone.db-wal': 'rows' })
    const unrecorded = await seaworthy(
      ['check', '--only', 'migrations-contract', '--state', 'gone.db', '--baseline', '002'],
      project.root,
    )
    expect(unrecorded.stderr).toContain('this run was not entered in the ledger')
    expect(unrecorded.stderr).toContain('gone.db-wal is there')
    const overLedger = await seaworthy(['check', '--state', 'own.db', '--report', 'json=own.db-wal'], project.root)
    expect(overLedger).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining("the ledger's place") })
    project.write({ 'migrations/003_drop.sql': 'DROP TABLE courts;\n' })
    git(project, 'init', '-q', '-b', 'main')
    const refused = await seaworthy(
      ['check', '--baseline', '002', '--only', 'migrations-contract', '--report', 'json=/dev/full'],
      project.root,
    )
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('the disk is full')
  })
})

describe('what is pending', () => {
  it('is what is new against the default branch; with nothing pending the history is applied, and a deploy is unproven', async () => {
    using project = new Project(GOOD)
    git(project, 'init', '-q', '-b', 'main')
    commitAll(project, 'first')
    const nothing = await seaworthy(['check'], project.root)
    expect(nothing.code).toBe(0)
    expect(nothing.stdout).toMatch(/0 pending|nothing is pending/)
    const deploy = await seaworthy(['check', '--action', 'deploy'], project.root)
    expect(deploy.code).toBe(3)
    expect(deploy.stdout).toContain('unproven/pending-not-anchored')
    git(project, 'checkout', '-q', '-b', 'feature')
    project.write({ 'migrations/003_drop.sql': 'DROP TABLE courts;\n' })
    expect((await seaworthy(['check'], project.root)).stdout).toContain('data-loss/drop-table')
    expect((await seaworthy(['check', '--baseline', '003', '--action', 'deploy'], project.root)).code).toBe(0)
  })

  it('cannot be computed in a shallow clone, and that is an error with the fix', async () => {
    using project = new Project(GOOD)
    git(project, 'init', '-q', '-b', 'main')
    commitAll(project, 'first')
    git(project, 'checkout', '-q', '-b', 'feature')
    project.write({ 'migrations/003_more.sql': 'CREATE TABLE more (id int);\n' })
    commitAll(project, 'second')
    using clone = new Project()
    execFileSync('git', ['clone', '-q', '--depth', '1', '--branch', 'feature', `file://${project.root}`, clone.at('x')])
    const { code, stderr } = await seaworthy(['check'], clone.at('x'))
    expect(code).toBe(2)
    expect(stderr).toMatch(/unshallow|fetch-depth/)
  })
})

describe('policy', () => {
  const accept = (expires: string): string =>
    JSON.stringify({
      policy: {
        accept: [{ code: 'data-loss/drop-table', reason: 'nobody has read it for a year', author: 'ada', expires }],
      },
    })

  it('accepts a finding until its day, and the candidate cannot bring its own acceptance', async () => {
    using project = new Project(GOOD)
    git(project, 'init', '-q', '-b', 'main')
    commitAll(project, 'first')
    git(project, 'checkout', '-q', '-b', 'feature')
    project.write({ 'migrations/003_drop.sql': 'DROP TABLE courts;\n', 'seaworthy.config.json': accept('2999-12-31') })
    commitAll(project, 'drop it')
    expect((await seaworthy(['check'], project.root)).code).toBe(0)
    const strict = await seaworthy(['check', '--config-from', 'main'], project.root)
    expect(strict.code).toBe(1)
    expect(strict.stdout).toContain('data-loss/drop-table')
    project.write({ 'seaworthy.config.json': accept('2020-01-01') })
    const expired = await seaworthy(['check'], project.root)
    expect(expired.code).toBe(1)
    expect(expired.stdout).toContain('policy/expired-acceptance')
  })

  it('reads a TypeScript configuration from a base revision, without the candidate’s own', async () => {
    using project = new Project(GOOD)
    git(project, 'init', '-q', '-b', 'main')
    const config = (profile: string): string =>
      `import { defineConfig } from 'seaworthy'\nexport default defineConfig({ profile: '${profile}' satisfies 'additive' | 'online' })\n`
    project.write({ 'seaworthy.config.ts': config('additive') })
    commitAll(project, 'first')
    git(project, 'checkout', '-q', '-b', 'feature')
    project.write({ 'seaworthy.config.ts': config('online'), 'migrations/003_t.sql': 'CREATE TABLE t (id int);\n' })
    expect((await seaworthy(['check'], project.root)).code).toBe(0)
    expect((await seaworthy(['check', '--config-from', 'main'], project.root)).code).toBe(1)
    const unknown = await seaworthy(['check', '--config-from', 'nowhere'], project.root)
    expect(unknown.code).toBe(2)
  })
})

describe('the evidence bundle', () => {
  it('is enough to judge everything again, and its digests are those of its files', async () => {
    using project = new Project({ ...GOOD, 'migrations/003_zip.sql': 'CREATE INDEX i ON courts (zip);\n' })
    const { code } = await seaworthy(['check', '--evidence', 'evidence'], project.root)
    expect(code).toBe(1)
    const read = (name: string): string => readFileSync(project.at(`evidence/${name}`), 'utf8')
    const manifest = JSON.parse(read('manifest.json'))
    for (const { path, sha256: digest } of manifest.files) expect(sha256(read(path))).toBe(digest)

    const checks = await loadChecks(manifest.checks.map((check: { id: string }) => check.id))
    await Promise.all(checks.map(async (check) => await check.prepare?.()))
    const kinds = new Map(checks.flatMap((check) => [...check.needs, ...check.uses]).map((kind) => [kind.name, kind]))
    const subjects = await Promise.all(
      manifest.subjects.map(async (subject: { name: string; observations: string[] }) => {
        const stored = subject.observations.map((name) => JSON.parse(read(name)))
        for (const one of stored) if (one.status === 'observed') await kinds.get(one.kind)?.parse(one.data)
        return { name: subject.name, observations: new Observations(stored) }
      }),
    )
    const { evaluatedAt, action, isPartial } = manifest
    const again = evaluate({
      subjects,
      checks,
      policy: JSON.parse(read('policy.json')),
      action,
      evaluatedAt,
      isPartial,
    })
    expect(again.verdict).toBe(manifest.verdict)
    expect(canonicalJson({ ...again })).toBe(read('findings.json'))
  })

  it('replaces an earlier bundle and no other folder', async () => {
    using project = new Project({ ...GOOD, 'mine/letter.txt': 'dear diary' })
    const args = ['check', '--only', 'migrations-ledger', '--evidence']
    expect((await seaworthy([...args, 'evidence'], project.root)).code).toBe(0)
    expect((await seaworthy([...args, 'evidence'], project.root)).code).toBe(0)
    expect((await seaworthy([...args, 'mine'], project.root)).code).toBe(2)
    expect(existsSync(project.at('mine/letter.txt'))).toBe(true)
  })
})

describe('output', () => {
  it('is partial with --only, and says so', async () => {
    using project = new Project(GOOD)
    const { stdout, code } = await seaworthy(['check', '--only', 'migrations-ledger', '--json'], project.root)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ partial: true, checks: [{ check: 'migrations-ledger' }] })
  })

  it('writes every kind of report', async () => {
    using project = new Project(GOOD)
    const kinds = ['sarif', 'junit', 'markdown', 'json']
    const flags = kinds.flatMap((kind) => ['--report', `${kind}=out.${kind}`])
    expect((await seaworthy(['check', ...flags], project.root)).code).toBe(0)
    for (const kind of kinds) expect(readFileSync(project.at(`out.${kind}`), 'utf8').length).toBeGreaterThan(100)
    expect(JSON.parse(readFileSync(project.at('out.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' })
  })

  it('never cuts JSON on a pipe, however long it is', async () => {
    using project = new Project(GOOD)
    for (let index = 3; index < 400; index += 1) {
      writeFileSync(
        project.at(`migrations/${String(index).padStart(3, '0')}_d.sql`),
        'ALTER TABLE courts DROP COLUMN nope;\n',
      )
    }
    const args = ['check', '--baseline', '002', '--only', 'migrations-contract', '--json']
    const { stdout, code } = await seaworthy(args, project.root)
    expect(stdout.length).toBeGreaterThan(65_536)
    expect(JSON.parse(stdout).exitCode).toBe(code)
  })

  it('explains every code, and says which are near', async () => {
    using project = new Project()
    const page = await seaworthy(['explain', 'data-loss/drop-table'], project.root)
    expect(page).toMatchObject({ code: 0, stdout: expect.stringContaining('data-loss/drop-table') })
    const wrong = await seaworthy(['explain', 'drop-table'], project.root)
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('data-loss/drop-table') })
    const misspelt = await seaworthy(['explain', 'lock/craete-indx'], project.root)
    expect(misspelt).toMatchObject({ code: 2, stderr: expect.stringContaining('Perhaps: lock/create-index') })
    expect((await seaworthy(['explain', '../../../README'], project.root)).code).toBe(2)
  })

  it('shows examples first in --help, and the version at once', async () => {
    using project = new Project()
    for (const args of [['--help'], ['check', '--help'], ['reserve', '--help']]) {
      const { stdout, code } = await seaworthy(args, project.root)
      expect(stdout.startsWith('Examples')).toBe(true)
      expect(code).toBe(0)
    }
    expect((await seaworthy(['--version'], project.root)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
