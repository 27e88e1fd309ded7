import { describe, expect, it } from 'vitest'
import { judge } from '../../../src/checks/migrations-rehearsal/judge.ts'
import { rehearsed, sample } from '../../../src/checks/migrations-rehearsal/sample.ts'
import { type Finding, cannotProve, refuse } from '../../../src/gate/finding.ts'
import { type Observations, observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Judgement } from '../../../src/gate/verdict.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { type Pending, pending } from '../../../src/observers/pending/kind.ts'
import { plainError, type Rehearsal, rehearsal } from '../../../src/observers/rehearsal/kind.ts'

const judged = (observations: Observations, action: 'pull-request' | 'deploy' = 'pull-request'): Judgement =>
  judge(observations, { evaluatedAt: '2026-11-21T12:00:00.000Z', settings: DEFAULT_POLICY.settings, action })
const ran = (change: (run: Rehearsal) => Partial<Rehearsal>, of = sample): Observations =>
  of.with(rehearsed(of, change))
const waiting = (change: Partial<Pending>): Observations =>
  sample.with(observed(pending, 'git', { ...sample.need(pending), ...change }))
const rolled = (roles: Partial<Rehearsal['roles']>): Observations =>
  ran((run) => ({ roles: { ...run.roles, ...roles } }))

const FILE = 'migrations/002_cases.up.sql'
const { migrations } = sample.need(migrationTree)
const failed = (phase: 'baseline' | 'pending'): NonNullable<Rehearsal['failure']> => ({
  file: phase === 'pending' ? FILE : 'migrations/001_courts.up.sql',
  version: phase === 'pending' ? '002' : '001',
  error: plainError('42703', 'no'),
  statement: null,
  owner: null,
  leavesHalf: false,
  missingExtension: null,
  isInfrastructure: false,
  phase,
  cause: null,
})

describe('a rehearsal that is not of this tree', () => {
  const incomplete = (message: string): Finding =>
    cannotProve({
      code: 'unproven/rehearsal-incomplete',
      message,
      hint: 'Run the check again; if it stays, report it with the evidence folder (--evidence DIR).',
    })
  const ORDER = 'the rehearsal did not walk the migrations of this tree, in its order'
  const last = (change: Partial<Rehearsal['steps'][number]>): Observations =>
    ran(({ steps }) => ({ steps: steps.map((step, at) => (at === 1 ? { ...step, ...change } : step)) }))

  it.each<[string, Observations, string]>([
    ['a step is missing', ran(({ steps }) => ({ steps: steps.slice(0, 1) })), ORDER],
    ['there is a step more', ran(({ steps }) => ({ steps: [...steps, steps[1]!] })), ORDER],
    ['it went another way', ran(({ steps }) => ({ steps: steps.toReversed() })), ORDER],
    ['there is none', ran(() => ({ steps: [] })), ORDER],
    ['it was of another file', last({ file: 'migrations/002_other.up.sql' }), ORDER],
    ['it was of another version', last({ version: '003' }), `${FILE} is not the text that was rehearsed`],
    ['it was of another text', last({ sha256: 'other' }), `${FILE} is not the text that was rehearsed`],
    ['what is pending ran as live', last({ phase: 'baseline' }), `${FILE} was rehearsed as baseline`],
    ['what is live ran as pending', waiting({ files: [] }), `${FILE} was rehearsed as pending`],
    [
      'a step was left out without a word',
      last({ outcome: 'not-reached' }),
      `${FILE} was not applied (not-reached), and no failure was recorded`,
    ],
    [
      'all steps were left out: the first is told',
      ran(({ steps }) => ({ steps: steps.map((step) => ({ ...step, outcome: 'not-reached' })) })),
      'migrations/001_courts.up.sql was not applied (not-reached), and no failure was recorded',
    ],
  ])('is unproven: %s', (_, observations, message) => {
    expect(judged(observations).findings).toEqual([incomplete(message)])
  })

  it('says nothing more of steps after a failure that was recorded', () => {
    const stopped = ran(({ steps }) => ({
      failure: failed('pending'),
      steps: steps.map((step, at) => (at === 1 ? { ...step, outcome: 'failed' } : step)),
    }))
    expect(judged(stopped).findings.map((one) => one.code)).toEqual(['apply/migration-fails'])
  })
})

describe('what was proved', () => {
  it('of one migration and of more, pending or not', () => {
    const live = waiting({ files: [] })
    const all = live.with(
      rehearsed(live, ({ steps }) => ({ steps: steps.map((step) => ({ ...step, phase: 'baseline' })) })),
    )
    expect(judged(all)).toEqual({
      findings: [],
      proved: ['the history (2) applies on PostgreSQL 18.4 as deploy; nothing is pending'],
    })
    const tree = { ...sample.need(migrationTree), migrations: migrations.slice(1) }
    const one = ran(({ steps }) => ({ steps: steps.slice(1) })).with(observed(migrationTree, 'folder', tree))
    expect(judged(one).proved).toEqual(['1 migration applies on PostgreSQL 18.4, 1 of them pending and sent as deploy'])
  })

  it('is nothing after a failure, nor where a step or the whole tree is missing', () => {
    expect(judged(ran(() => ({ failure: failed('pending') }))).proved).toEqual([])
    expect(judged(ran(({ steps }) => ({ steps: steps.slice(1) }))).proved).toEqual([])
    const none = sample
      .with(observed(migrationTree, 'folder', { ...sample.need(migrationTree), migrations: [] }))
      .with(observed(pending, 'git', { ...sample.need(pending), files: [] }))
    expect(judged(none.with(rehearsed(none, () => ({ steps: [] })))).proved).toEqual([])
  })
})

