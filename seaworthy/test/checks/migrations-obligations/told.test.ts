import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsObligations } from '../../../src/checks/migrations-obligations/index.ts'
import { judge } from '../../../src/checks/migrations-obligations/judge.ts'
import { mutants } from '../../../src/checks/migrations-obligations/mutants.ts'
import {
  answeredFirst,
  capturedFrom,
  JUDGED_AT,
  sample,
  seen,
} from '../../../src/checks/migrations-obligations/sample.ts'
import type { Action } from '../../../src/gate/check.ts'
import { cannotProve, type Finding, note, notApplied, refuse } from '../../../src/gate/finding.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Judgement } from '../../../src/gate/verdict.ts'
import { effects } from '../../../src/observers/effects/kind.ts'
import { type Answer, answers } from '../../../src/observers/answers/kind.ts'
import { plainError } from '../../../src/migrations/engine.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { pending } from '../../../src/observers/pending/kind.ts'
import { shape } from '../../../src/observers/shape/kind.ts'
import { damaged } from '../damaged.ts'

beforeAll(async () => await migrationsObligations.prepare?.())

const judged = (observations: Observations, action: Action = 'deploy'): Judgement =>
  judge(observations, { evaluatedAt: JUDGED_AT, action, settings: DEFAULT_POLICY.settings })
const first = (change: Partial<Answer>): Observations => sample.with(answeredFirst(sample, change))
const mutant = (name: string): Observations =>
  damaged(
    mutants.find((one) => one.name.startsWith(name))!,
    sample,
  )

const FILE = 'migrations/002_handles.up.sql'
const ASK =
  'Ask production: seaworthy prove --against URL; then seaworthy check --action deploy --answers seaworthy-answers.json. Give both the same --shape, if there is one.'
const HANDLE = {
  where: { file: FILE, line: 1, column: 1 },
  endLine: 1,
  subject: 'constraint users_handle_key on public.users',
}
const EMAIL = { where: { file: FILE, line: 2, column: 1 }, endLine: 2, subject: 'column public.users.email' }
const [UNIQUE, FAILS] = [
  'no duplicates in users.handle',
  'building users_handle_key fails on the first duplicate in users.handle, and the release stops there',
]
const KNOWN = 'what the release asks of the rows that production has is known'
const well = (count: string, oldest = '2026-11-21T10:00:00.000Z'): string =>
  `production (sha256:aaaaaaaaaaaa…) answered ${count} well, the oldest answer being of ${oldest}`

describe('a question that production answered', () => {
  it('well is no finding; the oldest answer is told', () => {
    expect(judged(sample)).toMatchObject({ findings: [], proved: [`${KNOWN}: 2 questions`, well('2 of 2')] })
    const older = '2026-11-21T09:00:00.000Z'
    expect(judged(first({ answeredAt: older })).proved[1]).toBe(well('2 of 2', older))
    expect(judged(first({ answeredAt: '2026-11-21T10:30:00.000Z' })).proved[1]).toBe(well('2 of 2'))
    expect(judged(sample.with(capturedFrom(sample, `sha256:${'b'.repeat(64)}`))).proved).toEqual([
      `${KNOWN}: 2 questions`,
    ])
  })

  it('is told of a database that nobody can compare, where it is a deploy', () => {
    const told = judged(sample.without(shape)).findings
    expect(told.map((one) => one.code)).toEqual(['obligation/database-not-compared'])
    expect(judged(sample.without(shape), 'pull-request').findings).toEqual([])
  })

  it('badly refuses, for a pull request as well', () => {
    const finding = refuse({
      code: 'obligation/unique',
      message: `production says no to "${UNIQUE}": 7 groups of equal rows in the way; ${FAILS}`,
      ...HANDLE,
      hint: 'Mend the rows in production first, then ask again. To see some of them: SELECT "handle", pg_catalog.count(*) FROM "public"."users" WHERE ("handle") IS NOT NULL GROUP BY "handle" HAVING pg_catalog.count(*) > 1 LIMIT 20;',
      proof: 'answered at 2026-11-21T10:00:00.000Z',
    })
    for (const action of ['deploy', 'pull-request'] as const) {
      expect(judged(first({ rows: 7 }), action)).toMatchObject({
        findings: [finding],
        proved: [`${KNOWN}: 2 questions`, well('1 of 2')],
      })
    }
  })

  it.each([
    [
      '2026-11-20T10:30:00.000Z',
      'is of 2026-11-20T10:30:00.000Z, 24 hours ago, and the policy takes none that is older than 24 hours',
    ],
    [
      '2026-11-21T11:02:00.000Z',
      'is dated 2026-11-21T11:02:00.000Z, which is in the future: the clock of production, or of this machine, is wrong',
    ],
    ['yesterday', 'has no date that can be read (yesterday)'],
  ])('at a time that does not count leaves a deploy unproven: %s', (answeredAt, why) => {
    expect(judged(first({ answeredAt })).findings).toEqual([
      cannotProve({
        code: 'obligation/stale-answer',
        message: `production's answer to "${UNIQUE}" ${why}`,
        ...HANDLE,
        hint: ASK,
      }),
    ])
  })
})

