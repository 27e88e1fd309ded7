import type { Finding } from './finding.ts'

export type Verdict = 'pass' | 'fail' | 'unproven'
/** A check's verdict; *not applicable* is decided by an observed reason and recorded, and proves nothing. */
export type CheckVerdict = Verdict | 'not-applicable'

/** What a judge returns. A judge that proved nothing has not passed, so it must name what it proved. */
export interface Judgement {
  readonly findings: readonly Finding[]
  /** Each claim that the observations prove, in plain words. Empty means: nothing was proved. */
  readonly proved: readonly string[]
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
