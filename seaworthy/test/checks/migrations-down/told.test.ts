import { describe, expect, it } from 'vitest'
import { judge } from '../../../src/checks/migrations-down/judge.ts'
import { failure, lastTried, sample, tried } from '../../../src/checks/migrations-down/sample.ts'
import { cannotProve, type Finding, refuse, warn } from '../../../src/gate/finding.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Judgement } from '../../../src/gate/verdict.ts'
import { plainError } from '../../../src/migrations/engine.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { pending } from '../../../src/observers/pending/kind.ts'
import type { DownTrial } from '../../../src/observers/rehearsal-down/kind.ts'

const told = (observations: Observations, requireDowns = true): Judgement =>
  judge(observations, {
    evaluatedAt: '2026-11-21T12:00:00.000Z',
    settings: { ...DEFAULT_POLICY.settings, requireDowns },
  })

const withLast = (change: Partial<DownTrial>, of = sample): Observations => of.with(lastTried(of, change))
const withBoth = (first: Partial<DownTrial>, last: Partial<DownTrial>): Observations =>
  sample.with(tried(sample, ({ trials }) => ({ trials: trials.map((one, at) => ({ ...one, ...[first, last][at] })) })))

/** The sample, and the newest migration has no down file. */
const tree = sample.need(migrationTree)
const downless = sample.with(
  observed(migrationTree, 'folder', {
    ...tree,
    migrations: tree.migrations.map((one) => (one.version === '003' ? { ...one, down: null } : one)),
  }),
)

const SUBJECT = 'migration 003'
const UP = 'migrations/003_hearings.up.sql'
const DOWN = 'migrations/003_hearings.down.sql'
const SERVER_SAID = 'table "hearing" does not exist (SQLSTATE 42P01)'
const left = { object: 'index public.i', definition: 'of table public.cases' }

describe('trials that do not fit', () => {
  const incomplete = {
    findings: [
      cannotProve({
        code: 'unproven/downs-incomplete',
        message: 'the trial of the downs does not fit the migrations that it was asked for',
        subject: 'rehearsal-down',
        hint: 'Run again. If it stays, please report it with the evidence folder (--evidence DIR).',
      }),
    ],
    proved: [],
  }
  const failed = failure()
  const changed = [{ before: left, after: left }]
  it.each<[string, Observations]>([
    ['a trial of another up file', withLast({ file: 'migrations/003_other.up.sql' })],
    [
      'a trial more than there are migrations',
      sample.with(tried(sample, ({ trials }) => ({ trials: [...trials, trials[0]!] }))),
    ],
    ['a trial in another order', sample.with(tried(sample, ({ trials }) => ({ trials: trials.toReversed() })))],
    ['a way back without a down file', withLast({ downFile: null }, downless)],
    [
      'a down that failed without being there',
      withLast({ downFile: null, outcome: 'down-failed', failure: failed }, downless),
    ],
    ['a second up after no down', withLast({ downFile: null, outcome: 'up-again-failed', failure: failed }, downless)],
    ['no down file, and a failure', withLast({ downFile: null, outcome: 'no-down-file', failure: failed }, downless)],
    ['an up that failed for no reason', withLast({ outcome: 'up-failed' })],
    ['a second up that failed for no reason', withLast({ outcome: 'up-again-failed' })],
    ['what was lost, and no comparison', withLast({ outcome: 'down-failed', failure: failed, missing: [left] })],
    ['what was changed, and no comparison', withLast({ outcome: 'not-reached', changed })],
    [
      'as much left over as lost, and no comparison',
      withLast({ outcome: 'not-reached', leftOver: [left], missing: [left] }),
    ],
    [
      'as much changed as left over, and no comparison',
      withLast({ outcome: 'not-reached', leftOver: [left], changed }),
    ],
    ['what the folder does not have', sample.with(observed(pending, 'git', { ...sample.need(pending), files: ['x'] }))],
  ])('prove nothing: %s', (_, observations) => {
    expect(told(observations)).toEqual(incomplete)
    expect(told(observations, false)).toEqual(incomplete)
  })
})

