import type { Kind } from '../observation.ts'
import { couldNotLook, type Looked, seenBy } from './claim.ts'
import type { ClaimContext, ClaimToCheck, LookedAgain } from './looked-again.ts'

/** Something of production that a run was given, and that says itself when it was made. */
export interface Dated<T> {
  readonly kind: Kind<T>
  readonly source: string
  /** `shape captured` */
  readonly event: string
  /** One sentence. */
  readonly says: string
  /** The latest time in it; null where it has none. */
  readonly at: (data: T) => string | null
}

/**
 * The claim that what a run was given was made before it was judged. Where somebody brings the same file from elsewhere, its
 * times count; else only the bundle's own word is there, which may contradict itself and confirms nothing.
 */
export function datedClaim<T>(dated: Dated<T>, data: T, context: ClaimContext): ClaimToCheck {
  const { event, says, source, kind, at } = dated
  return {
    claim: {
      id: `order/${kind.name} evaluated ${context.subject}`,
      kind: 'order',
      says,
      source,
      severity: 'blocking',
      unchecked: 'discrepancy',
      comparison: 'order',
      expected: { before: { event, at: at(data) }, after: { event: 'evaluated', at: context.evaluatedAt } },
      witness: context.witness,
      needs: `Get that file from where it is kept, not from the builder, and run again with --${kind.name} FILE.`,
    },
    look: (again) => {
      const found = again.brought.get(context.subject)
      const seen = found?.find(kind)
      const theirs = found?.maybe(kind)
      if (seen === undefined || theirs === undefined) return seenBy(context.witness, {})
      const time = at(theirs)
      if (time === null)
        return couldNotLook(`that file does not say when: ${event}`, 'Nothing: no time is in that file.')
      return seenBy(seen.witness, { [event]: time })
    },
  }
}

/** What was seen of production itself: one kind of observation of one folder, and whose word it is. */
export function inProduction<T>(
  again: LookedAgain,
  kind: Kind<T>,
  subject: string,
  flag: string,
): { readonly data: T; readonly witness: string } | Extract<Looked, { status: 'could-not-look' }> {
  const found = again.production.get(subject)
  const seen = found?.find(kind)
  const data = found?.maybe(kind)
  if (seen !== undefined && data !== undefined) return { data, witness: seen.witness }
  const reason = seen?.status === 'failed' ? seen.reason : `production was not looked at (${flag} says where it is)`
  return { status: 'could-not-look', reason }
}
