import { describe, expect, it, test } from 'vitest'
import { admissionExplanations } from '../../src/gate/admission/explanations.ts'
import { type AdmissionInput, judgeAdmission } from '../../src/gate/admission.ts'
import type { Candidate } from '../../src/gate/certificate/candidate.ts'
import { DEFAULT_POLICY } from '../../src/gate/policy.ts'
import {
  asCertified,
  candidate,
  certified,
  COMMIT,
  ledgerOf,
  MADE,
  NOW,
  PRODUCTION,
  question,
  seen,
  STAGING,
  statement,
  under,
} from './admission-scene.ts'

const IMAGE = { name: 'registry.example/app', digest: `sha256:${'5'.repeat(64)}` }
const OTHER_IMAGE = { ...IMAGE, digest: `sha256:${'6'.repeat(64)}` }
const BUILD = { digest: `sha256:${'7'.repeat(64)}`, commit: COMMIT }
const OTHER_BUILD = { digest: `sha256:${'8'.repeat(64)}`, commit: '9'.repeat(40) }
const database = asCertified.databases[0]!

/** An input that must not be admitted, the code that says why, and the verdict. */
type Bad = readonly [name: string, input: AdmissionInput, code: string, verdict: 'fail' | 'unproven', words: string]

const running = (of: Partial<AdmissionInput['running']>): AdmissionInput => ({
  ...asCertified,
  running: { ...candidate, ...of },
})
const of = (named: Partial<Candidate>, now: Partial<AdmissionInput['running']> = named): AdmissionInput =>
  certified({ candidate: { ...candidate, ...named } }, { running: { ...candidate, ...now } })
const refused = (problem: 'not-signed' | 'other-key' | 'bad-signature' | 'not-readable'): AdmissionInput => ({
  ...asCertified,
  presented: { problem, message: `it is ${problem}` },
})
const answered = (answeredAt: string, rows: number | null, identity = PRODUCTION): AdmissionInput['answers'] => ({
  identity,
  answers: [{ id: question.id, answeredAt, rows, problem: rows === null ? 'a timeout' : null }],
})
const asking = (state: 'open' | 'violated' | 'stale' | 'answered', answeredAt: string | null = null): AdmissionInput =>
  certified({ obligations: [{ ...question, state, answeredAt, witness: null }] })
const moved = (rows: Readonly<Record<string, string>>): AdmissionInput => ({
  ...asCertified,
  seen: [seen(ledgerOf(rows))],
})

const certificateIsBad: readonly Bad[] = [
  ['no certificate', refused('not-signed'), 'admission/not-signed', 'fail', 'it is not-signed'],
  ['another key', refused('other-key'), 'admission/other-key', 'fail', 'it is other-key'],
  ['tampered', refused('bad-signature'), 'admission/bad-signature', 'fail', 'it is bad-signature'],
  ['not readable', refused('not-readable'), 'admission/not-readable', 'unproven', 'it is not-readable'],
  ['a failed verdict', certified({ verdict: 'fail' }), 'admission/not-a-pass', 'fail', 'says fail'],
  ['an unproven verdict', certified({ verdict: 'unproven' }), 'admission/not-a-pass', 'unproven', 'says unproven'],
  [
    'a pass whose summary failed',
    { ...asCertified, presented: { statement: statement({}, 'FAILED'), keyId: 'e' } },
    'admission/not-a-pass',
    'fail',
    'pass (FAILED)',
  ],
  ['a pull request', certified({ action: 'pull-request' }), 'admission/other-action', 'fail', 'good for pull-request'],
  ['expired', { ...asCertified, now: '2026-11-22T10:00:00.000Z' }, 'admission/expired', 'fail', 'counted until'],
  [
    'of the future',
    { ...asCertified, now: '2026-11-21T09:58:59.999Z' },
    'admission/not-yet-valid',
    'unproven',
    'clocks',
  ],
  ['no time', { ...asCertified, now: 'now' }, 'admission/not-yet-valid', 'unproven', 'is no time'],
  ['without an end', certified({ expiresAt: '' }), 'admission/not-yet-valid', 'unproven', 'until when it counts'],
  [
    'another policy',
    { ...asCertified, policy: { ...DEFAULT_POLICY, changedInputs: 'refuse' } },
    'admission/other-policy',
    'fail',
    'under the policy sha256:',
  ],
]

