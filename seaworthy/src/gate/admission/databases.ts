import { identityIn } from '../certificate/identity.ts'
import type { Release } from '../certificate/statement.ts'
import { cannotProve, type Finding, refuse } from '../finding.ts'
import { shortIdentity } from '../obligation.ts'
import type { AdmissionInput, LookedAt, Part } from './input.ts'

interface Named {
  /** As it stands in a message: `--ledger-url (db:5432/app)`. */
  readonly who: string
  readonly identity: string
}

/**
 * Whether everything speaks of one database: what the verdict rests on, what was looked at now, and who answered. Another
 * one with the same ledger (a copy of production, staging) says nothing of production.
 */
export function judgeDatabases(release: Release, { databases, answers }: AdmissionInput): Part {
  const certified = certifiedOnes(release)
  const live = databases.flatMap(({ as, place, identity }): Named[] =>
    identity === null ? [] : [{ who: `${as} (${place})`, identity }],
  )
  const answering = answers === null ? [] : [{ who: '--answers', identity: answers.identity }]
  const all = [...certified, ...live, ...answering]
  const [first] = all
  const silentOnes = databases.filter((one) => one.identity === null && isToBeCompared(one, all, databases))
  const findings = [
    ...(first === undefined ? [] : othersThan(first, all)),
    ...silentOnes.map(silentFinding),
    ...databases.filter(({ isReplica }) => isReplica).map(replica),
  ]
  return { findings, proved: [] }
}

/** Each that is another one, said once. */
function othersThan(first: Named, all: readonly Named[]): Finding[] {
  const others = all.filter(({ identity }) => identity !== first.identity)
  return [...new Map(others.map((one) => [one.who, one])).values()].map((one) => other(one, first.who))
}

function certifiedOnes({ preconditions, obligations }: Release): Named[] {
  const looked = preconditions.map(({ kind, subject, witness }) => ({
    who: `the ${kind} of ${subject} in the certificate`,
    identity: identityIn(witness),
  }))
  const answered = obligations.map(({ question, witness }) => ({
    who: `the answer to "${question}" in the certificate`,
    identity: witness,
  }))
  return [...looked, ...answered].flatMap(({ who, identity }) => (identity === null ? [] : [{ who, identity }]))
}

/** A database that does not say who it is can only be taken for itself: for the place that another look went to. */
const isToBeCompared = ({ place }: LookedAt, named: readonly Named[], all: readonly LookedAt[]): boolean =>
  named.length > 0 || all.some((one) => one.place !== place)

const other = ({ who, identity }: Named, first: string): Finding =>
  refuse({
    code: 'admission/other-database',
    message: `${who} speaks of another database (${shortIdentity(identity)}) than ${first}`,
    subject: 'database',
    hint: 'Name the database that the verdict is about. If production has moved to another cluster, capture it and run the check again.',
  })

const silentFinding = ({ as, place }: LookedAt): Finding =>
  cannotProve({
    code: 'admission/other-database',
    message: `${as} (${place}) does not say which database it is, so it cannot be told to be the one that was judged`,
    subject: 'database',
    hint: 'As a superuser: GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO …',
  })

const replica = ({ as, place }: LookedAt): Finding =>
  cannotProve({
    code: 'admission/precondition-not-looked-at',
    message: `${as} (${place}) is a replica: what it shows may already have changed`,
    subject: 'database',
    hint: 'Name the primary server. It is only read, under a time limit of seconds.',
  })
