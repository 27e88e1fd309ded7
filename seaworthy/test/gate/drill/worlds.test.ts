import { describe, expect, it } from 'vitest'
import type { World, WorldChange } from '../../../src/gate/drill/drill.ts'
import { type Answered, withoutCheck, worldRow } from '../../../src/gate/drill/worlds.ts'
import { evaluate, type Evaluation, type Question, type SubjectResult } from '../../../src/gate/evaluate.ts'
import { cannotProve, type Finding, note, refuse, warn } from '../../../src/gate/finding.ts'
import { Observations } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Verdict } from '../../../src/gate/verdict.ts'

const SUBJECT = 'migrations'
const CHECK = 'migrations-effects'

const question: Question = {
  subjects: [{ name: SUBJECT, observations: new Observations([]) }],
  checks: [],
  policy: { ...DEFAULT_POLICY, required: { 'pull-request': [CHECK], deploy: [] } },
  action: 'pull-request',
  evaluatedAt: '2026-11-21T12:00:00.000Z',
  isPartial: false,
}

const resultOf = (findings: readonly Finding[], change: Partial<SubjectResult> = {}): SubjectResult => ({
  check: CHECK,
  version: 1,
  verdict: 'pass',
  findings,
  proved: [],
  obligations: [],
  settled: [],
  allows: [],
  reason: null,
  subject: SUBJECT,
  carried: [],
  ...change,
})

/** What the gate says, put together by hand. */
const said = (verdict: Verdict, change: Partial<Evaluation> = {}, asked: Partial<Question> = {}): Answered => ({
  question: { ...question, ...asked },
  evaluation: {
    verdict,
    results: [resultOf([])],
    accepted: [],
    allowed: [],
    overruled: [],
    obligations: [],
    policyFindings: [],
    ...change,
  },
})

const world: World = {
  name: 'gone',
  title: 'a table is gone',
  why: 'its rows are gone',
  refusedBy: ['data-loss/drop-table', 'policy/input-changed'],
  build: () => ({}),
}

const row = (answered: Answered, control: Answered = said('pass'), change: WorldChange = {}) =>
  worldRow({ check: CHECK, world, change, subject: SUBJECT, control, answered })

const DROP = { code: 'data-loss/drop-table', message: 'drops a table', subject: 'table users' }
const WHERE = { file: 'migrations/2.sql', line: 1, column: 1 }
const drop = refuse({ ...DROP, where: WHERE })
const lock = refuse({ code: 'lock/create-index', message: 'locks a table' })

describe('a bad world is refused', () => {
  it('by a finding that it is to be refused by', () => {
    expect(row(said('fail', { results: [resultOf([drop, lock])] }))).toEqual({
      tier: 'world',
      check: CHECK,
      world: 'gone',
      title: 'a table is gone',
      family: 'data-loss',
      subject: SUBJECT,
      outcome: 'refused',
      by: ['data-loss/drop-table'],
      why: null,
    })
  })

  it('by one that another check tells, by one about the policy, and by one that could not look', () => {
    const carried = [{ code: drop.code, where: drop.where, subject: drop.subject, outcome: drop.outcome, by: 'other' }]
    expect(row(said('fail', { results: [resultOf([], { carried })] })).outcome).toBe('refused')
    const changed = cannotProve({ code: 'policy/input-changed', message: 'changed' })
    expect(row(said('unproven', { policyFindings: [changed] }))).toMatchObject({
      outcome: 'refused',
      by: ['policy/input-changed'],
    })
  })

  it('only by what the project as it is does not have: the same harm in another file is new', () => {
    const control = said('fail', { results: [resultOf([drop])] })
    const elsewhere = refuse({ ...DROP, where: { ...WHERE, file: 'migrations/3.sql' } })
    expect(row(control, control).outcome).toBe('unproven')
    expect(row(said('fail', { results: [resultOf([drop, elsewhere])] }), control).outcome).toBe('refused')
    const otherLine = refuse({ ...DROP, where: { ...WHERE, line: 9 } })
    expect(row(said('fail', { results: [resultOf([otherLine])] }), control).outcome).toBe('unproven')
  })

  it('and never by a finding that leaves the verdict at pass, nor by one of another folder', () => {
    expect(row(said('pass', { results: [resultOf([drop])] })).outcome).toBe('survived')
    expect(row(said('fail', { results: [resultOf([drop], { subject: 'elsewhere' })] })).outcome).toBe('survived')
  })
})