const candidateIsBad: readonly Bad[] = [
  ['another commit', running({ commit: '4'.repeat(40) }), 'admission/other-candidate', 'fail', `commit ${COMMIT}`],
  ['another tree', running({ tree: '4'.repeat(40) }), 'admission/other-candidate', 'fail', 'tree'],
  ['no git', running({ commit: null, tree: null, isDirty: null }), 'admission/candidate-unknown', 'unproven', 'commit'],
  ['nobody asked git', running({ isDirty: undefined }), 'admission/candidate-unknown', 'unproven', 'uncommitted'],
  ['uncommitted changes', running({ isDirty: true }), 'admission/dirty-candidate', 'fail', 'about to run has'],
  ['judged with them', of({ isDirty: true }), 'admission/dirty-candidate', 'fail', 'what was judged had'],
  ['other migrations', running({ migrations: [] }), 'admission/other-candidate', 'fail', 'migrations is not there'],
  [
    'edited migrations',
    running({ migrations: [{ ...candidate.migrations[0]!, digest: OTHER_BUILD.digest }] }),
    'admission/other-candidate',
    'fail',
    'are not those that were judged',
  ],
  [
    'nobody looked at the migrations',
    running({ migrations: undefined }),
    'admission/candidate-unknown',
    'unproven',
    'nobody looked',
  ],
  [
    'a folder that nobody judged',
    running({ migrations: [...candidate.migrations, { folder: 'more', format: 'sqlx', digest: IMAGE.digest }] }),
    'admission/other-candidate',
    'fail',
    'more is about to run, and was not judged',
  ],
  [
    'another image',
    of({ images: [IMAGE] }, { images: [OTHER_IMAGE] }),
    'admission/other-candidate',
    'fail',
    IMAGE.name,
  ],
  ['no image', of({ images: [IMAGE] }, { images: undefined }), 'admission/candidate-unknown', 'unproven', IMAGE.name],
  [
    'an image besides',
    running({ images: [IMAGE] }),
    'admission/other-candidate',
    'fail',
    'names no registry.example/app',
  ],
  ['another build', of({ buildInfo: BUILD }, { buildInfo: OTHER_BUILD }), 'admission/other-candidate', 'fail', 'build'],
  ['no build', of({ buildInfo: BUILD }, { buildInfo: null }), 'admission/candidate-unknown', 'unproven', 'build'],
  [
    'a build of another commit',
    running({ buildInfo: OTHER_BUILD }),
    'admission/other-candidate',
    'fail',
    'build is of commit 9',
  ],
  [
    'nothing to compare',
    of({ commit: null, tree: null, isDirty: null, migrations: [] }),
    'admission/candidate-unknown',
    'unproven',
    'names nothing',
  ],
]

const worldIsBad: readonly Bad[] = [
  [
    'a row more',
    moved({ '1': 'aa', '2': 'bb', '3': 'cc' }),
    'admission/precondition-moved',
    'fail',
    'added: migration 3',
  ],
  ['a row less', moved({ '1': 'aa' }), 'admission/precondition-moved', 'fail', 'gone: migration 2'],
  ['another row', moved({ '1': 'aa', '2': 'cc' }), 'admission/precondition-moved', 'fail', 'changed: migration 2'],
  [
    'twelve rows more',
    moved(
      Object.fromEntries(
        Array.from({ length: 14 }, (_, index) => [
          String(index + 1),
          index < 2 ? 'aabb'.slice(index * 2, index * 2 + 2) : 'x',
        ]),
      ),
    ),
    'admission/precondition-moved',
    'fail',
    'migration 12 and 2 more',
  ],
  [
    'other in no named part',
    { ...asCertified, seen: [seen({ ...ledgerOf({ '1': 'aa', '2': 'bb' }), digest: 'sha256:' })] },
    'admission/precondition-moved',
    'fail',
    'in a way that no part of it names',
  ],
  ['nobody looked', { ...asCertified, seen: [] }, 'admission/precondition-not-looked-at', 'unproven', 'nobody looked'],
  [
    'looked twice',
    { ...asCertified, seen: [...asCertified.seen, ...asCertified.seen] },
    'admission/precondition-not-looked-at',
    'unproven',
    'nobody looked',
  ],
  [
    'of another folder',
    { ...asCertified, seen: [{ ...asCertified.seen[0]!, subject: 'other' }] },
    'admission/precondition-not-looked-at',
    'unproven',
    'nobody looked',
  ],
  [
    'could not look',
    { ...asCertified, seen: [{ kind: 'ledger', subject: 'migrations', reason: 'no route', hint: null }] },
    'admission/precondition-not-looked-at',
    'unproven',
    'no route',
  ],
  [
    'a replica',
    { ...asCertified, databases: [{ ...database, isReplica: true }] },
    'admission/precondition-not-looked-at',
    'unproven',
    'is a replica',
  ],
  ['made without a ledger', certified({ preconditions: [] }), 'admission/precondition-missing', 'unproven', 'ledger'],
  ['made without a shape', under({ requires: ['shape'] }), 'admission/precondition-missing', 'unproven', 'shape'],
]

