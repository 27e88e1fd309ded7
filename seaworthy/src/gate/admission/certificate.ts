import { digestOf } from '../canonical.ts'
import { differencesBetween } from '../verify/differences.ts'
import { cannotProve, type Finding, refuse } from '../finding.ts'
import { shortIdentity } from '../obligation.ts'
import type { Statement } from '../certificate/statement.ts'
import type { AdmissionInput, Part, Presented } from './input.ts'

/** The clocks of two machines may differ by so much. */
const SKEW_MS = 60_000

const SIGN = 'Sign the verdict: seaworthy check --evidence DIR --sign KEY.'

/** Whose certificate it is, what it says, and whether it is good for this action, now, under this policy. */
export function judgeCertificate(input: AdmissionInput): Part {
  const { presented } = input
  if (!('statement' in presented)) return { findings: [unbelieved(presented)], proved: [] }
  const { statement, keyId } = presented
  const findings = [
    verdict(statement),
    action(statement, input),
    time(statement, input),
    policy(statement, input),
    judges(statement, input),
  ]
  return {
    findings: findings.filter((one) => one !== null),
    proved: [`the certificate was signed with the key ${keyId.slice(0, 16)}…`],
  }
}

const HINTS: Readonly<Record<Exclude<Presented, { readonly statement: Statement }>['problem'], string>> = {
  'not-signed': SIGN,
  'other-key': 'Give the public half of the key that your gate signs with: --key K.pub.',
  'bad-signature': 'Do not act on it. Take the certificate anew from where it was made, or run the check again.',
  'not-readable': 'Use the version of Seaworthy that wrote it, or run the check again with this one.',
}

function unbelieved({ problem, message }: Exclude<Presented, { readonly statement: Statement }>): Finding {
  const about = { code: `admission/${problem}`, message, subject: 'certificate', hint: HINTS[problem] }
  return problem === 'not-readable' ? cannotProve(about) : refuse(about)
}

function verdict({ predicate }: Statement): Finding | null {
  const { verdict: certified } = predicate.seaworthy_release
  if (certified === 'pass' && predicate.verificationResult === 'PASSED') return null
  const make = certified === 'unproven' ? cannotProve : refuse
  return make({
    code: 'admission/not-a-pass',
    message: `the certificate says ${certified} (${predicate.verificationResult}), and only a pass is acted on`,
    subject: 'certificate',
    hint: 'Mend what the check found, and run it again.',
  })
}

function action({ predicate }: Statement, { action: asked }: AdmissionInput): Finding | null {
  const { action: certified } = predicate.seaworthy_release
  if (certified === asked) return null
  return refuse({
    code: 'admission/other-action',
    message: `the certificate is good for ${certified}, and ${asked} is asked for`,
    subject: 'certificate',
    hint: `Ask the gate for that action: seaworthy check --action ${asked} --evidence DIR --sign KEY.`,
  })
}

function time({ predicate }: Statement, { now, policy: { certificate } }: AdmissionInput): Finding | null {
  const { evaluatedAt, expiresAt } = predicate.seaworthy_release
  const [at, from, until] = [Date.parse(now), Date.parse(evaluatedAt), Date.parse(expiresAt)]
  if ([at, from, until].some((one) => Number.isNaN(one))) {
    return notYetValid(`the certificate does not say when it was made and until when it counts, or ${now} is no time`)
  }
  if (at < from - SKEW_MS) {
    return notYetValid(
      `the certificate was made at ${evaluatedAt}, and it is ${now} here: one of two clocks is wrong, so nobody knows whether it still counts`,
    )
  }
  // The moment of the expiry itself is one too late.
  if (at >= until) return expired(`the certificate counted until ${expiresAt}, and it is ${now}`)
  // Whoever has the key can write any end; `expiryOf` never writes one that is later than this.
  if (until <= from + certificate.validHours * 3_600_000) return null
  return expired(
    `the certificate, made at ${evaluatedAt}, says that it counts until ${expiresAt}, and the policy lets it count for ${certificate.validHours} hours`,
  )
}

const expired = (message: string): Finding =>
  refuse({
    code: 'admission/expired',
    message,
    subject: 'certificate',
    hint: 'Run the check again: what it saw may have changed.',
  })

const notYetValid = (message: string): Finding =>
  cannotProve({
    code: 'admission/not-yet-valid',
    message,
    subject: 'certificate',
    hint: 'Look at the clocks of both machines (NTP), then run the check again.',
  })

function policy({ predicate }: Statement, { policy: given, judgedPolicy }: AdmissionInput): Finding | null {
  const [certified, ours] = [predicate.seaworthy_release.policy, digestOf(given)]
  if (certified === ours) return null
  return refuse({
    code: 'admission/other-policy',
    message:
      judgedPolicy !== undefined && digestOf(judgedPolicy) === certified
        ? `the certificate was made under another policy than the one given here: ${policyWords(judgedPolicy, given)}`
        : `the certificate was made under the policy ${shortIdentity(certified)}, and the one given here is ${shortIdentity(ours)}`,
    subject: 'policy',
    hint: 'Compare the policy.json of the evidence with yours (seaworthy policy prints it), and run the check again under the one that counts.',
  })
}

/** A certificate of a policy names every judge that the policy requires: without one of them no check comes to a pass. */
function judges({ predicate }: Statement, { action: asked, policy: given }: AdmissionInput): Finding | null {
  const named = new Set(predicate.seaworthy_release.judges.map(({ check }) => check))
  const missing = given.required[asked].filter((check) => !named.has(check))
  if (missing.length === 0) return null
  return refuse({
    code: 'admission/other-policy',
    message: `not all was judged that the policy requires for ${asked}, and the certificate names no judge for: ${missing.join(', ')}`,
    subject: 'policy',
    hint: `Run the check with all of them: seaworthy check --action ${asked} --evidence DIR --sign KEY.`,
  })
}

/** So many differences are named, each value up to so many characters. */
const [MOST_DIFFERENCES, LONGEST_VALUE] = [5, 60]

function shown(value: string | null): string {
  if (value === null) return 'missing'
  return value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value
}

/** `certificate.validHours was 24 and is 8000 here`. */
function policyWords(judged: unknown, given: unknown): string {
  const all = differencesBetween(judged, given)
  const named = all
    .slice(0, MOST_DIFFERENCES)
    .map(({ path, ours, theirs }) => `${path || 'it'} was ${shown(ours)} and is ${shown(theirs)} here`)
  const more = all.length - named.length
  return `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}
