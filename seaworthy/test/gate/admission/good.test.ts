import { describe, expect, it, test } from 'vitest'
import { type AdmissionInput, judgeAdmission } from '../../../src/gate/admission/admission.ts'
import { digestOf } from '../../../src/gate/canonical.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { identityIn, placeIn, witnessIn } from '../../../src/gate/certificate/identity.ts'
import {
  answered,
  asCertified,
  asking,
  BUILD,
  candidate,
  certified,
  database,
  IMAGE,
  ledgerOf,
  PRODUCTION,
  question,
  MADE,
  NOW,
  of,
  running,
  under,
} from './scene.ts'

const outside = { ...candidate, commit: null, tree: null, isDirty: null }

describe('what is admitted', () => {
  const good: readonly (readonly [string, AdmissionInput])[] = [
    ['everything as it was certified', asCertified],
    ['a minute of difference between two clocks', { ...asCertified, now: '2026-11-21T09:59:00.000Z' }],
    ['the last millisecond', certified({ obligations: [] }, { now: '2026-11-22T09:59:59.999Z' })],
    ['a newer good answer', { ...asking('violated', MADE), answers: answered(NOW, 0) }],
    [
      'a good answer behind one to another question',
      {
        ...asking('open'),
        answers: {
          identity: PRODUCTION,
          answers: [
            { id: 'x', answeredAt: NOW, rows: 9, problem: null },
            { id: question.id, answeredAt: NOW, rows: 0, problem: null },
          ],
        },
      },
    ],
    ['a good answer to an open question', { ...asking('open'), answers: answered(NOW, 0) }],
    ['the image and the build that were named', of({ images: [IMAGE], buildInfo: BUILD })],
    ['the build of the commit', running({ buildInfo: BUILD })],
    [
      'the build that was named, which names no commit',
      of({ buildInfo: { ...BUILD, commit: null } }, { buildInfo: { ...BUILD, commit: null } }),
    ],
    [
      'images alone',
      under(
        { requires: [] },
        {
          presented: certified({
            policy: digestOf({ ...DEFAULT_POLICY, admission: { ...DEFAULT_POLICY.admission, requires: [] } }),
            preconditions: [],
            candidate: { ...outside, images: [IMAGE], migrations: [] },
          }).presented,
          running: { ...outside, images: [IMAGE], migrations: [] },
          seen: [],
        },
      ),
    ],
    ['no ledger where none is asked for', under({ requires: [] }, { seen: asCertified.seen })],
    [
      'outside of git, by its migrations',
      of({ commit: null, tree: null, isDirty: null }, { commit: null, tree: null, isDirty: null }),
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

test('a witness names the place, and the database where it says who it is', () => {
  const named = witnessIn('postgresql://db/app public.applied', PRODUCTION)
  expect([identityIn(named), placeIn(named)]).toEqual([PRODUCTION, 'postgresql://db/app public.applied'])
  const silent = witnessIn('postgresql://db/app', null)
  expect([identityIn(silent), placeIn(silent)]).toEqual([null, 'postgresql://db/app'])
  // The digest of a file is no identity of a database.
  expect(identityIn(`file shape.json ${PRODUCTION}`)).toBeNull()
})
