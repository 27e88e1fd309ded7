import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { migrationsDown } from '../../../src/checks/migrations-down/index.ts'
import { defects, gaps, mutants } from '../../../src/checks/migrations-down/mutants.ts'
import { failure, lastTried, sample, tried } from '../../../src/checks/migrations-down/sample.ts'
import { type CheckResult, runCheck } from '../../../src/gate/check.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { pending } from '../../../src/observers/pending/kind.ts'
import { type DownTrial, rehearsalDown } from '../../../src/observers/rehearsal-down/kind.ts'
import { damaged } from '../damaged.ts'

const judge = (observations: Observations, requireDowns = false): CheckResult =>
  runCheck(migrationsDown, observations, {
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    settings: { ...DEFAULT_POLICY.settings, requireDowns },
  })

const withLast = (change: Partial<DownTrial>): Observations => sample.with(lastTried(sample, change))

const withoutDowns = (observations: Observations, versions: readonly string[]): Observations => {
  const tree = observations.need(migrationTree)
  const migrations = tree.migrations.map((one) => (versions.includes(one.version) ? { ...one, down: null } : one))
  return observations.with(observed(migrationTree, 'folder migrations', { ...tree, migrations })).with(
    tried(observations, ({ trials }) => ({
      trials: trials.map((trial) =>
        versions.includes(trial.version) ? { ...trial, downFile: null, outcome: 'no-down-file' } : trial,
      ),
    })),
  )
}

describe('the judge of the downs', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('refuses: %s', (_name, mutant) => {
    const result = judge(damaged(mutant, sample), mutant.context?.settings?.requireDowns)
    expect(['fail', 'unproven']).toContain(result.verdict)
  })

  it.each(gaps.map((mutant) => [mutant.name, mutant] as const))(
    'refuses without requireDowns too: %s',
    (_name, mutant) => {
      expect(judge(damaged(mutant, sample)).verdict).toBe('unproven')
    },
  )

  it.each(defects.map((mutant) => [mutant.name, mutant] as const))('warns by default: %s', (_name, mutant) => {
    const result = judge(damaged(mutant, sample))
    expect(result.verdict).toBe('pass')
    expect(result.findings.map((finding) => finding.severity)).toEqual(['warning'])
    expect(result.proved.join()).not.toContain('2 of 2')
  })

  it('passes the sample in both modes, and says what it proved', () => {
    for (const requireDowns of [false, true]) {
      expect(judge(sample, requireDowns)).toMatchObject({
        verdict: 'pass',
        findings: [],
        proved: [
          'the down of 2 of 2 migrations leaves the schema as it was, and the up applies again; what becomes of rows was not tried',
        ],
      })
    }
  })

  it('returns only codes that are explained', () => {
    const explained = new Set(migrationsDown.explanations.map((one) => one.code))
    const codes = mutants
      .flatMap((mutant) => judge(damaged(mutant, sample), true).findings)
      .map((finding) => finding.code)
    const own = codes.filter((code) => code !== 'unproven/not-observed')
    expect(new Set(own)).toEqual(explained)
  })
})

describe('what a person reads', () => {
  it('names the failing statement, its place and the SQLSTATE', () => {
    const { findings } = judge(withLast({ outcome: 'down-failed', failure: failure({ leavesHalf: true }) }), true)
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      code: 'apply/down-failed',
      outcome: 'fail',
      where: { file: 'migrations/003_hearings.down.sql', line: 2, column: 1 },
    })
    expect(findings[0]?.message).toMatch(/42P01.*DROP TABLE hearing.*half-way/s)
  })

  it('names a left-over table and not its parts, and the statements that take things back', () => {
    const { findings } = judge(
      withLast({
        leftOver: [
          { object: 'column public.a.id', definition: 'of table public.a\ntype bigint' },
          { object: 'column public.users."Name"', definition: 'of table public.users\ntype text' },
          { object: 'constraint a_pkey on public.a', definition: 'of table public.a\nPRIMARY KEY (id)' },
          { object: 'constraint c on public.users', definition: 'of table public.users\nCHECK (true)' },
          { object: 'index public.a_pkey', definition: 'of constraint a_pkey on public.a' },
          { object: 'table public.a', definition: 'owner deploy' },
        ],
      }),
    )
    expect(findings[0]?.message).toBe(
      'the down of 003 leaves over column public.users."Name", constraint c on public.users, table public.a',
    )
    expect(findings[0]?.hint).toContain(
      'ALTER TABLE public.users DROP COLUMN "Name"; ALTER TABLE public.users DROP CONSTRAINT c; DROP TABLE public.a;',
    )
  })

  it('does not lose entries that claim to be parts of each other', () => {
    const leftOver = [
      { object: 'a', definition: 'of b' },
      { object: 'b', definition: 'of a' },
    ]
    expect(judge(withLast({ leftOver }), true)).toMatchObject({ verdict: 'fail' })
  })

  it('shows what was and what is now, facet by facet', () => {
    const before = {
      object: 'column public.users.email',
      definition: "of table public.users\ntype text\nnot null\ndefault 'x'",
    }
    const after = { ...before, definition: "of table public.users\ntype text\ndefault 'y'" }
    const missing = [{ object: 'index public.i', definition: 'of table public.users' }]
    const { findings } = judge(withLast({ missing, changed: [{ before, after }] }))
    expect(findings.map((finding) => finding.message)).toEqual([
      "the down of 003 does not bring back index public.i, and brings back with a difference column public.users.email (was: not null, default 'x'; now: default 'y')",
    ])
  })

  it('takes a constraint that was validated for what it is', () => {
    const before = {
      object: 'constraint c on public.o',
      definition: "of table public.o\nCHECK ((s <> ''::text)) NOT VALID",
    }
    const after = { ...before, definition: "of table public.o\nCHECK ((s <> ''::text))" }
    expect(judge(withLast({ changed: [{ before, after }] })).findings).toEqual([])
    expect(judge(withLast({ changed: [{ before: after, after: before }] })).findings).toHaveLength(1)
    const other = { ...after, definition: 'of table public.o\nCHECK (true)' }
    expect(judge(withLast({ changed: [{ before, after: other }] })).findings).toHaveLength(1)
  })

  it('tells what a down left over as the reason why the up does not apply again', () => {
    const leftOver = [{ object: 'table public.x', definition: 'columns' }]
    const { findings } = judge(withLast({ outcome: 'up-again-failed', failure: failure(), leftOver }))
    expect(findings).toMatchObject([
      {
        code: 'apply/up-after-down-failed',
        message: expect.stringContaining('The down of 003 leaves over table public.x.'),
        hint: expect.stringContaining('DROP TABLE public.x;'),
      },
    ])
  })

  it('says once why several downs were not tried', () => {
    const upFailed = failure({ file: 'migrations/002_cases.up.sql', version: '002' })
    const observations = sample.with(
      tried(sample, ({ trials }) => ({
        trials: trials.map((trial, index) =>
          index === 0 ? { ...trial, outcome: 'up-failed', failure: upFailed } : { ...trial, outcome: 'not-reached' },
        ),
      })),
    )
    const { verdict, findings, proved } = judge(observations)
    expect(verdict).toBe('unproven')
    expect(proved).toEqual([])
    expect(findings.map((finding) => finding.message)).toEqual([
      'the down of 002 and of 1 more was not tried: the up did not apply at 002: table "hearing" does not exist (SQLSTATE 42P01)',
    ])
  })
})

