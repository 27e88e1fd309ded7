import { type Finding, familyOf, note } from './finding.ts'
import { objectOf } from './merge.ts'
import type { Judgement, Settled } from './verdict.ts'

/** What an observed effect may overrule. The rest is about files, the record, the policy, or what nobody saw. */
const OPEN: ReadonlySet<string> = new Set(['lock', 'compat', 'apply', 'repeat', 'ownership'])
/** Here a mistaken match would let a harm through: the subject has to be the same word for word, on the same line. */
const STRICT: ReadonlySet<string> = new Set(['data-loss', 'security'])

/** A finding of one check that the observations of another one prove to be no harm. */
export interface Overruled {
  /** As it was before. */
  readonly finding: Finding
  /** The check that proved it. */
  readonly by: string
  readonly why: string
}

/** Whether a judgement may overrule others: it proved something, and left nothing unproven. */
export const maySettle = (judgement: Pick<Judgement, 'findings' | 'proved'>): boolean =>
  judgement.proved.length > 0 && judgement.findings.every((one) => one.outcome !== 'unproven')

/** Whether what was settled is this finding: same code, same file, same statement, same object. */
export function isSettledBy(finding: Finding, settled: Settled): boolean {
  const { where, subject } = finding
  if (finding.outcome === 'unproven' || finding.severity === 'note') return false
  if (finding.code !== settled.code || where === null || subject === null) return false
  if (where.file !== settled.where.file) return false
  const family = familyOf(finding.code)
  if (STRICT.has(family)) return subject === settled.subject && where.line === settled.where.line
  if (!OPEN.has(family) || objectOf(subject) !== objectOf(settled.subject)) return false
  return where.line >= settled.where.line && where.line <= settled.endLine
}

/** The finding as a note that names the reason. */
export const settledNote = (finding: Finding, { by, why }: Pick<Overruled, 'by' | 'why'>): Finding =>
  note({ ...finding, message: `${finding.message} (no harm, says ${by}: ${why})` })
