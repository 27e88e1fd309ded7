import { describe, expect, it } from 'vitest'
import { migrationsDrift } from '../../../src/checks/migrations-drift/index.ts'
import { mutants } from '../../../src/checks/migrations-drift/mutants.ts'
import { inProduction, rehearsed, sample } from '../../../src/checks/migrations-drift/sample.ts'
import { sampleFolder, sampleMigration, samplePending } from '../../../src/checks/sample-folder.ts'
import { type CheckResult, runCheck } from '../../../src/gate/check.ts'
import { type Finding, warn } from '../../../src/gate/finding.ts'
import { type Observations, notObserved } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { effectsSchema } from '../../../src/observers/effects/schema.ts'
import { effects } from '../../../src/observers/effects/kind.ts'
import type { PendingBasis } from '../../../src/observers/pending/kind.ts'
import { shape } from '../../../src/observers/shape/kind.ts'
import { shapeSchema } from '../../../src/observers/shape/schema.ts'
import { damaged } from '../damaged.ts'

const judge = (observations: Observations): CheckResult =>
  runCheck(migrationsDrift, observations, {
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    settings: DEFAULT_POLICY.settings,
  })

const withCatalogue = (
  change: (entries: readonly { object: string; definition: string }[]) => { object: string; definition: string }[],
): Observations => sample.with(inProduction(sample, ({ catalogue }) => ({ catalogue: change(catalogue) })))

describe('the judge of drift', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('refuses: %s', (_name, mutant) => {
    const result = judge(damaged(mutant, sample))
    expect(['fail', 'unproven']).toContain(result.verdict)
    const known = new Set([...migrationsDrift.explanations.map((one) => one.code), 'unproven/not-observed'])
    for (const finding of result.findings) expect(known).toContain(finding.code)
  })

  it('passes the sample, whatever the owners are called, and says what it proved', () => {
    expect(judge(sample)).toMatchObject({
      verdict: 'pass',
      findings: [],
      proved: ['3 of 3 objects of production are what the migrations build'],
    })
    effectsSchema.parse(sample.need(effects))
    shapeSchema.parse(sample.need(shape))
  })

  it('does not apply without a shape, and is unproven with one that could not be read', () => {
    expect(judge(sample.without(shape))).toMatchObject({ verdict: 'not-applicable', reason: 'no shape was given' })
    const failed = sample.with(notObserved(shape, 'file', 'it is no shape'))
    expect(judge(failed).verdict).toBe('unproven')
  })

  it('names the statement that collides', () => {
    const there = withCatalogue((entries) => [...entries, { object: 'table public.languages', definition: 'owner x' }])
    expect(judge(there).findings).toMatchObject([
      {
        code: 'drift/release-collides',
        where: { file: 'migrations/003_languages.up.sql', line: 1 },
        subject: 'table public.languages',
      },
    ])
  })

  it('folds what differs into the thing that it is a part of, and warns where the release does not touch it', () => {
    const drifted = withCatalogue((entries) => [
      ...entries.filter((entry) => entry.object !== 'column public.courts.name' && !entry.object.startsWith('view')),
      { object: 'column public.courts.name', definition: 'of table public.courts\ntype character varying(20)' },
      { object: 'column public.courts.city', definition: 'of table public.courts\ntype text' },
      { object: 'comment on column public.courts.city', definition: 'of column public.courts.city\nwhere' },
      { object: 'table public.by_hand', definition: 'owner x' },
      { object: 'column public.by_hand.a', definition: 'of table public.by_hand\ntype text' },
    ])
    const { verdict, findings } = judge(drifted)
    expect(verdict).toBe('pass')
    expect(findings.map(({ code, subject, severity }) => [severity, code, subject])).toEqual([
      ['warning', 'drift/only-in-production', 'table public.by_hand'],
      ['warning', 'drift/different', 'table public.courts'],
      ['warning', 'drift/missing', 'view public.named'],
    ])
    expect(findings[1]?.message).toContain(
      'only production has column public.courts.city; column public.courts.name is built with `type text`, and production has `type character varying(20)`',
    )
    expect(findings[1]?.message).not.toContain('comment on')
  })

  it('a column that the release adds reaches its table', () => {
    const adds = sample.with(
      rehearsed(sample, (seen) => ({
        steps: [],
        difference: {
          ...seen.difference,
          added: [{ object: 'column public.courts.city', definition: 'of table public.courts\ntype text' }],
        },
      })),
    )
    const drifted = adds.with(
      inProduction(adds, ({ catalogue }) => ({
        catalogue: catalogue.filter((entry) => entry.object !== 'column public.courts.name'),
      })),
    )
    expect(judge(drifted).findings.map((one) => one.code)).toEqual(['drift/release-touches'])
  })

  it('tells at most fifty, and how many more there are', () => {
    const many = Array.from({ length: 70 }, (_, index) => ({
      object: `table public.t${index + 100}`,
      definition: 'owner x',
    }))
    const { findings } = judge(withCatalogue((entries) => [...entries, ...many]))
    expect(findings).toHaveLength(51)
    expect(findings.at(-1)).toMatchObject({ code: 'drift/not-shown', message: expect.stringMatching(/^20 more/) })
  })

  it('warns of another major version and then leaves the texts of views alone; notes extensions', () => {
    const other = sample.with(
      inProduction(sample, ({ catalogue }) => ({
        server: { version: '15.18', major: 15, settings: [] },
        extensions: [{ name: 'citext', version: '1.5', schema: 'public' }],
        catalogue: catalogue.map((entry) =>
          entry.object.startsWith('view') ? { ...entry, definition: 'owner dba\ndefinition  SELECT courts.id' } : entry,
        ),
      })),
    )
    const { verdict, findings } = judge(other)
    expect(verdict).toBe('pass')
    expect(findings.map(({ code, severity }) => [severity, code])).toEqual([
      ['warning', 'drift/server-version'],
      ['note', 'drift/extension-version'],
    ])
    expect(findings[0]?.hint).toContain('--pg 15')
  })
})