describe('what the rehearsal itself cut short', () => {
  it.each([{ isInfrastructure: true }, { missingExtension: 'postgis' }])('is unproven and no refusal: %o', (change) => {
    const { verdict, findings } = judge(withLast({ outcome: 'down-failed', failure: failure(change) }), true)
    expect(verdict).toBe('unproven')
    expect(findings.map((finding) => finding.code)).toEqual(['unproven/down-not-tried'])
  })

  it('is told, if a whole history without a migration was asked for', () => {
    const empty = sample
      .with(observed(pending, 'git', { ...sample.need(pending), files: [] }))
      .with(observed(migrationTree, 'folder', { ...sample.need(migrationTree), migrations: [] }))
      .with(tried(sample, () => ({ extent: 'all', trials: [] })))
    expect(judge(empty, true).findings.map((finding) => finding.code)).toEqual(['unproven/downs-incomplete'])
  })
})

describe('when downs are not required', () => {
  it('does not apply to a folder without down files', () => {
    const observations = withoutDowns(sample, ['001', '002', '003'])
    expect(judge(observations)).toMatchObject({ verdict: 'not-applicable', findings: [] })
    expect(judge(observations, true)).toMatchObject({ verdict: 'fail' })
  })

  it('does not apply when nothing is pending', () => {
    const none = sample
      .with(observed(pending, 'git', { ...sample.need(pending), files: [] }))
      .with(tried(sample, () => ({ trials: [] })))
    expect(judge(none, true).verdict).toBe('not-applicable')
    const all = none.with(tried(none, () => ({ extent: 'all' })))
    expect(judge(all, true).verdict).toBe('unproven')
  })

  it('is never not applicable for want of an observation', () => {
    const context = { evaluatedAt: '', settings: DEFAULT_POLICY.settings }
    const without = [rehearsalDown, migrationTree, pending].map((kind) => sample.without(kind))
    for (const observations of without) {
      expect(migrationsDown.applicability?.(observations, context)).toEqual({ applies: true })
    }
  })

  it('never claims that downs work when none does', () => {
    const observations = withoutDowns(withLast({ outcome: 'down-failed', failure: failure() }), ['002'])
    const { verdict, proved } = judge(observations)
    expect(verdict).toBe('pass')
    expect(proved).toEqual(['the downs are no good way back: 1 fails, 1 is missing'])
  })
})

describe('any set of trials', () => {
  const outcome = fc.constantFrom<DownTrial['outcome'][]>(
    'reverted',
    'no-down-file',
    'up-failed',
    'down-failed',
    'up-again-failed',
    'not-reached',
  )
  const entry = fc.record({ object: fc.string(), definition: fc.string() })
  const change = fc.record({
    outcome,
    failure: fc.option(fc.record({ isInfrastructure: fc.boolean() }).map((flags) => failure(flags))),
    leftOver: fc.array(entry, { maxLength: 2 }),
    missing: fc.array(entry, { maxLength: 2 }),
    changed: fc.array(fc.record({ before: entry, after: entry }), { maxLength: 2 }),
  })

  it('passes with requireDowns only if every down is known to work, and is judged the same each time', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 2, maxLength: 2 }), (changes) => {
        const observations = sample.with(
          tried(sample, ({ trials }) => ({ trials: trials.map((trial, index) => ({ ...trial, ...changes[index] })) })),
        )
        const strict = judge(observations, true)
        const isClean = observations
          .need(rehearsalDown)
          .trials.every(
            (trial) =>
              trial.outcome === 'reverted' &&
              trial.failure === null &&
              trial.leftOver.length + trial.missing.length + trial.changed.length === 0,
          )
        expect(strict.verdict === 'pass').toBe(isClean)
        expect(judge(observations, true)).toEqual(strict)
        expect(judge(observations).verdict).not.toBe('fail')
      }),
    )
  })
})