const answersAreBad: readonly Bad[] = [
  ['not asked', asking('open'), 'admission/obligation-open', 'unproven', 'was not asked'],
  ['answered at no time', asking('answered'), 'admission/obligation-open', 'unproven', 'was not asked'],
  ['violated', asking('violated', MADE), 'admission/obligation-violated', 'fail', 'production says no'],
  [
    'stale then',
    asking('stale', '2026-11-01T09:00:00.000Z'),
    'admission/obligation-stale',
    'unproven',
    'is of 2026-11-01',
  ],
  [
    'stale by now',
    asking('answered', '2026-11-20T11:59:59.000Z'),
    'admission/obligation-stale',
    'unproven',
    '24 hours',
  ],
  ['of the future', asking('answered', '2026-11-21T12:02:00.000Z'), 'admission/obligation-stale', 'unproven', 'future'],
  [
    'violated since',
    { ...asCertified, answers: answered(NOW, 8) },
    'admission/obligation-violated',
    'fail',
    '8 groups',
  ],
  [
    'could not answer',
    { ...asking('open'), answers: answered(NOW, null) },
    'admission/obligation-open',
    'unproven',
    'a timeout',
  ],
  [
    'an older good answer after a bad one',
    { ...asking('violated', MADE), answers: answered('2026-11-21T09:59:59.000Z', 0) },
    'admission/obligation-violated',
    'fail',
    'production says no',
  ],
  [
    'an answer to another question',
    {
      ...asking('open'),
      answers: { identity: PRODUCTION, answers: [{ id: 'x', answeredAt: NOW, rows: 0, problem: null }] },
    },
    'admission/obligation-open',
    'unproven',
    'was not asked',
  ],
]

const databasesAreBad: readonly Bad[] = [
  [
    'staging',
    { ...asCertified, databases: [{ ...database, identity: STAGING }] },
    'admission/other-database',
    'fail',
    '--ledger-url (db:5432/app) is another',
  ],
  [
    'answers of staging',
    { ...asCertified, answers: answered(NOW, 0, STAGING) },
    'admission/other-database',
    'fail',
    '--answers is another',
  ],
  [
    'answers in the certificate of staging',
    certified({ obligations: [{ ...question, witness: STAGING }] }),
    'admission/other-database',
    'fail',
    'the answer to "no duplicates',
  ],
  [
    'one that does not say',
    { ...asCertified, databases: [{ ...database, identity: null }] },
    'admission/other-database',
    'unproven',
    'does not say which',
  ],
  [
    'two that do not say',
    certified(
      { preconditions: [ledgerOf({ '1': 'aa', '2': 'bb' }, 'file x')], obligations: [] },
      {
        databases: [
          { ...database, identity: null },
          { ...database, place: 'other', identity: null },
        ],
      },
    ),
    'admission/other-database',
    'unproven',
    'does not say which',
  ],
]

const bad = [...certificateIsBad, ...candidateIsBad, ...worldIsBad, ...answersAreBad, ...databasesAreBad]

describe('what is not admitted', () => {
  it.each(bad)('%s', (_name, input, code, verdict, words) => {
    const admission = judgeAdmission(input)
    const found = admission.findings.filter((one) => one.code === code)
    expect(found.map(({ message }) => message).join('\n')).toContain(words)
    expect(admission).toMatchObject({ verdict, isAdmitted: false })
    expect(found.every(({ severity, outcome }) => severity === 'error' && outcome === verdict)).toBe(true)
  })

  it.each(bad)('in an emergency it goes on, with the same finding as a warning: %s', (_name, input, code, verdict) => {
    const admission = judgeAdmission({ ...input, emergency: { reason: 'the house is on fire' } })
    expect(admission).toMatchObject({ verdict, isAdmitted: true })
    expect(admission.findings.map((one) => one.code)).toContain(code)
    expect(admission.findings.map(({ severity }) => severity)).not.toContain('error')
    expect(admission.findings[0]).toMatchObject({
      code: 'admission/emergency',
      message: expect.stringContaining('the house is on fire'),
    })
  })

  it('every code has its page, and every page its code', () => {
    const said = new Set([...bad.map(([, , code]) => code), 'admission/emergency', 'admission/emergency-forbidden'])
    expect(admissionExplanations.map(({ code }) => code).toSorted()).toEqual([...said].toSorted())
  })

  it('a bad part is told beside every other one', () => {
    const worst = certified(
      { verdict: 'fail', action: 'pull-request' },
      { running: {}, seen: [], databases: [{ ...database, identity: STAGING }] },
    )
    const codes = judgeAdmission(worst).findings.map(({ code }) => code)
    expect(new Set(codes)).toEqual(
      new Set([
        'admission/not-a-pass',
        'admission/other-action',
        'admission/candidate-unknown',
        'admission/precondition-not-looked-at',
        'admission/other-database',
      ]),
    )
  })
})

