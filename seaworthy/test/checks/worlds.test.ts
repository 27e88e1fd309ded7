import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkNames, loadWorlds } from '../../src/checks/index.ts'
import { sample as drift } from '../../src/checks/migrations-drift/sample.ts'
import type { JudgeContext } from '../../src/gate/check.ts'
import { isNotHere, type World, type WorldChange } from '../../src/gate/drill/drill.ts'
import { type Observation, Observations, observed } from '../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../src/gate/policy.ts'
import { effects } from '../../src/observers/effects/kind.ts'
import { shape } from '../../src/observers/shape/kind.ts'
import { loadGrammar, parseSql } from '../../src/sql/parse.ts'
import { Project, seaworthy } from '../commands/cli.ts'

const findings = path.resolve(import.meta.dirname, '../../../docs/findings')

const CLINIC = `CREATE TABLE patients (id bigint PRIMARY KEY, name text, "Mood" text, fax text);
CREATE TABLE wards (id bigint PRIMARY KEY, title text);
CREATE TABLE visits (id bigint PRIMARY KEY, patient_id bigint REFERENCES patients (id), note text);
CREATE TABLE beds (id bigint PRIMARY KEY, label text);
ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
`

/** What a run observes of a small project: a deploy role that owns some tables and others not, a ledger, queries. */
async function observedRun(): Promise<Observations> {
  using project = new Project({
    'migrations/1_clinic.up.sql': CLINIC,
    'migrations/1_clinic.down.sql': 'DROP TABLE beds, visits, wards, patients;\n',
    'migrations/2_no_fax.up.sql': 'ALTER TABLE patients DROP COLUMN fax;\n',
    'migrations/2_no_fax.down.sql': 'ALTER TABLE patients ADD COLUMN fax text;\n',
    'migrations/3_beds.up.sql': 'CREATE UNIQUE INDEX CONCURRENTLY beds_label ON beds (label);\n',
    'migrations/3_beds.down.sql': 'DROP INDEX beds_label;\n',
    'ledger.csv': 'version,name\n1,clinic\n2,no_fax\n',
    'queries.sql': 'SELECT name FROM patients WHERE id = $1;\n',
    'seaworthy.config.ts': `export default {
      migrations: [{ dir: 'migrations', format: 'golang-migrate', ledger: 'ledger.csv', ledgerTable: 'public.applied' }],
      workload: 'queries.sql',
      roles: { mode: 'split', owns: ['public.patients', 'public.visits', 'public.beds'] },
    }\n`,
  })
  const { stderr } = await seaworthy(['check', '--evidence', 'evidence'], project.root)
  const folder = project.at('evidence/observations/1')
  if (!existsSync(folder)) throw new Error(`no evidence: ${stderr}`)
  const files = readdirSync(folder).map((file): unknown => JSON.parse(readFileSync(path.join(folder, file), 'utf8')))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return new Observations(files as Observation[])
}

const CONTEXT: JudgeContext = {
  evaluatedAt: '2026-11-21T12:00:00.000Z',
  settings: { ...DEFAULT_POLICY.settings, profile: 'additive', requireDowns: true },
  action: 'pull-request',
}

