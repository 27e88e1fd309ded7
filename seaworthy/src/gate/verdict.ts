import type { Allow } from './allow.ts'
import type { Finding, Where } from './finding.ts'
import type { Obligation } from './obligation.ts'

export type Verdict = 'pass' | 'fail' | 'unproven'
/** A check's verdict; *not applicable* is decided by an observed reason and recorded, and proves nothing. */
export type CheckVerdict = Verdict | 'not-applicable'

/** What a judge returns. A judge that proved nothing has not passed, so it must name what it proved. */
export interface Judgement {
  readonly findings: readonly Finding[]
  /** Each claim that the observations prove, in plain words. Empty means: nothing was proved. */
  readonly proved: readonly string[]
  /** What these observations cannot settle and production can. */
  readonly obligations?: readonly Obligation[]
  /**
   * Findings of other checks that these observations prove to be no harm (a rename whose old name a view brings back; a
   * lock on a table that is known to be small). Each is matched by code, file and statement; it becomes a note.
   */
  readonly settled?: readonly Settled[]
  /** Comments in the files that answer for a finding, whichever check has it. */
  readonly allows?: readonly Allow[]
}

/** A finding of a static reading that an observed effect overrules. */
export interface Settled {
  readonly code: string
  readonly where: Where
  /** The last line of the statement. */
  readonly endLine: number
  readonly subject: string
  /** Set where the statement does nothing at all to the subject: then the line within it does not matter. */
  readonly isWhole?: boolean
  /** Why it is no harm here, in one sentence. */
  readonly why: string
}

/**
 * The verdict of one judgement: any refusing finding → fail; else any unproven one → unproven;
 * else pass, if at least one claim was proved; else unproven.
 */
export function verdictOf(judgement: Judgement): Verdict {
  if (judgement.findings.some((finding) => finding.outcome === 'fail')) return 'fail'
  if (judgement.findings.some((finding) => finding.outcome === 'unproven')) return 'unproven'
  return judgement.proved.length > 0 ? 'pass' : 'unproven'
}

/** The verdict of a set of checks. An empty set, or one in which nothing applied, is unproven. */
export function combine(verdicts: readonly CheckVerdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail'
  if (verdicts.includes('unproven')) return 'unproven'
  return verdicts.includes('pass') ? 'pass' : 'unproven'
}

const RANK: Record<Verdict, number> = { pass: 0, unproven: 1, fail: 2 }

/** Whether verdict `a` is strictly better than verdict `b` (pass before unproven before fail). */
export const isBetter = (a: Verdict, b: Verdict): boolean => RANK[a] < RANK[b]
