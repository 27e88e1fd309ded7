import { cannotProve, type Finding, note } from '../../gate/finding.ts'
import { shortIdentity } from '../../gate/obligation.ts'
import type { Observations } from '../../gate/observation.ts'
import { type Answers, answers } from '../../observers/answers/kind.ts'
import { shape } from '../../observers/shape/kind.ts'

/** The answers that count, and what there is to say about who gave them. */
export interface Answering {
  readonly given: Answers | undefined
  readonly findings: readonly Finding[]
}

/** Answers of another database than the one that the shape was captured from do not count, whatever they say. */
export function answering(observations: Observations, isDeploy: boolean): Answering {
  const given = observations.maybe(answers)
  if (given === undefined) return { given, findings: [] }
  const { identity } = given.server
  const captured = observations.maybe(shape)
  if (captured === undefined || captured.witness === null) {
    const why =
      captured === undefined ? 'no shape was given' : 'the shape does not say which database it was captured from'
    return { given, findings: isDeploy ? [notCompared(identity, why)] : [] }
  }
  if (captured.witness === identity) return { given, findings: [] }
  const database = `${captured.database.name} (${shortIdentity(captured.witness)})`
  return { given: undefined, findings: [otherDatabase(identity, database)] }
}

const otherDatabase = (identity: string, database: string): Finding =>
  cannotProve({
    code: 'obligation/other-database',
    message: `another database answered (${shortIdentity(identity)}) than the one that the shape was captured from, ${database}, so its answers do not count`,
    subject: 'answers',
    hint: 'Ask the database that the shape is of, or a replica of it: seaworthy prove --against URL. If production has moved to another cluster, capture the shape again.',
  })

const notCompared = (identity: string, why: string): Finding =>
  note({
    code: 'obligation/database-not-compared',
    message: `${why}, so nothing says that the database that answered (${shortIdentity(identity)}) is production`,
    subject: 'answers',
    hint: 'Give production’s shape (seaworthy capture URL -o shape.json; seaworthy check --shape shape.json): it names its database.',
  })