describe('bad worlds', () => {
  let run: Observations
  let worlds: readonly World[]
  const world = (name: string): World => worlds.find((one) => one.name === name)!
  const made = (name: string, observations = run, context = CONTEXT): WorldChange => {
    const change = world(name).build(observations, context)
    if (isNotHere(change)) throw new Error(`${name}: ${change.notHere}`)
    return change
  }
  const whyNot = (name: string, observations: Observations, context = CONTEXT): string => {
    const change = world(name).build(observations, context)
    return isNotHere(change) ? change.notHere : `${name} can be made`
  }

  beforeAll(async () => {
    await loadGrammar()
    const [all, found] = await Promise.all([Promise.all(checkNames.map(loadWorlds)), observedRun()])
    worlds = all.flat()
    run = found.with(drift.find(shape)!)
  }, 60_000)

  it('every check has some, each with a name of its own, and is to be refused by findings that there are', async () => {
    const counts = await Promise.all(checkNames.map(async (check) => (await loadWorlds(check)).length))
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(2)
    expect(new Set(worlds.map(({ name }) => name)).size).toBe(worlds.length)
    const unknown = worlds
      .flatMap(({ refusedBy }) => refusedBy)
      .filter((code) => !existsSync(path.join(findings, `${code}.md`)))
    expect(unknown).toEqual([])
  })

  it('each is made from what a run observed, twice the same, and leaves it as it is', () => {
    const before = JSON.stringify([...run])
    const changes = worlds.map(({ name }) => made(name))
    expect(worlds.map(({ name }) => made(name))).toEqual(changes)
    expect(changes.filter((change) => Object.keys(change).length === 0)).toEqual([])
    const sql = changes
      .flatMap(({ migration, query }) => [migration?.up, migration?.down, query])
      .filter((text) => text !== undefined)
    expect(sql.filter((text) => !parseSql(text).ok)).toEqual([])
    expect(JSON.stringify([...run])).toBe(before)
  })

  it('each says why not where nothing was observed, and none is made up', () => {
    const empty = new Observations([])
    const always = new Set([
      'server-refuses',
      'cannot-be-started-again',
      ...checkNames.map((check) => `without-${check}`),
    ])
    const others = worlds.map(({ name }) => name).filter((name) => !always.has(name))
    expect(others.filter((name) => whyNot(name, empty) === `${name} can be made`)).toEqual([])
  })

  it('harms what the migrating role owns, and leaves to the server what it may not', () => {
    expect(made('drop-table-in-a-block').migration?.up).toContain('"public"."visits"')
    expect(made('drop-table-in-a-block').migration?.up).not.toMatch(/DROP TABLE/i)
    expect(made('truncate-in-a-function').migration?.up).not.toMatch(/TRUNCATE/i)
    expect(made('table-of-another-owner').migration?.up).toContain('"public"."wards"')
    expect(made('deploy-role-becomes-owner').migration?.up).toContain('OWNER TO "deploy"')
  })

  it('harms a table that the release changes as well only where there is no other, and then without the release', () => {
    expect(made('drop-table-in-a-block').isReleaseTakenOut).toBeUndefined()
    expect(made('production-drifts').isReleaseTakenOut).toBeUndefined()
    const seen = run.need(effects)
    const touching = seen.before
      .filter(({ object }) => object.startsWith('table '))
      .map((before) => ({ before, after: before }))
    const difference = { ...seen.difference, changed: [...seen.difference.changed, ...touching] }
    const all = run.with(observed(effects, 'server', { ...seen, difference }))
    const harms = worlds.filter(({ name }) => made(name).migration?.up.includes('"public"."') === true)
    expect(harms.length).toBeGreaterThan(8)
    for (const { name } of harms)
      expect({ name, isAlone: made(name, all).isReleaseTakenOut }).toEqual({ name, isAlone: true })
  })

  it('says of nothing that it is not live where nobody looked', () => {
    expect(whyNot('drop-table-in-a-block', run.without(effects))).toContain('nobody looked which tables are live')
    const none = observed(effects, 'server', { ...run.need(effects), before: [] })
    expect(whyNot('table-of-another-owner', run.with(none))).toContain('no table is live')
  })

  it('uses the column that was dropped, and not one that never was', () => {
    expect(made('column-dropped-long-ago').migration?.up).toBe('SELECT count("fax") FROM "public"."patients";\n')
  })

  it('renames in production’s ledger what is live, and nothing else', () => {
    const [input] = made('ledger-knows-another-name').inputs ?? []
    expect(input).toMatchObject({
      kind: 'ledger',
      data: {
        rows: [
          { key: '1', name: 'clinic' },
          { key: '2', name: 'seaworthy_drill' },
        ],
      },
    })
  })

  it('edits the newest live file, and takes the version of the newest one', () => {
    expect(made('live-file-edited').files?.map(({ file }) => file)).toEqual(['migrations/2_no_fax.up.sql'])
    expect(made('two-files-one-version').files?.map(({ file }) => file)).toEqual([
      'migrations/3_seaworthy_drill.up.sql',
    ])
  })

  it('is not made where the policy does not ask for what it breaks', () => {
    const usual = { ...CONTEXT, settings: DEFAULT_POLICY.settings }
    expect(whyNot('down-that-takes-nothing-back', run, usual)).toContain('requireDowns')
    expect(whyNot('cannot-be-started-again', run, usual)).toContain('profile online')
  })
})