describe('split roles', () => {
  const nothing = (role: string): Finding =>
    cannotProve({
      code: 'unproven/split-proves-nothing',
      message: `roles are split, but after the baseline nothing belongs to anyone else than ${role}`,
      subject: `role ${role}`,
      hint: 'Choose a baseline (--baseline VERSION, --since REF or a ledger) in which the owner made tables, or use --roles single.',
    })

  it('prove nothing where nothing belongs to another role, or both are one', () => {
    expect(judged(rolled({ foreignOwned: 0 })).findings).toEqual([nothing('deploy')])
    expect(judged(rolled({ owningRole: 'deploy' })).findings).toEqual([nothing('deploy')])
    expect(judged(rolled({ foreignOwned: 7 })).findings).toEqual([])
    expect(judged(rolled({ mode: 'single', foreignOwned: 0 })).findings).toEqual([])
  })

  it('are not asked for where the baseline itself failed', () => {
    const codes = (phase: 'baseline' | 'pending'): string[] => {
      const of = ran(() => ({ failure: failed(phase) }), rolled({ foreignOwned: 0 }))
      return judged(of).findings.map((one) => one.code)
    }
    expect(codes('baseline')).not.toContain('unproven/split-proves-nothing')
    expect(codes('pending')).toContain('unproven/split-proves-nothing')
  })
})

describe('what else is told', () => {
  it('a grant without effect refuses', () => {
    const without = {
      file: FILE,
      version: '002',
      line: 3,
      column: 5,
      message: 'no privileges were granted',
      sqlstate: '01007',
    }
    const told = (object: string | null): readonly Finding[] =>
      judged(ran(() => ({ withoutEffect: [{ ...without, object }] }))).findings
    const input = {
      code: 'ownership/without-effect',
      message:
        'migration 002 goes through without doing what it says: no privileges were granted (SQLSTATE 01007), since deploy neither owns it nor may grant on it',
      where: { file: FILE, line: 3, column: 5 },
      hint: 'Let owner run it; or GRANT … TO deploy WITH GRANT OPTION first; or say in roles.owns or roles.memberOf what the role has in production.',
    }
    expect(told('courts')).toEqual([refuse({ ...input, subject: 'object courts' })])
    expect(told(null)).toEqual([refuse({ ...input, subject: 'migration 002' })])
  })

  it.each([
    [
      'extension',
      'citext',
      'Have an administrator run CREATE EXTENSION IF NOT EXISTS citext in production first, and take it out of the migration; or move it below the baseline once it is live.',
    ],
    [
      'ledger',
      'public.l',
      'Name what is live (--baseline, --since or a ledger), if a runner of your own writes these rows.',
    ],
    ['role', 'app', "If the deploy role has that right in production, say so: roles: { attributes: ['createrole'] }."],
  ] as const)('a right that was assumed for a pending migration is unproven: %s', (what, name, hint) => {
    const provided = (isUnproven: boolean): Observations =>
      ran(() => ({ provided: [{ what, name, why: 'it needs more rights', neededBy: 'pending', isUnproven }] }))
    expect(judged(provided(true)).findings).toEqual([
      cannotProve({
        code: 'unproven/privilege-assumed',
        message: 'it needs more rights: whether production allows it is not proved',
        subject: `${what} ${name}`,
        hint,
      }),
    ])
    expect(judged(provided(false)).findings).toEqual([])
  })

  it('a limit of the server is unproven', () => {
    expect(judged(ran(() => ({ limits: ['no roles can be made'] }))).findings).toEqual([
      cannotProve({
        code: 'unproven/server-limit',
        message: 'no roles can be made',
        subject: 'server scratch',
        hint: 'Leave --server out: a scratch server of our own has no such limit. Where it is a right of the login that is missing, another login of --server helps as well; a shape cannot be set up on a given server by any.',
      }),
    ])
  })

  it.each([
    ['baseline', []],
    ['ledger', []],
    ['since', []],
    ['merge-base', ['unproven/pending-not-anchored']],
  ] as const)('a deploy needs to know what is live: by %s', (basis, codes) => {
    const by = waiting({ basis, explanation: 'new on this branch' })
    expect(judged(by, 'deploy').findings.map((one) => one.code)).toEqual(codes)
    expect(judged(by).findings).toEqual([])
  })

  it('says what a deploy lacks', () => {
    expect(judged(waiting({ basis: 'merge-base', explanation: 'new on this branch' }), 'deploy').findings).toEqual([
      cannotProve({
        code: 'unproven/pending-not-anchored',
        message: 'what production still lacks was taken from git (new on this branch), not from production',
        hint: 'For a deploy, name what is live: --ledger FILE or --ledger-url URL (best), --since REF, or --baseline VERSION.',
      }),
    ])
  })

  it('reads the rehearsal that it is given', () => expect(sample.need(rehearsal).failure).toBeNull())
})
