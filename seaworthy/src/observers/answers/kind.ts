import type { Kind } from '../../gate/observation.ts'
import type { Answer } from '../../gate/obligation.ts'

export type { Answer } from '../../gate/obligation.ts'

/** What production said to the questions that a release asks. Counts and dates; no row, no name of a host, no credential. */
export interface Answers {
  readonly server: {
    /** `18.4`. */
    readonly version: string
    /** A digest of the cluster's own identifier and the database's name: two names for one database have the same. */
    readonly identity: string
    /** A replica answers for the time up to which it has replayed. */
    readonly isReplica: boolean
  }
  readonly answers: readonly Answer[]
}

/** Production's dated answers, as `seaworthy prove` wrote them. */
export const answers: Kind<Answers> = {
  name: 'answers',
  version: 1,
  parse: async (data) => (await import('./schema.ts')).answersSchema.parse(data),
}
