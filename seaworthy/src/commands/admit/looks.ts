import type { AdmissionInput } from '../../gate/admission.ts'
import type { Running } from '../../gate/certificate/candidate.ts'
import { shortIdentity } from '../../gate/obligation.ts'
import { count } from '../../reports/wording.ts'
import type { Compared } from './admit.ts'

/** One thing that was looked at, and what was seen, in plain words. */
export interface Looked {
  readonly what: string
  readonly seen: string
}

/** What an admission looked at, in the order of the looks. */
export function looksOf(input: AdmissionInput, { policy }: Compared): Looked[] {
  const { presented, running, seen, databases, answers } = input
  const world = seen.map((one): Looked => ({
    what: `${one.kind} of ${one.subject}`,
    seen:
      'precondition' in one
        ? `${count(one.precondition.parts.length, 'part')}, ${one.precondition.witness}`
        : `not seen: ${one.reason}`,
  }))
  return [
    { what: 'certificate', seen: certificate(presented) },
    { what: 'policy', seen: policy },
    { what: 'candidate', seen: candidate(running) },
    ...world,
    ...databases.map(({ as, place, identity }) => ({
      what: as,
      seen: `${place}, ${identity === null ? 'which does not say who it is' : shortIdentity(identity)}`,
    })),
    ...(answers === null
      ? []
      : [{ what: 'answers', seen: `${answers.answers.length} of ${shortIdentity(answers.identity)}` }]),
  ]
}

function certificate(presented: AdmissionInput['presented']): string {
  if ('problem' in presented) return presented.message
  const { verdict, action, evaluatedAt, expiresAt } = presented.statement.predicate.seaworthy_release
  return `${verdict} for ${action}, made ${evaluatedAt}, good until ${expiresAt}, key ${presented.keyId.slice(0, 16)}…`
}

function candidate({ commit, isDirty, migrations, images = [] }: Running): string {
  const parts = [
    commit === null || commit === undefined ? 'no commit' : `commit ${commit.slice(0, 12)}`,
    ...(isDirty === true ? ['with uncommitted changes'] : []),
    migrations === undefined
      ? 'migrations that could not be looked at'
      : `migrations in ${migrations.map(({ folder }) => folder).join(', ') || 'no folder'}`,
    ...images.map(({ name, digest }) => `image ${name}@${digest}`),
  ]
  return parts.join(', ')
}