describe('a shape that is older than what is live', () => {
  const MIGRATIONS = Array.from({ length: 12 }, (_, index) =>
    sampleMigration(`${index + 1}`.padStart(3, '0'), 'x', 'SELECT 1'),
  )
  const FILES = MIGRATIONS.slice(11).map(({ up }) => up.file)
  const row = (key: number) => ({ key: `${key}`, name: null, checksum: null, appliedAt: null, isDirty: false })
  /** Eleven are live; production's shape has so many of them in its ledger, and lacks these objects. */
  const older = (applied: number, without: readonly string[], basis: PendingBasis = 'ledger'): Finding[] => {
    const set = sample.with(sampleFolder(MIGRATIONS)).with(samplePending(FILES, { basis }))
    const captured = inProduction(set, ({ catalogue }) => ({
      capturedAt: '2026-11-20T10:00:00Z',
      ledger: {
        table: 'public.schema_migrations',
        owner: 'dba',
        style: 'rows',
        rows: Array.from({ length: applied }, (_, index) => row(index + 1)),
      },
      catalogue: catalogue.filter(({ object }) => !without.includes(object)),
    }))
    return [...judge(set.with(captured)).findings]
  }
  const CAPTURED = 'the shape is older than what is live: it was captured at 2026-11-20T10:00:00Z, and'
  const NOW = "which production's ledger has now"
  const told = (message: string, hint: string): Finding =>
    warn({ code: 'drift/shape-older', message: `${CAPTURED} ${message}`, subject: 'shape', hint })
  const AGAIN = 'Capture the shape again: seaworthy capture URL -o shape.json. Then what is left is a difference.'

  it('is told once, with what it lacks and what is then no difference', () => {
    const message = `the ledger in it does not have version 011, ${NOW}; so these differences say nothing of production: view public.named`
    expect(older(10, ['view public.named'])).toEqual([told(message, AGAIN)])
    expect(older(11, ['view public.named']).map((one) => one.code)).toEqual(['drift/missing'])
    expect(older(10, [])).toEqual([])
  })

  it('names eight versions, and counts the rest', () => {
    const names = (...versions: string[]): string => `the ledger in it does not have versions ${versions.join(', ')}`
    const eight = ['004', '005', '006', '007', '008', '009', '010', '011']
    expect(older(3, ['view public.named'])[0]?.message).toContain(`${names(...eight)}, ${NOW}`)
    const nine = ['003', ...eight.slice(0, 7)]
    expect(older(2, ['view public.named'])[0]?.message).toContain(`${names(...nine)} and 1 more, ${NOW}`)
  })

  it('is told by what git takes as live where no ledger says it', () => {
    const hint =
      'Once they are applied, capture the shape again; or give the ledger (--ledger, --ledger-url), so that what production lacks is pending.'
    const message =
      'the ledger in it does not have version 011, which the run takes as live; so these differences say nothing of production: view public.named'
    expect(older(10, ['view public.named'], 'merge-base')).toEqual([told(message, hint)])
  })

  it('has nothing besides where only what the release touches differs', () => {
    const [touched, aged, ...more] = older(10, ['table public.cases'])
    expect(touched?.code).toBe('drift/release-touches')
    expect(aged).toEqual(told(`the ledger in it does not have version 011, ${NOW}`, AGAIN))
    expect(more).toEqual([])
  })
})