describe('a refusal for another reason proves nothing', () => {
  it('and what hides it is named, with what to do', () => {
    const changed = refuse({ code: 'policy/input-changed', message: 'changed', subject: 'shape.json' })
    const control = said('fail', { policyFindings: [changed] })
    const { outcome, by, why } = row(said('fail', { policyFindings: [changed] }), control)
    expect({ outcome, by }).toEqual({ outcome: 'unproven', by: ['policy/input-changed'] })
    expect(why).toContain('the project as it stands has policy/input-changed already (shape.json)')
    expect(why).toContain('drill on the base')
    // What is refused already, and by nothing of the sort, sees nothing of it.
    const locked = said('fail', { results: [resultOf([lock])] })
    expect(row(locked, locked).outcome).toBe('survived')
  })

  it('and the reason is named', () => {
    const { outcome, by, why } = row(said('fail', { results: [resultOf([lock])] }))
    expect({ outcome, by }).toEqual({ outcome: 'unproven', by: ['lock/create-index'] })
    expect(why).toBe(
      'refused for another reason (lock/create-index), which proves nothing about the harm itself: no check says anything of it',
    )
  })
})

describe('what survives says what opens the way', () => {
  const whyOf = (change: Partial<Evaluation>, asked: Partial<Question> = {}): string | null => {
    const { outcome, why } = row(said('pass', change, asked))
    expect(outcome).toBe('survived')
    return why
  }
  const of = { subject: SUBJECT, check: CHECK }

  it('an acceptance of the policy', () => {
    const acceptance = { code: drop.code, reason: 'nobody reads it', author: 'Ada', expires: '2027-01-01' }
    const accepted = [{ ...of, finding: lock, acceptance: { ...acceptance, code: lock.code } }]
    const meant = { ...of, finding: drop, acceptance }
    expect(whyOf({ accepted: [...accepted, { ...meant, subject: 'elsewhere' }, meant] })).toBe(
      'accepted by the policy: data-loss/drop-table until 2027-01-01 by Ada (nobody reads it)',
    )
  })

  it('a comment in the file', () => {
    const meant = { ...of, finding: drop, reason: 'it is empty', comment: WHERE }
    expect(whyOf({ allowed: [{ ...meant, subject: 'elsewhere' }, { ...meant, finding: lock }, meant] })).toBe(
      'allowed by the comment at migrations/2.sql:1: data-loss/drop-table (it is empty)',
    )
  })

  it('another check that overrules', () => {
    const meant = { ...of, finding: drop, by: 'migrations-other', why: 'it was never there' }
    expect(whyOf({ overruled: [{ ...meant, subject: 'elsewhere' }, { ...meant, finding: lock }, meant] })).toBe(
      'overruled by migrations-other: data-loss/drop-table (it was never there)',
    )
  })

  it('a warning where a refusal is meant, and how it becomes one', () => {
    const warned = warn(DROP)
    expect(whyOf({ results: [resultOf([warn({ code: 'lock/create-index', message: '' }), warned])] })).toBe(
      'only told as a warning: data-loss/drop-table',
    )
    const changed = warn({ code: 'policy/input-changed', message: 'the release brings it' })
    const acceptance = { code: drop.code, reason: 'its own', author: 'the release', expires: '2027-01-01' }
    expect(whyOf({ policyFindings: [changed], accepted: [{ ...of, finding: drop, acceptance }] })).toBe(
      'only told as a warning: policy/input-changed (read the configuration from the base, where the release cannot change it: --config-from REF)',
    )
  })

  it('the configuration that the release brings, also where it brings one as it is', () => {
    const changed = warn({ code: 'policy/input-changed', message: 'the release brings it' })
    const acceptance = { code: drop.code, reason: 'its own', author: 'the release', expires: '2027-01-01' }
    const answered = said('pass', { policyFindings: [changed], accepted: [{ ...of, finding: drop, acceptance }] })
    const control = said('pass', { policyFindings: [changed] })
    const whyWith = (change: WorldChange): string | null => row(answered, control, change).why
    expect(whyWith({ configuration: {} })).toContain('only told as a warning: policy/input-changed')
    expect(whyWith({})).toContain('accepted by the policy')
  })

  it('not by a note that the project as it is has as well', () => {
    const told = [resultOf([note(DROP)])]
    const { why } = row(said('pass', { results: told }), said('pass', { results: told }))
    expect(why).toBe('no check says anything of it')
  })

  it('a check that did not run, or does not apply', () => {
    expect(whyOf({ results: [] })).toBe('migrations-effects did not run')
    expect(whyOf({ results: [resultOf([], { check: 'another' })] })).toBe('migrations-effects did not run')
    expect(whyOf({ results: [] }, { isPartial: true })).toBe(
      'migrations-effects did not run: the run is limited by --only',
    )
    const isNone = { verdict: 'not-applicable' } as const
    expect(whyOf({ results: [resultOf([], { ...isNone, reason: 'nothing is pending' })] })).toBe(
      'migrations-effects does not apply: nothing is pending',
    )
    expect(whyOf({ results: [resultOf([], isNone)] })).toContain('no reason is given')
  })
})

