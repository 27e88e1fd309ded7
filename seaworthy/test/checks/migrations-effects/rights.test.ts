import { beforeAll, describe, expect, test } from 'vitest'
import { migrationsEffects } from '../../../src/checks/migrations-effects/index.ts'
import { affected, entry, sample } from '../../../src/checks/migrations-effects/sample.ts'
import { runCheck } from '../../../src/gate/check.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { CatalogueEntry, Effects } from '../../../src/observers/effects/kind.ts'

beforeAll(async () => migrationsEffects.prepare?.())

const told = (change: (data: Effects) => Partial<Effects>) =>
  runCheck(migrationsEffects, sample.with(affected(sample, change)), {
    evaluatedAt: '2026-11-21T00:00:00Z',
    settings: DEFAULT_POLICY.settings,
  }).findings.map(({ code, severity, message, subject }) => ({ code, severity, message, subject }))

const privileges = (on: string, role: string, rights: string): CatalogueEntry =>
  entry(`privileges on ${on} for ${role}`, `of ${on}`, `granted ${rights}`)

/** What the release adds, beside what was there. */
const added = (entries: readonly CatalogueEntry[], before: readonly CatalogueEntry[] = []) =>
  told((data) => ({
    before: [...data.before, ...before],
    difference: { ...data.difference, added: [...data.difference.added, ...entries] },
  }))

const GRANT = privileges('table public.cases', 'app', 'SELECT, UPDATE')

describe('a role with rights that it did not have', () => {
  test('is warned of where somebody can log in as it, with what it gets and what it had', () => {
    expect(added([GRANT])).toEqual([
      {
        code: 'security/widen-rights',
        severity: 'warning',
        subject: 'table public.cases',
        message: 'gives app SELECT, UPDATE on table public.cases (where it had none)',
      },
    ])
  })

  test('is noted where nobody can, where it wrote to its schema before, and where the release makes it', () => {
    const severities = (entries: readonly CatalogueEntry[], before: readonly CatalogueEntry[] = []) =>
      added(entries, before).map((one) => `${one.severity} ${one.code}`)
    const note = ['note security/widen-rights']
    expect(severities([privileges('table public.cases', 'web_anon', 'SELECT')])).toEqual(note)
    expect(severities([GRANT], [privileges('table public.judges_of_old', 'app', 'INSERT')])).toEqual(note)
    expect(severities([entry('role fresh', 'login'), privileges('table public.cases', 'fresh', 'SELECT')])).toEqual(
      note,
    )
    const maker = entry('membership of app in readers', 'with admin option', 'without inherit', 'without set')
    expect(severities([privileges('table public.cases', 'readers', 'SELECT')], [entry('role readers'), maker])).toEqual(
      note,
    )
    expect(
      severities([privileges('schema public', 'app', 'CREATE')], [privileges('table public.cases', 'app', 'INSERT')]),
    ).toEqual(['warning security/widen-rights'])
  })

  test('is not told where it had them by a membership, as one of PUBLIC, by the whole table, or as the owner', () => {
    const group = [entry('role group_of_it'), entry('membership of app in group_of_it')]
    expect(added([GRANT], [...group, privileges('table public.cases', 'group_of_it', 'SELECT, UPDATE')])).toEqual([])
    expect(added([GRANT], [privileges('table public.cases', 'PUBLIC', 'SELECT, UPDATE')])).toEqual([])
    expect(added([privileges('column public.courts.name', 'app', 'SELECT')])).toEqual([])
    expect(added([privileges('table public.judges', 'app', 'SELECT')])).toEqual([])
    expect(added([GRANT], [entry('membership of app in owner')])).toEqual([])
  })

  test('is told once for one statement, however many tables there are', () => {
    const tables = ['a', 'b', 'c', 'd', 'e'].map((name) => entry(`table public.${name}`, 'owner owner'))
    const findings = added(
      tables.map(({ object }) => privileges(object, 'app', 'SELECT')),
      tables,
    )
    expect(findings).toMatchObject([{ severity: 'warning', subject: 'role app' }])
    expect(findings[0]?.message).toContain('and on 2 more')
  })

  test('is told of what will be made, too', () => {
    const name = 'default privileges of owner on tables'
    expect(added([entry(name, 'SELECT to app')])).toContainEqual({
      code: 'security/widen-rights',
      severity: 'warning',
      subject: 'default privileges',
      message: 'grants SELECT to app on what is made from now on',
    })
    expect(added([entry(name, 'SELECT to web_anon')]).map((one) => one.severity)).toEqual(['note', 'note'])
  })
})