describe('what is told of a down', () => {
  const place = { where: { file: DOWN, line: 2, column: 1 }, subject: SUBJECT }

  it('that fails: what the server said, the statement on one line, and how far it came', () => {
    const text = 'DROP TABLE\n\n  hearing'
    const statement = { index: 1, line: 7, column: 3, text }
    const hint = 'Try the down right after its up, on an empty database, and mend it while the migration is pending.'
    const say = (change: Parameters<typeof failure>[0]) =>
      told(withLast({ outcome: 'down-failed', failure: failure(change) })).findings
    expect(say({ statement, leavesHalf: true })).toEqual([
      refuse({
        code: 'apply/down-failed',
        message: `the down of 003 fails: ${SERVER_SAID}. The statement is: DROP TABLE hearing. What stands before it is already committed: production would be left half-way.`,
        where: { file: DOWN, line: 7, column: 3 },
        subject: SUBJECT,
        hint,
      }),
    ])
    expect(say({ statement: null })).toEqual([
      refuse({
        code: 'apply/down-failed',
        message: `the down of 003 fails: ${SERVER_SAID}.`,
        where: { file: DOWN, line: 1, column: 1 },
        subject: SUBJECT,
        hint,
      }),
    ])
    const error = { ...plainError(null, 'no'), detail: 'the table is in use' }
    expect(say({ statement: null, error })[0]?.message).toBe('the down of 003 fails: no; the table is in use.')
  })

  it('that its role may not run', () => {
    const denied = failure({ error: plainError('42501', 'must be owner') })
    expect(told(withLast({ outcome: 'down-failed', failure: denied })).findings).toEqual([
      refuse({
        code: 'apply/down-failed',
        message: 'the down of 003 fails: must be owner (SQLSTATE 42501). The statement is: DROP TABLE hearing.',
        hint: 'The role that migrates may not do this: give it the right, or let the owner take the migration back.',
        ...place,
      }),
    ])
  })

  it('after which the up does not apply again, with and without a reason', () => {
    const again = { outcome: 'up-again-failed', failure: failure({ file: UP, statement: null }) } as const
    const input = {
      code: 'apply/up-after-down-failed',
      message: `after its down, migration 003 does not apply again: ${SERVER_SAID}.`,
      where: { file: UP, line: 1, column: 1 },
      subject: SUBJECT,
      hint: 'The down left something behind or took away too much: take back in it exactly what the up made.',
    }
    expect(told(withLast(again)).findings).toEqual([refuse(input)])
    expect(
      told(withLast({ ...again, leftOver: [left], missing: [{ object: 'table t', definition: '' }] })).findings,
    ).toEqual([
      refuse({
        ...input,
        message: `${input.message} The down of 003 leaves over index public.i. The down of 003 does not bring back table t.`,
        hint: `Add to ${DOWN}: DROP INDEX public.i; Bring it back in ${DOWN} as it was before the up. Data that the up threw away no down brings back.`,
      }),
    ])
  })

  it('that is not there: it refuses where downs are required, and warns else', () => {
    const missing = withLast({ downFile: null, outcome: 'no-down-file' }, downless)
    const input = {
      code: 'apply/down-missing',
      message: 'migration 003 has no down file',
      where: { file: UP, line: 1, column: 1 },
      subject: SUBJECT,
      hint: 'Write its down beside it, or accept the finding in the policy with the reason why there is no way back.',
    }
    expect(told(missing).findings).toEqual([refuse(input)])
    expect(told(missing, false).findings).toEqual([warn(input)])
  })

  it('whose leaving things over, losing them and changing them are each a trace', () => {
    const changed = [{ before: left, after: { ...left, definition: 'other' } }]
    const lost = [{ object: 'table public.lost', definition: 'owner deploy' }]
    for (const change of [
      { leftOver: [left] },
      { missing: [left] },
      { changed },
      { leftOver: [left], changed },
      { leftOver: [left], missing: lost },
    ]) {
      const { findings, proved } = told(withLast(change))
      expect(findings.map((one) => one.outcome)).toContain('fail')
      expect(proved).toEqual([
        'the down of 1 of 2 migrations leaves the schema as it was, and the up applies again; what becomes of rows was not tried',
        'the other downs are no good way back: 1 leaves a trace',
      ])
    }
  })
})

