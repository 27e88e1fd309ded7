import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkNames } from '../../src/checks/index.ts'
import type { DrillReport } from '../../src/reports/drill.ts'
import { startCatalogueServer } from '../postgres/catalogue-server.ts'
import { Project, seaworthy, start } from './cli.ts'

const git = (project: Project, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], {
    cwd: project.root,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  }).trim()

function commitAll(project: Project): void {
  git(project, 'init', '--quiet', '--initial-branch', 'main')
  git(project, 'add', '-A')
  git(project, 'commit', '--quiet', '-m', 'what is live')
}

/** Every file of a folder with its size and the time of its last change. */
const listing = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => {
      const { size, mtimeMs } = statSync(path.join(root, file))
      return `${file} ${size} ${mtimeMs}`
    })
    .toSorted()

const CLINIC = `CREATE TABLE IF NOT EXISTS patients (id bigint PRIMARY KEY, name text, mood text, fax text);
CREATE TABLE IF NOT EXISTS wards (id bigint PRIMARY KEY, title text);
CREATE TABLE IF NOT EXISTS visits (id bigint PRIMARY KEY, patient_id bigint, note text);
ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON visits USING (patient_id = 1);
`
const NO_FAX = 'ALTER TABLE patients DROP COLUMN fax;\n'
const SMALL = {
  'migrations/001_courts.sql': 'CREATE TABLE courts (id bigint PRIMARY KEY, name text);\n',
  'migrations/002_city.sql': 'ALTER TABLE courts ADD COLUMN city text;\n',
}

/** A project that gives the gate all that it can use: production's shape with its ledger and queries, and its answers. */
async function clinic(project: Project): Promise<void> {
  await using server = await startCatalogueServer(null)
  const client = await server.database()
  try {
    await client.query(`CREATE ROLE clinic LOGIN; CREATE ROLE registrar LOGIN; GRANT registrar TO clinic;
      GRANT CREATE ON SCHEMA public TO clinic; ALTER DATABASE ${client.database} OWNER TO clinic; SET ROLE clinic;
      ${CLINIC} ${NO_FAX}
      CREATE TABLE applied (version text PRIMARY KEY, name text, checksum text, applied_at timestamptz DEFAULT now());
      INSERT INTO applied VALUES ('1', 'clinic'), ('2', 'no_fax'); RESET ROLE;
      ALTER TABLE wards OWNER TO registrar; REVOKE registrar FROM clinic`)
    const { superuser, socketDir, port } = server.server
    const url = `postgresql://${superuser}@${encodeURIComponent(socketDir)}:${port}/${client.database}`
    const captured = await seaworthy(
      ['capture', url, '-o', 'shape.json', '--format', 'golang-migrate', '--ledger-table', 'public.applied'],
      project.root,
    )
    const flags = ['--shape', 'shape.json', '--baseline', '2']
    const proved = await seaworthy(['prove', ...flags], project.root, { SEAWORTHY_PROVE_URL: url })
    if (captured.code !== 0 || proved.code !== 0) throw new Error(captured.stderr + proved.stderr + proved.stdout)
  } finally {
    await client.end()
  }
}

const CONFIG = `import { defineConfig } from 'seaworthy'

export default defineConfig({
  migrations: [{ dir: 'migrations', format: 'golang-migrate', ledgerTable: 'public.applied' }],
  profile: 'additive',
  shape: 'shape.json',
  answers: 'seaworthy-answers.json',
  workload: 'queries.sql',
  policy: { requireDowns: true },
})
`

/** One for each sort of change, and each that needs something special of the project. */
const WORLDS = [
  'two-files-one-version',
  'ledger-knows-another-name',
  'column-dropped-long-ago',
  'table-of-another-owner',
  'server-refuses',
  'row-security-off',
  'release-accepts-its-own-harm',
  'rename-column-of-a-query',
  'answers-of-another-database',
  'production-drifts',
  'cannot-be-started-again',
  'down-that-takes-nothing-back',
  'without-migrations-drift',
]

