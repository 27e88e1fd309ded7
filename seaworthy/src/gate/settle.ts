import { type Finding, familyOf, isNotApplied, note } from './finding.ts'
import { objectOf } from './merge.ts'
import type { Judgement, Settled } from './verdict.ts'

/** What an observed effect may overrule. The rest is about files, the record, the policy, or what nobody saw. */
const OPEN: ReadonlySet<string> = new Set(['lock', 'compat', 'apply', 'repeat', 'ownership'])
/**
 * Here a mistaken match would let a harm through: the subject has to be the same word for word, and on the same line unless
 * the whole statement does nothing to it.
 */
const STRICT: ReadonlySet<string> = new Set(['data-loss', 'security'])

/** A finding of one check that the observations of another one prove to be no harm. */
export interface Overruled {
  /** As it was before. */
  readonly finding: Finding
  /** The check that proved it. */
  readonly by: string
  readonly why: string
}

/**
 * Whether a judgement may overrule others: it proved something, and left nothing unproven but what a migration that does
 * not apply kept from being seen. That is no way to a pass: the judgement itself stays unproven.
 */
export function maySettle({ findings, proved }: Pick<Judgement, 'findings' | 'proved'>): boolean {
  const open = findings.filter((one) => one.outcome === 'unproven')
  return open.length === 0 ? proved.length > 0 : open.every((one) => isNotApplied(one.cause))
}

/** Whether what was settled is this finding: same code, same file, same statement, same object. */
export function isSettledBy(finding: Finding, settled: Settled): boolean {
  const { where, subject } = finding
  if (finding.outcome === 'unproven' || finding.severity === 'note') return false
  if (finding.code !== settled.code || where === null || subject === null) return false
  if (where.file !== settled.where.file) return false
  const family = familyOf(finding.code)
  const isWithin = where.line >= settled.where.line && where.line <= settled.endLine
  if (STRICT.has(family))
    return subject === settled.subject && (settled.isWhole === true ? isWithin : where.line === settled.where.line)
  return OPEN.has(family) && objectOf(subject) === objectOf(settled.subject) && isWithin
}

/** Whether any check could settle such a finding at all. */
export const isSettleable = ({ code, outcome, where, subject }: Finding): boolean =>
  outcome !== 'unproven' &&
  where !== null &&
  subject !== null &&
  (OPEN.has(familyOf(code)) || STRICT.has(familyOf(code)))

/** The finding as a note that names the reason. */
export const settledNote = (finding: Finding, { by, why }: Pick<Overruled, 'by' | 'why'>): Finding =>
  note({ ...finding, message: `${finding.message} (no harm, says ${by}: ${why})` })
