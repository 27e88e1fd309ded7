import { valueOf } from '../../evidence/json.ts'
import { problemOf } from '../../evidence/problem.ts'
import { subjectsOfBundle } from '../../evidence/question.ts'
import type { ReadBundle } from '../../evidence/read.ts'
import type { Subject } from '../../gate/evaluate.ts'
import type { Observations } from '../../gate/observation.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { pendingIn } from '../pending-in.ts'

/** What the bundle of a certificate tells besides. Nothing is admitted because of it: it says what differs, by name. */
export interface JudgedEvidence {
  /** How many pending migrations were judged. */
  readonly pending: number
  /** The migration folders, with what was seen of them. */
  readonly subjects: readonly Subject[]
  readonly policy: unknown
  /** Production's shape as it was judged, by the migration folder. */
  readonly shapes: ReadonlyMap<string, Observations>
}

/** Null where this version cannot read what lies in the bundle. */
export async function judgedEvidence(bundle: ReadBundle): Promise<JudgedEvidence | null> {
  try {
    const subjects = await subjectsOfBundle(bundle, [migrationTree, pending, shape])
    return {
      pending: pendingIn({ subjects }),
      subjects,
      policy: valueOf(bundle.files.get('policy.json') ?? '', 'policy.json'),
      shapes: new Map(subjects.map(({ name, observations }) => [name, observations])),
    }
  } catch (error) {
    if (problemOf(error) === null) throw error
    return null
  }
}