describe('what is told of downs that were not tried', () => {
  const input = {
    code: 'unproven/down-not-tried',
    where: { file: DOWN, line: 1, column: 1 },
    subject: SUBJECT,
    hint: 'Mend what stopped the trial (the rehearsal says more about it), and run again.',
  }
  const upFailed = failure({ file: UP, statement: null })
  const cut = failure({ isInfrastructure: true, statement: null })

  it.each<[string, Observations, Partial<Finding> & Pick<Finding, 'message'>]>([
    [
      'nobody got there',
      withLast({ outcome: 'not-reached' }),
      { message: 'the down of 003 was not tried: the trial did not get there' },
    ],
    [
      'the up did not apply',
      withLast({ outcome: 'up-failed', failure: upFailed }),
      {
        message: `the down of 003 was not tried: the up did not apply at 003: ${SERVER_SAID}`,
        where: { file: UP, line: 1, column: 1 },
        cause: 'migration 003 does not apply',
      },
    ],
    [
      'the down was cut short',
      withLast({ outcome: 'down-failed', failure: cut }),
      { message: `the down of 003 was not tried: the down was cut short at 003: ${SERVER_SAID}` },
    ],
    [
      'the second up was cut short',
      withLast({ outcome: 'up-again-failed', failure: cut }),
      { message: `the down of 003 was not tried: the second up was cut short at 003: ${SERVER_SAID}` },
    ],
    [
      'the one before it was cut short',
      withBoth({ outcome: 'not-reached' }, { outcome: 'down-failed', failure: cut }),
      {
        message: `the down of 002 and of 1 more was not tried: the down was cut short at 003: ${SERVER_SAID}`,
        subject: 'migration 002',
      },
    ],
  ])('since %s', (_, observations, change) => {
    expect(told(observations).findings).toEqual([cannotProve({ ...input, ...change })])
    expect(told(observations, false).findings).toEqual([warn({ ...input, ...change })])
  })

  it('has the place of the file where the trial has no other', () => {
    const twoWithout = withLast({ downFile: null, outcome: 'up-failed', failure: upFailed }, downless)
    expect(told(twoWithout).findings.map((one) => one.code)).toEqual(['apply/down-missing'])
  })
})

describe('what was proved', () => {
  it('counts one migration as one', () => {
    const one = sample
      .with(observed(pending, 'git', { ...sample.need(pending), files: [UP] }))
      .with(tried(sample, ({ trials }) => ({ trials: trials.slice(1) })))
    expect(told(one).proved).toEqual([
      'the down of 1 of 1 migration leaves the schema as it was, and the up applies again; what becomes of rows was not tried',
    ])
  })

  it('is nothing where nothing was tried, and each sort of defect by its number', () => {
    expect(told(withBoth({ outcome: 'not-reached' }, { outcome: 'not-reached' })).proved).toEqual([])
    const both = withBoth({ leftOver: [left] }, { outcome: 'up-again-failed', failure: failure({ file: UP }) })
    expect(told(both).proved).toEqual(['the downs are no good way back: 1 leaves a trace, 1 breaks the next up'])
    const fails = withBoth(
      { outcome: 'down-failed', failure: failure() },
      { outcome: 'down-failed', failure: failure() },
    )
    expect(told(fails).proved).toEqual(['the downs are no good way back: 2 fails'])
  })
})
