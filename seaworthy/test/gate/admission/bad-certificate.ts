import type { AdmissionInput } from '../../../src/gate/admission/admission.ts'
import { digestOf } from '../../../src/gate/canonical.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { asCertified, certified, refused, statement } from './scene.ts'

/** An input that must not be admitted, the code that says why, and the verdict. */
export type Bad = readonly [
  name: string,
  input: AdmissionInput,
  code: string,
  verdict: 'fail' | 'unproven',
  words: string,
]

/** Members that no policy has. */
const MANY = { one: 'x'.repeat(100), two: 2, three: 3, four: 4, five: 5, six: 6 }

export const certificateIsBad: readonly Bad[] = [
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
  [
    'a failed verdict whose summary passed',
    { ...asCertified, presented: { statement: statement({ verdict: 'fail' }, 'PASSED'), keyId: 'e' } },
    'admission/not-a-pass',
    'fail',
    'fail (PASSED)',
  ],
  ['a pull request', certified({ action: 'pull-request' }), 'admission/other-action', 'fail', 'good for pull-request'],
  ['expired', { ...asCertified, now: '2026-11-22T10:00:00.000Z' }, 'admission/expired', 'fail', 'counted until'],
  [
    'good for longer than the policy allows',
    certified({ expiresAt: '2026-11-22T10:00:00.001Z' }),
    'admission/expired',
    'fail',
    'the certificate, made at 2026-11-21T10:00:00.000Z, says that it counts until 2026-11-22T10:00:00.001Z, and the policy lets it count for 24 hours',
  ],
  [
    'of years ago, good for decades',
    certified({ evaluatedAt: '2020-01-01T00:00:00.000Z', expiresAt: '2099-01-01T00:00:00.000Z' }),
    'admission/expired',
    'fail',
    'lets it count for 24 hours',
  ],
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
  [
    'judges that leave out what the policy requires',
    certified({ judges: [{ check: 'migrations-ledger', version: 1 }] }),
    'admission/other-policy',
    'fail',
    'the policy requires for deploy, and the certificate names no judge for: migrations-contract, migrations-rehearsal,',
  ],
  [
    'without any judge',
    certified({ judges: [] }),
    'admission/other-policy',
    'fail',
    'migrations-ledger, migrations-contract',
  ],
  [
    'another policy, with the one that was judged by at hand',
    {
      ...asCertified,
      judgedPolicy: DEFAULT_POLICY,
      policy: { ...DEFAULT_POLICY, certificate: { validHours: 8_000 }, changedInputs: 'refuse' },
    },
    'admission/other-policy',
    'fail',
    `changedInputs was "warn" and is "refuse" here; certificate.validHours was 24 and is 8000 here`,
  ],
  [
    'another policy, with evidence of a third one',
    { ...asCertified, judgedPolicy: {}, policy: { ...DEFAULT_POLICY, changedInputs: 'refuse' } },
    'admission/other-policy',
    'fail',
    'under the policy sha256:',
  ],
  [
    'what is no policy at all',
    certified({ policy: digestOf('x') }, { judgedPolicy: 'x' }),
    'admission/other-policy',
    'fail',
    'it was "x" and is {"accept":',
  ],
  [
    'a policy of which much is another one',
    certified({ policy: digestOf({ ...DEFAULT_POLICY, ...MANY }) }, { judgedPolicy: { ...DEFAULT_POLICY, ...MANY } }),
    'admission/other-policy',
    'fail',
    `one was "${'x'.repeat(59)}… and is missing here; two was 2 and is missing here; three was 3 and is missing here; four was 4 and is missing here; five was 5 and is missing here; and 1 more`,
  ],
]