describe('what is told of a row', () => {
  const elsewhere = { subject: 'elsewhere', check: CHECK, finding: drop }
  const whyOf = (change: Partial<Evaluation>): string | null => row(said('pass', change)).why
  const SILENT = 'no check says anything of it'

  it('that survived: nothing refused it, and it has the family of what was to refuse it', () => {
    expect(row(said('pass'))).toMatchObject({ outcome: 'survived', by: [], why: SILENT, family: 'data-loss' })
    const unnamed = { ...world, refusedBy: [] }
    const judged = { check: CHECK, change: {}, subject: SUBJECT, control: said('pass'), answered: said('pass') }
    expect(worldRow({ ...judged, world: unnamed }).family).toBeNull()
  })

  it('that is hidden: all of what the project has already, and whose it is', () => {
    const changed = refuse({ code: 'policy/input-changed', message: 'changed', subject: 'shape.json' })
    const nobody = refuse({ code: 'policy/input-changed', message: 'changed' })
    const standing = said('fail', { results: [resultOf([drop])], policyFindings: [changed, changed, nobody] })
    expect(row(standing, standing).why).toBe(
      'hidden: the project as it stands has policy/input-changed, data-loss/drop-table already (shape.json, migrations/2.sql), so nothing new can be told from it. Mend that first, or drill on the base, without this release',
    )
  })

  it('that is refused for other reasons: each of them, and what is only told', () => {
    const other = refuse({ code: 'compat/x', message: 'x' })
    expect(row(said('fail', { results: [resultOf([lock, other, warn(DROP)])] }))).toMatchObject({
      outcome: 'unproven',
      by: ['lock/create-index', 'compat/x'],
      why: 'refused for another reason (lock/create-index, compat/x), which proves nothing about the harm itself: only told as a warning: data-loss/drop-table',
    })
  })

  it('nothing that is of another folder', () => {
    const carried = [{ code: drop.code, where: drop.where, subject: drop.subject, outcome: drop.outcome, by: 'other' }]
    const away = resultOf([], { subject: 'elsewhere', carried })
    expect(row(said('fail', { results: [resultOf([]), away] }))).toMatchObject({ outcome: 'survived', why: SILENT })
    expect(whyOf({ results: [away] })).toBe('migrations-effects did not run')
    const acceptance = { code: drop.code, reason: 'r', author: 'Ada', expires: '2027-01-01' }
    expect(whyOf({ accepted: [{ ...elsewhere, acceptance }] })).toBe(SILENT)
    expect(whyOf({ allowed: [{ ...elsewhere, reason: 'r', comment: WHERE }] })).toBe(SILENT)
    expect(whyOf({ overruled: [{ ...elsewhere, by: 'other', why: 'w' }] })).toBe(SILENT)
  })

  it('no warning that the project as it is has as well, also where the release brings a configuration', () => {
    const warned = said('pass', { results: [resultOf([warn(DROP)])] })
    expect(row(warned, warned, { configuration: {} }).why).toBe(SILENT)
  })

  it('how a warning about the database becomes a refusal', () => {
    const code = 'obligation/database-not-compared'
    const answered = said('pass', { results: [resultOf([warn({ code, message: 'm' })])] })
    const judged = { check: CHECK, change: {}, subject: SUBJECT, control: said('pass'), answered }
    expect(worldRow({ ...judged, world: { ...world, refusedBy: [code] } }).why).toBe(
      `only told as a warning: ${code} (give the shape of production, --shape FILE: it names its database)`,
    )
  })
})

describe('a check that is left out', () => {
  const check = {
    id: CHECK,
    version: 1,
    question: 'is it well?',
    needs: [],
    uses: [],
    judge: () => ({ findings: [], proved: ['it is'] }),
    explanations: [],
  }
  const other = { ...check, id: 'migrations-ledger' }
  const asked = { ...question, checks: [check, other] }
  const required: World = { ...world, refusedBy: ['policy/required-check-missing'] }
  const rowOf = (one: Question, leftOut = CHECK) =>
    worldRow({
      check: CHECK,
      world: required,
      change: { leftOut },
      subject: SUBJECT,
      control: { question: one, evaluation: evaluate(one) },
      answered: withoutCheck(one, leftOut),
    })

  it('is refused where the policy requires it', () => {
    expect(rowOf(asked)).toMatchObject({ outcome: 'refused', by: ['policy/required-check-missing'] })
  })

  it('survives where the policy does not, for the action that is asked', () => {
    expect(rowOf(asked, other.id).why).toBe('the policy does not require migrations-ledger for a pull request')
    expect(rowOf({ ...asked, action: 'deploy' })).toMatchObject({
      outcome: 'survived',
      why: 'the policy does not require migrations-effects for a deploy',
    })
  })

  it('survives where --only limits the run, and would be a bug where it is required and nothing is said', () => {
    expect(rowOf({ ...asked, isPartial: true }).why).toBe('the run is limited by --only, and misses no other check')
    expect(row(said('pass'), said('pass'), { leftOut: CHECK }).why).toBe('the gate passes although it is required')
  })
})