describe('what is admitted', () => {
  const good: readonly (readonly [string, AdmissionInput])[] = [
    ['everything as it was certified', asCertified],
    ['a minute of difference between two clocks', { ...asCertified, now: '2026-11-21T09:59:00.000Z' }],
    ['the last millisecond', certified({ obligations: [] }, { now: '2026-11-22T09:59:59.999Z' })],
    ['a newer good answer', { ...asking('violated', MADE), answers: answered(NOW, 0) }],
    ['a good answer to an open question', { ...asking('open'), answers: answered(NOW, 0) }],
    ['the image and the build that were named', of({ images: [IMAGE], buildInfo: BUILD })],
    ['the build of the commit', running({ buildInfo: BUILD })],
    ['a build that names no commit', running({ buildInfo: { ...BUILD, commit: null } })],
    ['no ledger where none is asked for', under({ requires: [] }, { seen: asCertified.seen })],
    [
      'outside of git, by its migrations',
      of(
        { commit: null, tree: null, isDirty: null },
        { commit: null, tree: null, isDirty: null, buildInfo: OTHER_BUILD },
      ),
    ],
    [
      'a database that never says who it is, at one place',
      certified(
        { preconditions: [ledgerOf({ '1': 'aa', '2': 'bb' }, 'file x')], obligations: [] },
        {
          databases: [
            { ...database, identity: null },
            { ...database, as: '--shape-url', identity: null },
          ],
        },
      ),
    ],
  ]
  it.each(good)('%s', (_name, input) => {
    expect(judgeAdmission(input)).toMatchObject({ verdict: 'pass', isAdmitted: true, findings: [] })
    expect(judgeAdmission(input).proved.length).toBeGreaterThan(0)
  })

  it('uncommitted changes are a warning where the policy says so, and another commit is still another one', () => {
    const admission = judgeAdmission(under({ dirty: 'allow' }, { running: { ...candidate, isDirty: true } }))
    expect(admission).toMatchObject({ verdict: 'pass', isAdmitted: true })
    expect(admission.findings).toMatchObject([{ code: 'admission/dirty-candidate', severity: 'warning' }])
    const other = { ...candidate, isDirty: true, commit: '4'.repeat(40) }
    expect(judgeAdmission(under({ dirty: 'allow' }, { running: other })).verdict).toBe('fail')
  })

  it('what was proved is said', () => {
    expect(judgeAdmission(asCertified).proved).toEqual([
      `the certificate was signed with the key ${'e'.repeat(16)}…`,
      'what is about to run is the candidate that was judged (commit 111111111111)',
      `production's ledger for migrations is as it was at ${MADE}`,
      'production answered 1 of 1 questions well',
    ])
  })
})

describe('an emergency', () => {
  const emergency = { reason: 'login is down since 02:10' }

  test('of a candidate that passes is told as well', () => {
    const admission = judgeAdmission({ ...asCertified, emergency })
    expect(admission).toMatchObject({ verdict: 'pass', isAdmitted: true })
    expect(admission.findings.map(({ code }) => code)).toEqual(['admission/emergency'])
  })

  test('warnings stay as they are', () => {
    const input = under({ dirty: 'allow' }, { running: { ...candidate, isDirty: true }, emergency })
    expect(judgeAdmission(input).findings[1]?.message).not.toContain('overridden')
  })

  test('is forbidden by the policy, also where everything else is good', () => {
    const admission = judgeAdmission(under({ emergency: 'forbid' }, { emergency }))
    expect(admission).toMatchObject({ verdict: 'fail', isAdmitted: false })
    expect(admission.findings).toMatchObject([{ code: 'admission/emergency-forbidden', severity: 'error' }])
    expect(admission.findings[0]?.message).toContain(emergency.reason)
  })
})
