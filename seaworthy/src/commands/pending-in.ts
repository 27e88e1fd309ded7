import type { Subject } from '../gate/evaluate.ts'
import { pending } from '../observers/pending/kind.ts'

/** How many pending migrations were judged, in all folders together. */
export const pendingIn = ({ subjects }: { readonly subjects: readonly Subject[] }): number =>
  subjects.reduce((sum, { observations }) => sum + (observations.maybe(pending)?.files.length ?? 0), 0)
