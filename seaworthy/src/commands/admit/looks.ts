import type { AdmissionInput } from '../../gate/admission/admission.ts'
import { digestOf } from '../../gate/canonical.ts'
import type { Running } from '../../gate/certificate/candidate.ts'
import { identityIn, placeIn } from '../../gate/certificate/identity.ts'
import type { Precondition } from '../../gate/certificate/precondition.ts'
import { shortIdentity } from '../../gate/obligation.ts'
import { count } from '../../reports/wording.ts'

/** One thing that was looked at, and what was seen, in plain words. */
export interface Looked {
  readonly what: string
  readonly seen: string
}

/** What an admission looked at, in the order of the looks. */
export function looksOf(input: AdmissionInput): Looked[] {
  const { presented, policy, running, seen, databases, answers } = input
  const world = seen.map((one): Looked => ({
    what: `${one.kind} of ${one.subject}`,
    seen: 'precondition' in one ? precondition(one.precondition) : `not seen: ${one.reason}`,
  }))
  const told = new Set(seen.flatMap((one) => ('precondition' in one ? [identityIn(one.precondition.witness)] : [])))
  return [
    { what: 'certificate', seen: certificate(presented) },
    { what: 'policy', seen: shortIdentity(digestOf(policy)) },
    { what: 'candidate', seen: candidate(running) },
    ...world,
    // A database of which a line above tells already is not told again.
    ...databases
      .filter(({ identity }) => identity === null || !told.has(identity))
      .map(({ as, place, identity }) => ({
        what: as,
        seen: `${place}, ${identity === null ? 'which does not say who it is' : shortIdentity(identity)}`,
      })),
    ...(answers === null
      ? []
      : [{ what: 'answers', seen: `${answers.answers.length} of ${shortIdentity(answers.identity)}` }]),
  ]
}

/** `50 migrations, postgresql://db:5432/app public.applied (sha256:3fe6ae618189…)` */
function precondition({ kind, parts, witness }: Precondition): string {
  const identity = identityIn(witness)
  const what =
    kind === 'ledger' ? count(parts.length, 'migration') : count(parts.length, 'object or role', 'objects and roles')
  return `${what}, ${placeIn(witness)}${identity === null ? '' : ` (${shortIdentity(identity)})`}`
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
