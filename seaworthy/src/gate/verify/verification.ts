import { EXIT, type ExitCode } from '../error.ts'
import type { EnvelopeProblem } from '../certificate/dsse.ts'
import type { Verdict } from '../verdict.ts'

/** The steps of a verification, in their order. */
export type StepName =
  /** The folder has exactly the files of its manifest, with their digests. */
  | 'files'
  /** The envelope was signed with the key that the verifier brought. */
  | 'signature'
  /** What was signed is a statement about this very manifest. */
  | 'statement'
  /** The judges and kinds that the bundle names are those of this program. */
  | 'judges'
  /** The candidate that is named is the one whose migrations were observed. */
  | 'candidate'
  /** Every judge, asked again, says what the bundle says. */
  | 'replay'
  /** The statement, made again from the bundle, has the bytes that were signed. */
  | 'certificate'
  /** Made in the past, and not yet expired. */
  | 'time'
  /** The policy is the one that the verifier brought. */
  | 'policy'

/** Why a step does not hold. Stable. */
export type StepCode =
  /** evidence/problem.ts has them. */
  | `bundle/${string}`
  | `verify/${EnvelopeProblem}`
  | 'verify/unsigned'
  | 'verify/not-a-statement'
  | 'verify/other-manifest'
  | 'verify/other-candidate'
  | 'verify/other-request'
  | 'verify/partial'
  | 'verify/other-findings'
  | 'verify/other-tool-version'
  | 'verify/other-statement'
  | 'verify/from-the-future'
  | 'verify/expired'
  | 'verify/other-policy'
  | 'verify/not-reached'

/** What became of one step. */
export interface Step {
  readonly step: StepName
  /** `unproven`: nobody can say here; it is no better than refused for whoever wants to act. */
  readonly outcome: 'holds' | 'refused' | 'unproven'
  /** Null where it holds. */
  readonly code: StepCode | null
  /** One sentence. */
  readonly message: string
  /** The next thing to do; null where it holds, and where an earlier step has to hold first. */
  readonly hint: string | null
}

/** A step, and what it proved: null unless it holds. */
export interface Shown<T> {
  readonly step: Step
  readonly evidence: T | null
}

/** What a verification came to. */
export interface VerifyResult {
  /** Whether the bundle is what the holder of the key made, and the judges say what it says. Says nothing of time and policy. */
  readonly isGenuine: boolean
  /** What the judges say now; null where they could not be asked. */
  readonly verdict: Verdict | null
  readonly steps: readonly Step[]
  readonly exitCode: ExitCode
}

/** Whose the policy is, and whether it is still time: beside the question whether the bundle is genuine. */
const ABOUT_USE: ReadonlySet<StepName> = new Set(['time', 'policy'])

/** The steps in order; one that nobody came to is unproven. */
const ORDER: readonly StepName[] = [
  'files',
  'signature',
  'statement',
  'judges',
  'candidate',
  'replay',
  'certificate',
  'time',
  'policy',
]

const AGAIN = 'Do not act on it. Have it made again: seaworthy check --evidence DIR --sign KEY.'
const WHOLE = 'Get the whole folder again from whoever made it; what is in it now was changed, or is of two bundles.'

/** What to do about each; what is wrong with a bundle's files says it itself. */
const HINTS: Partial<Record<StepCode, string>> = {
  'verify/other-key':
    'Bring the key of whoever made the bundle, from them and not with the bundle: --key FILE. If yours is theirs, somebody else made it.',
  'verify/bad-signature': WHOLE,
  'verify/not-an-envelope': WHOLE,
  'verify/not-canonical': WHOLE,
  'verify/other-type': WHOLE,
  'verify/other-manifest': WHOLE,
  'verify/not-a-statement':
    'Use the version of Seaworthy that wrote it: manifest.json says which one. Else have it made again.',
  'verify/unsigned': 'Have it signed by whoever made it: seaworthy check --evidence DIR --sign KEY.',
  'verify/other-candidate': AGAIN,
  'verify/other-request': AGAIN,
  'verify/partial': 'Have it made again without --only.',
  'verify/other-findings': AGAIN,
  'verify/other-tool-version': 'Verify it with the version that wrote it.',
  'verify/other-statement': AGAIN,
  'verify/from-the-future': 'Compare the clocks. If yours is right, have it made again.',
  'verify/expired':
    'Have it made again: seaworthy check --evidence DIR --sign KEY. To look back as of then: --at TIME.',
  'verify/other-policy':
    'Read the difference. Have it checked under your policy, or bring the one that you agree with: --policy FILE (embedded prints its own).',
}

const hintOf = (code: StepCode): string | null => HINTS[code] ?? null

export const holds = (step: StepName, message: string): Step => ({
  step,
  outcome: 'holds',
  code: null,
  message,
  hint: null,
})
export const refused = (step: StepName, code: StepCode, message: string, hint = hintOf(code)): Step => ({
  step,
  outcome: 'refused',
  code,
  message,
  hint,
})
export const unproven = (step: StepName, code: StepCode, message: string, hint = hintOf(code)): Step => ({
  step,
  outcome: 'unproven',
  code,
  message,
  hint,
})

/**
 * What the steps come to. A step that is missing was not reached, and is unproven: a verification that stopped is never
 * better than one that went on.
 */
export function resultOf(done: readonly Step[], verdict: Verdict | null): VerifyResult {
  const steps = ORDER.map(
    (name) =>
      done.find((one) => one.step === name) ??
      unproven(name, 'verify/not-reached', 'not looked at, since an earlier step does not hold'),
  )
  const isGenuine = steps.every((one) => one.outcome === 'holds' || ABOUT_USE.has(one.step))
  return { isGenuine, verdict, steps, exitCode: exitCodeOf(steps, verdict) }
}

/** What the steps and what the judges say come to, as an exit code. */
export function exitCodeOf(steps: readonly Step[], verdict: Verdict | null): ExitCode {
  if (steps.some((one) => one.outcome === 'refused') || verdict === 'fail') return EXIT.fail
  return steps.every((one) => one.outcome === 'holds') && verdict === 'pass' ? EXIT.pass : EXIT.unproven
}