describe('a question that is open', () => {
  const open = (why: string): Finding =>
    cannotProve({ code: 'obligation/unanswered', message: `${why}: ${UNIQUE}; else ${FAILS}`, ...HANDLE, hint: ASK })
  const ASKED = 'production was not asked'

  it('leaves a deploy unproven, with the reason', () => {
    const email = cannotProve({
      code: 'obligation/unanswered',
      message: `${ASKED}: no NULL in users.email; else SET NOT NULL fails on the first row without email`,
      ...EMAIL,
      hint: ASK,
    })
    expect(judged(sample.without(answers))).toMatchObject({
      findings: [open(ASKED), email],
      proved: [`${KNOWN}: 2 questions`],
    })
    expect(judged(first({ id: 'another' })).findings).toEqual([open(ASKED)])
    expect(judged(first({ rows: null, problem: 'it took too long' })).findings).toEqual([
      open('production could not answer: it took too long'),
    ])
    expect(judged(first({ rows: null })).findings).toEqual([open(ASKED)])
  })

  it('is a note in a pull request', () => {
    const finding = note({
      code: 'obligation/unique',
      message: `only production can say: ${UNIQUE}; else ${FAILS}`,
      ...HANDLE,
      hint: ASK,
    })
    for (const change of [{ id: 'another' }, { rows: null }, { answeredAt: 'yesterday' }])
      expect(judged(first(change), 'pull-request').findings).toEqual([finding])
  })
})

describe('what cannot be asked', () => {
  it('leaves a deploy unproven, and is a note in a pull request', () => {
    const written = mutant('the release writes to the rows first')
    const input = {
      code: 'obligation/not-askable',
      message:
        'no NULL in users.email: production cannot be asked, since the release itself writes to these rows first; SET NOT NULL fails on the first row without email if it is not so',
      where: { file: FILE, line: 3, column: 1 },
      endLine: 3,
      subject: 'column public.users.email',
      hint: 'Do what it depends on in a release before this one; then production can be asked.',
    }
    expect(judged(written).findings).toEqual([cannotProve(input)])
    expect(judged(written, 'pull-request').findings).toEqual([note(input)])
    expect(judged(written).proved).toEqual([`${KNOWN}: 1 question`, well('1 of 1')])
    expect(judged(written).obligations).toHaveLength(1)
  })

  it('is a note where the rehearsal has shown it', () => {
    const written = mutant('the release writes to the rows first')
    const column = { overwritten: 0, example: null, filled: 3, isRetyped: false, isDropped: false }
    const row = { object: 'table public.users', rowsBefore: 12, lost: 0, lostExample: null }
    const mended = written.with(
      seen(written, () => ({ rows: [{ ...row, columns: [{ column: 'email', ...column }] }] })),
    )
    expect(judged(mended).findings).toEqual([
      note({
        code: 'obligation/settled-by-release',
        message: 'no NULL in users.email: production is not asked, since the release itself writes to these rows first',
        where: { file: FILE, line: 3, column: 1 },
        endLine: 3,
        subject: 'column public.users.email',
        hint: 'Rows like those of production (--seed-sql FILE) make the rehearsal say more.',
      }),
    ])
  })
})

