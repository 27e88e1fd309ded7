import { type Finding, refuse, warn } from '../../gate/finding.ts'
import type { Migration } from '../../observers/migration-tree/kind.ts'
import type { QueryChange } from '../../observers/queries/kind.ts'
import { differenceOfAnswers } from './difference.ts'
import { aboutOf, placeIn } from './place.ts'
import { rolesIn, shortQuery } from './wording.ts'

const MOST_EXAMPLES = 5

/** One harm: what a migration does to one or several queries alike. */
interface Harm {
  readonly code: string
  readonly say: typeof refuse
  /** What the queries do from then on: `stops working: column users.email does not exist (SQLSTATE 42703)`. */
  readonly what: string
  /** Equal for queries of one harm. */
  readonly about: string
  readonly names: readonly string[]
  readonly hint: string
}

const EXPAND =
  'Expand first and contract later: leave what the running version uses, add the new beside it, move the program over in this release, and take the old away in the next one.'
const NAME_COLUMNS =
  'Let the program name its columns instead of `*`, and prepare its statements anew (reconnect) once the migration is in.'

/** insufficient_privilege; invalid_authorization_specification: the role may not even connect. */
const NO_RIGHT: ReadonlySet<string> = new Set(['42501', '28000'])

/** Findings about changed queries: those that one migration changes in the same way are one finding. */
export function judgeChanges(changes: readonly QueryChange[], pending: readonly Migration[]): Finding[] {
  const groups = new Map<string, { harm: Harm; changes: QueryChange[] }>()
  for (const change of changes) {
    const harm = harmOf(change)
    if (harm === null) continue
    const key = JSON.stringify([harm.code, harm.say === refuse, harm.about, change.files])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { harm, changes: [change] })
    else group.changes.push(change)
  }
  return [...groups.values()].map((group) => findingOf(group.harm, group.changes, pending))
}

function findingOf(harm: Harm, changes: readonly QueryChange[], pending: readonly Migration[]): Finding {
  const files = changes[0]?.files ?? []
  const place = placeIn(
    pending.filter((migration) => files.includes(migration.up.file)),
    harm.names,
  )
  const examples = changes.slice(0, MOST_EXAMPLES).map(({ query }) => shortQuery(query))
  const more = changes.length > MOST_EXAMPLES ? ` and ${changes.length - MOST_EXAMPLES} more` : ''
  const whose = `of ${rolesIn(changes.map(({ query }) => query))}`
  const subject = changes.length === 1 ? `the query ${whose}` : `${changes.length} queries ${whose}`
  const by = files.length === 1 ? files[0] : `${files.length} migrations that commit together`
  return harm.say({
    code: harm.code,
    message: `${subject}: ${harm.what}, by ${by}: ${examples.join('; ')}${more}`,
    where: place?.where ?? null,
    endLine: place?.endLine ?? null,
    subject: harm.about,
    hint: harm.hint,
    proof: 'planned by the server before and after',
  })
}

/** What a change does to the version that is still running; null where it does nothing that a program can notice. */
function harmOf(change: QueryChange): Harm | null {
  const { before, after } = change
  if (!after.works) return failing(after.error)
  const { result, isResultReadable, parameters, names } = differenceOfAnswers(before, after)
  if (parameters !== null && (result === null || isResultReadable)) {
    return {
      code: 'compat/query-changes-parameters',
      say: refuse,
      what: `it ${parameters}`,
      about: `parameters of queries: ${parameters}`,
      names: [],
      hint: `A driver that sends typed or binary values is refused, or sends the wrong thing. ${EXPAND}`,
    }
  }
  if (change.meaning !== null && (result === null || isResultReadable)) return otherwise(change.meaning)
  if (result === null) return null
  const both = parameters === null ? result : `${result}, and ${parameters}`
  return {
    code: 'compat/query-changes-result',
    say: isResultReadable ? warn : refuse,
    what: isResultReadable ? `it ${both}; statements that are prepared already fail once` : `it ${both}`,
    about: `result of queries: ${both}`,
    names,
    hint: isResultReadable ? NAME_COLUMNS : EXPAND,
  }
}

/** The same columns and parameters, and other rows: nobody notices before the data are wrong. */
function otherwise({ before, after, column }: NonNullable<QueryChange['meaning']>): Harm {
  const now = after === '' ? 'the same in another place' : after
  const what = `it goes on without an error and means ${before === '' ? `${now} as well` : `${now} where it meant ${before}`}`
  return {
    code: 'compat/query-answers-differently',
    say: refuse,
    what,
    about: `meaning of queries: ${now}`,
    names: column === null ? [] : [column],
    hint: 'Give what is new a name that the query does not use yet. Or let the running version write the table in front of the name, release that, and add the column in the next release.',
  }
}

function failing(error: Extract<QueryChange['after'], { works: false }>['error']): Harm {
  const code = error.sqlstate === null ? '' : ` (SQLSTATE ${error.sqlstate})`
  const name = aboutOf(error)
  const isRight = NO_RIGHT.has(error.sqlstate ?? '')
  return {
    code: isRight ? 'compat/query-loses-privilege' : 'compat/query-stops-working',
    say: refuse,
    what: `it stops working: ${error.message}${code}`,
    about: `${error.sqlstate ?? 'error'} ${name ?? error.message}`,
    names: name === null ? [] : [name],
    hint: isRight
      ? 'Keep the right until no running version needs it, or grant it again in the same migration: a table that is made anew has none of the old one’s grants.'
      : EXPAND,
  }
}