describe('a partition of a protected table', () => {
  const family = [
    entry('table public.cases_old', 'owner owner', 'partition of public.cases FOR VALUES FROM (1) TO (2)'),
    entry('table public.cases_older', 'owner owner', 'partition of public.cases FOR VALUES FROM (0) TO (1)'),
  ]
  const readable = (name: string, role = 'app'): CatalogueEntry => privileges(`table public.${name}`, role, 'SELECT')
  const codes = (entries: readonly CatalogueEntry[], before: readonly CatalogueEntry[]) =>
    added(entries, before).flatMap(({ code, subject }) => (code.includes('part-around') ? [`${code} ${subject}`] : []))

  test('refuses where others read it by its own name, past the policies', () => {
    const told = ['security/part-around-row-security table public.cases_old']
    expect(codes([readable('cases_old')], family)).toEqual(told)
    expect(codes([...family.slice(0, 1), readable('cases_old')], [])).toEqual(told)
  })

  test('is fine where only its owner does, and where its reader got past them before', () => {
    expect(codes([readable('cases_old', 'owner')], family)).toEqual([])
    expect(codes(family, [])).toEqual([])
    expect(codes([readable('cases_old')], [...family, readable('cases_older')])).toEqual([])
  })
})

describe('memberships', () => {
  test('that the server itself gives to who makes a role are no finding', () => {
    const facets = ['with admin option', 'without inherit', 'without set']
    expect(added([entry('role fresh', 'login'), entry('membership of deploy in fresh', ...facets)])).toEqual([])
    expect(added([entry('role fresh'), entry('membership of deploy in fresh', 'with admin option')])).toMatchObject([
      { severity: 'error', code: 'security/grant-role' },
    ])
  })
})

describe('a password that stands in the text', () => {
  const run = (text: string) =>
    told(({ steps }) => ({
      steps: steps.map((step) => ({
        ...step,
        statements: step.statements.map((one, index) => (index === 0 ? { ...one, line: 90, endLine: 90, text } : one)),
      })),
    })).filter((one) => one.code === 'security/password-in-text')

  test.each([
    ["CREATE ROLE reporter LOGIN PASSWORD 'hunter2'", 'role reporter'],
    ["CREATE USER MAPPING FOR app SERVER far OPTIONS (password 'hunter2')", 'server far'],
    [
      "CREATE SUBSCRIPTION s CONNECTION 'host=x password=hunter2' PUBLICATION p WITH (connect = false)",
      'subscription s',
    ],
    ["SELECT dblink_connect('host=x password=hunter2')", 'dblink_connect()'],
  ])('%s', (text, subject) => {
    const findings = run(text)
    expect(findings).toMatchObject([{ severity: 'warning', subject }])
    expect(JSON.stringify(findings)).not.toContain('hunter2')
  })

  test('is not there where a role has none, or where a block makes it up', () => {
    expect(run('CREATE ROLE reporter LOGIN PASSWORD NULL')).toEqual([])
    expect(run('CREATE ROLE reporter LOGIN')).toEqual([])
    expect(run("DO $$ BEGIN EXECUTE 'ALTER ROLE app PASSWORD ' || quote_literal(gen_random_uuid()); END $$")).toEqual(
      [],
    )
    expect(run("DO $$ BEGIN EXECUTE 'ALTER ROLE app PASSWORD ''hunter2'''; END $$")).toMatchObject([
      { subject: 'role app' },
    ])
  })
})