describe('a release', () => {
  const none = { added: [], removed: [], changed: [] }
  const asking = (difference: object): Observations =>
    sample.with(
      seen(sample, ({ steps }) => ({
        difference: { ...none, ...difference },
        steps: steps.map((step) => ({ ...step, difference: { ...none, ...difference } })),
      })),
    )

  it('that asks nothing is proved by that, and says nothing of who answered', () => {
    const other = asking({}).with(capturedFrom(sample, `sha256:${'b'.repeat(64)}`))
    const unnamed = asking({}).without(shape)
    for (const one of [asking({}), other, unnamed, asking({}).without(answers)]) {
      expect(judged(one)).toEqual({
        findings: [],
        proved: ['the release asks nothing of the rows that production has'],
        obligations: [],
      })
    }
  })

  it('of which nothing is pending is not read, unless something happened all the same', () => {
    const none = sample.with(observed(pending, 'test', { ...sample.need(pending), files: [] }))
    const { before } = sample.need(effects)
    const unread = before.map(({ object }) => ({
      object,
      get definition(): string {
        throw new Error(`${object} was read`)
      },
    }))
    const still = seen(sample, () => ({
      before: unread,
      steps: [],
      difference: { added: [], removed: [], changed: [] },
    }))
    expect(judged(none.with(still))).toEqual({
      findings: [],
      proved: ['the release asks nothing of the rows that production has'],
      obligations: [],
    })
    expect(() => judged(sample.with(still))).toThrow('was read')
    expect(judged(none).proved).toEqual(judged(sample).proved)
  })

  it('that asks only what cannot be asked', () => {
    const written = mutant('the release writes to the rows first')
    const only = written.with(
      seen(written, ({ difference, steps }) => ({
        difference: { ...difference, added: [] },
        steps: steps.map((step) => ({ ...step, difference: { ...step.difference, added: [] } })),
      })),
    )
    expect(judged(only).proved).toEqual([KNOWN])
  })

  it.each([
    [{ index: 1, line: 4, column: 7, text: 'ALTER TABLE users' }, 4, 7],
    [null, 1, 1],
  ])('that did not apply leaves unproven what comes after: %j', (statement, line, column) => {
    const failure = {
      file: FILE,
      version: '002',
      error: plainError('42P01', 'no such table'),
      statement,
      owner: null,
      leavesHalf: false,
      missingExtension: null,
      isInfrastructure: false,
    }
    expect(judged(sample.with(seen(sample, () => ({ failure })))).findings).toEqual([
      cannotProve({
        code: 'unproven/obligations-incomplete',
        message:
          "migration 002 did not apply (no such table), so nobody knows what it and those after it ask of production's rows",
        where: { file: FILE, line, column },
        subject: 'migration 002',
        hint: 'Mend what keeps it from applying, then run again.',
        cause: notApplied('002'),
      }),
    ])
  })

  it('that makes nobody say which table production has', () => {
    const old = sample.need(effects).before
    const members = [
      { object: 'table public.members', definition: 'owner deploy' },
      { object: 'column public.members.name', definition: 'of table public.members\ntype text' },
    ]
    const { findings, obligations } = judged(asking({ removed: old, added: members }))
    expect(findings).toContainEqual(
      cannotProve({
        code: 'obligation/not-askable',
        message:
          'nobody can say under which name production has the rows of public.members, so nothing is known of what is asked of them',
        subject: 'table public.members',
        hint: 'Rename it by a statement of its own (ALTER TABLE … RENAME TO …), in a migration of its own.',
      }),
    )
    expect(obligations).toEqual([])
  })

  it('whose statement is not known has no place for what cannot be asked either', () => {
    const tree = sample.need(migrationTree)
    const migrations = tree.migrations.map((one) => ({ ...one, up: { ...one.up, text: '' } }))
    const added = [
      { object: 'function public.fits(text)', definition: 'owner deploy\nlanguage sql' },
      { object: 'constraint c on public.users', definition: 'of table public.users\nCHECK (public.fits(handle))' },
    ]
    const { findings } = judged(asking({ added }).with(observed(migrationTree, 'folder', { ...tree, migrations })))
    expect(findings).toMatchObject([{ code: 'obligation/not-askable', where: null }])
    expect(findings[0]?.endLine).toBeUndefined()
  })

  it('hands over its questions, and nothing else of them', () => {
    const [one] = judged(sample).obligations ?? []
    expect(Object.keys(one!)).toEqual([
      'id',
      'question',
      'subject',
      'where',
      'sql',
      'rowsSql',
      'failsFrom',
      'consequence',
      'code',
    ])
    expect(one).toMatchObject({ question: UNIQUE, consequence: FAILS, where: HANDLE.where, failsFrom: 1 })
  })

  it('whose statements are in no file that was read has no place', () => {
    const tree = sample.need(migrationTree)
    const migrations = tree.migrations.map((one) => ({ ...one, up: { ...one.up, text: '' } }))
    const { findings } = judged(
      sample.with(observed(migrationTree, 'folder', { ...tree, migrations })).without(answers),
    )
    expect(findings.map((one) => one.where)).toEqual([null, null])
  })
})