describe('a drill', () => {
  it('shows that a project which gives the gate all it can use is safe, and leaves the project alone', async () => {
    using project = new Project({
      'migrations/1_clinic.up.sql': CLINIC,
      'migrations/1_clinic.down.sql': 'DROP TABLE visits, wards, patients;\n',
      'migrations/2_no_fax.up.sql': NO_FAX,
      'migrations/2_no_fax.down.sql': 'ALTER TABLE patients ADD COLUMN fax text;\n',
      'migrations/3_moods.up.sql': 'CREATE UNIQUE INDEX IF NOT EXISTS moods ON patients (mood);\n',
      'migrations/3_moods.down.sql': 'DROP INDEX moods;\n',
      'queries.sql': 'SELECT name FROM patients WHERE id = $1;\n',
    })
    await clinic(project)
    project.write({ 'seaworthy.config.ts': CONFIG })
    commitAll(project)
    const before = listing(project.root)
    // Read from the base: a release that brings its own configuration would loosen whatever the tree's own says.
    const names = WORLDS.flatMap((name) => ['--world', name])
    const { code, stdout, stderr } = await seaworthy(
      ['drill', '--config-from', 'main', ...names, '--json'],
      project.root,
    )
    const report: DrillReport = JSON.parse(stdout)
    expect(report.control).toEqual({ verdict: 'pass', refusals: [], unlike: null })
    const others = report.rows.filter(({ outcome }) => outcome !== 'refused')
    expect(others.map(({ world, outcome, why }) => ({ world, outcome, why }))).toEqual([])
    expect(report.rows.map(({ world }) => world).toSorted()).toEqual(WORLDS.toSorted())
    expect({ code, isBug: stderr.includes('bug in Seaworthy') }).toEqual({ code: 0, isBug: false })
    expect(listing(project.root)).toEqual(before)
  }, 240_000)

  it('1: a policy lets bad worlds through, and each survivor has its reason', async () => {
    const accept = `accept: [{ code: 'data-loss/drop-table', reason: 'we never had one that mattered', author: 'Bob', expires: '2999-01-01' }]`
    using project = new Project({
      ...SMALL,
      'seaworthy.config.ts': `export default { baseline: '002', policy: { ${accept}, required: { 'pull-request': ['migrations-ledger'] } } }\n`,
    })
    commitAll(project)
    const own = 'release-accepts-its-own-harm'
    const names = ['drop-behind-two-dashes', own, 'without-migrations-effects', 'without-migrations-ledger']
    const { code, stdout } = await seaworthy(
      ['drill', ...names.flatMap((name) => ['--world', name]), '--report', 'markdown=drill.md'],
      project.root,
    )
    expect(code).toBe(1)
    expect(stdout).toMatch(/LET THROUGH {2}drop-behind-two-dashes[^→]*→ accepted by the policy: data-loss\/drop-table/)
    expect(stdout).toMatch(
      /LET THROUGH {2}without-migrations-effects[^→]*→ the policy does not require migrations-effects/,
    )
    expect(stdout).toMatch(/refused {6}without-migrations-ledger[^→]*→ by policy\/required-check-missing/)
    // Its configuration is a module that imports the user's own.
    expect(stdout).toMatch(
      /LET THROUGH {2}release-accepts-its-own-harm[^→]*→ only told as a warning: policy\/input-changed/,
    )
    expect(stdout).toContain('1 of 4 refused, 3 let through')
    expect(readFileSync(project.at('drill.md'), 'utf8')).toContain('| LET THROUGH | `drop-behind-two-dashes` |')
  }, 120_000)

  it('3: every live table is touched by the release, and its harms are tried without it; one that nobody could try is told', async () => {
    using project = new Project(SMALL)
    const names = ['drop-table-in-a-block', 'rename-column', 'row-security-off']
    const { code, stdout } = await seaworthy(
      ['drill', '--baseline', '001', ...names.flatMap((name) => ['--world', name])],
      project.root,
    )
    expect(stdout).toMatch(/refused {6}drop-table-in-a-block[^→]*→ by data-loss\/drop-table/)
    expect(stdout).toMatch(/refused {6}rename-column[^→]*→ by compat\/rename-column/)
    expect(stdout).toContain('NOT TRIED: no harm of security can be made here\n')
    expect(code).toBe(0)
    expect(readdirSync(project.at('migrations'))).toEqual(['001_courts.sql', '002_city.sql'])
    const none = ['--world', 'drop-table-in-a-block', '--world', 'server-refuses']
    const untried = await seaworthy(['drill', '--all', ...none], project.root)
    expect(untried.stdout).toContain('NOT TRIED: no harm of data-loss can be made here. Without data-loss')
    expect(untried.code).toBe(3)
  }, 240_000)

  it('3: a copy that is not judged like the project proves nothing', async () => {
    using project = new Project({
      ...SMALL,
      'seaworthy.config.ts': `export { default } from './own-settings.ts'\n`,
      '.gitignore': 'own-settings.ts\n',
      'own-settings.ts': `export default { baseline: '001' }\n`,
    })
    commitAll(project)
    const { code, stdout } = await seaworthy(['drill', '--world', 'server-refuses'], project.root)
    expect(stdout).toContain('of an unchanged copy the gate gives no answer')
    expect(stdout).toContain('nothing was drilled')
    expect(code).toBe(3)
  }, 120_000)

  it('4: nothing that could be drilled is never a pass', async () => {
    using project = new Project(SMALL)
    const { code, stdout } = await seaworthy(['drill', '--all', '--world', 'ledger-knows-another-name'], project.root)
    expect(stdout).toMatch(/not here {5}ledger-knows-another-name[^→]*→ production's ledger was not given/)
    expect(code).toBe(4)
  }, 120_000)

  it('of earlier evidence asks the gate of now, about this project only', async () => {
    using project = new Project({
      'migrations/1_clinic.sql': CLINIC,
      'migrations/2_x.sql': 'CREATE TABLE x (id int);\n',
    })
    await seaworthy(['check', '--baseline', '1', '--evidence', 'e'], project.root)
    const drill = async (...more: string[]) =>
      await seaworthy(['drill', '--tier', 'judge', '--evidence', 'e', '--json', ...more], project.root)
    const survivors = ({ stdout }: { stdout: string }): string[] => {
      const { rows }: DrillReport = JSON.parse(stdout)
      return rows.flatMap(({ outcome, why }) => (outcome === 'survived' ? [why ?? ''] : []))
    }
    const accepted = (of: string[]): string[] => of.filter((why) => why.includes('nothing mattered'))
    expect(accepted(survivors(await drill()))).toEqual([])
    const accept = [{ code: 'data-loss/drop-table', reason: 'nothing mattered', author: 'Bob', expires: '2999-01-01' }]
    project.write({ 'seaworthy.config.json': JSON.stringify({ policy: { accept } }) })
    const loose = await drill()
    expect(loose.code).toBe(1)
    expect(accepted(survivors(loose))).not.toEqual([])
    rmSync(project.at('migrations'), { recursive: true })
    expect(await drill()).toMatchObject({ code: 2, stderr: expect.stringContaining('is of another project') })
  }, 60_000)

  it('2: a world that there is not, and a report that there is not', async () => {
    using project = new Project(SMALL)
    const unknown = await seaworthy(['drill', '--world', 'sunny-day'], project.root)
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no bad world called sunny-day'),
    })
    const both = await seaworthy(['drill', '--world', 'rename-column', '--evidence', 'bundle'], project.root)
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('the judge tier, which --world leaves out') })
    const tier = await seaworthy(['drill', '--tier', 'world', '--evidence', 'bundle'], project.root)
    expect(tier.stderr).toContain('--evidence is for the judge tier, which --tier world leaves out')
    expect(tier.stderr).not.toContain('--world')
    const judge = await seaworthy(['drill', '--tier', 'judge', '--world', 'rename-column'], project.root)
    expect(judge.stderr).toContain('--world is for the world tier, which --tier judge leaves out')
    const pdf = await seaworthy(['drill', '--report', 'pdf=x'], project.root)
    expect(pdf).toMatchObject({ code: 2, stderr: expect.stringContaining('markdown=FILE') })
    for (const [name, why] of [
      ['package.json', 'is no markdown report of ours'],
      ['own.db', "the ledger's place"],
    ] as const) {
      project.write({ 'package.json': '{}' })
      const over = await seaworthy(['drill', '--report', `markdown=${name}`], project.root, {
        SEAWORTHY_STATE: 'own.db',
      })
      expect(over).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(why) })
    }
  })

  it('lists the bad worlds of every check, with what refuses each', async () => {
    using project = new Project()
    const { code, stdout } = await seaworthy(['drill', '--list', '--json'], project.root)
    const { worlds }: { worlds: { check: string; refusedBy: string[] }[] } = JSON.parse(stdout)
    expect(code).toBe(0)
    expect(new Set(worlds.map(({ check }) => check))).toEqual(new Set(checkNames))
    expect(worlds.every(({ refusedBy }) => refusedBy.length > 0)).toBe(true)
  })

  it('130: ctrl-C takes every copy away', async () => {
    using project = new Project({ ...SMALL, 'tmp/.gitkeep': '', '.gitignore': 'tmp\n' })
    using temporary = new Project()
    const running = start(['drill', '--baseline', '001', '--tier', 'world'], project.root, { TMPDIR: temporary.root })
    await running.says('bad world')
    expect(readdirSync(temporary.root).some((name) => name.startsWith('seaworthy-drill-'))).toBe(true)
    running.kill('SIGINT')
    expect((await running.done).code).toBe(130)
    expect(readdirSync(temporary.root).filter((name) => name.startsWith('seaworthy-drill-'))).toEqual([])
  }, 120_000)
})
