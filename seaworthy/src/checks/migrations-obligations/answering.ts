import { identityIn } from '../../gate/certificate/identity.ts'
import { cannotProve, type Finding, note } from '../../gate/finding.ts'
import { shortIdentity } from '../../gate/obligation.ts'
import type { Observations } from '../../gate/observation.ts'
import { type Answers, answers } from '../../observers/answers/kind.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { shape } from '../../observers/shape/kind.ts'

/** The answers that count, and what there is to say about who gave them. */
export interface Answering {
  readonly given: Answers | undefined
  readonly findings: readonly Finding[]
}

/**
 * Answers of another database than the one that the shape was captured from, or whose ledger was read, do not count, whatever
 * they say.
 */
export function answering(observations: Observations, isDeploy: boolean): Answering {
  const given = observations.maybe(answers)
  if (given === undefined) return { given, findings: [] }
  const { identity } = given.server
  const known = knownDatabases(observations)
  const other = known.find((one) => one.identity !== identity)
  if (other !== undefined) return { given: undefined, findings: [otherDatabase(identity, other)] }
  if (known.length > 0 || !isDeploy) return { given, findings: [] }
  const why =
    observations.maybe(shape) === undefined
      ? 'no shape was given'
      : 'the shape does not say which database it was captured from'
  return { given, findings: [notCompared(identity, why)] }
}

/** A database that says who it is. */
interface Known {
  readonly identity: string
  readonly words: string
  readonly hint: string
}

/** The databases that other observations are of. */
function knownDatabases(observations: Observations): Known[] {
  const captured = observations.maybe(shape)
  const rows = observations.find(ledger)
  const read = rows?.status === 'observed' ? identityIn(rows.witness) : null
  return [
    ...(captured === undefined || captured.witness === null
      ? []
      : [
          {
            identity: captured.witness,
            words: `the one that the shape was captured from, ${captured.database.name} (${shortIdentity(captured.witness)})`,
            hint: 'Ask the database that the shape is of, or a replica of it: seaworthy prove --against URL. If production has moved to another cluster, capture the shape again.',
          },
        ]),
    ...(read === null
      ? []
      : [
          {
            identity: read,
            words: `the one whose ledger was read (${shortIdentity(read)})`,
            hint: 'Ask the database whose ledger says what is applied, or a replica of it: seaworthy prove --against URL. Or read the ledger of the database that answered.',
          },
        ]),
  ]
}

const otherDatabase = (identity: string, { words, hint }: Known): Finding =>
  cannotProve({
    code: 'obligation/other-database',
    message: `another database answered (${shortIdentity(identity)}) than ${words}, so its answers do not count`,
    subject: 'answers',
    hint,
  })

const notCompared = (identity: string, why: string): Finding =>
  note({
    code: 'obligation/database-not-compared',
    message: `${why}, so nothing says that the database that answered (${shortIdentity(identity)}) is production`,
    subject: 'answers',
    hint: 'Give production’s shape (seaworthy capture URL -o shape.json; seaworthy check --shape shape.json), or its ledger by --ledger-url: each names its database.',
  })
