import type { Finding, refuse } from '../../gate/finding.ts'
import type { DownTrial } from '../../observers/rehearsal-down/kind.ts'
import { takeBack } from './take-back.ts'

/** How a defect of a down speaks: it refuses where the policy requires downs, and warns else. */
export type Say = typeof refuse

type Entry = DownTrial['leftOver'][number]
type Change = DownTrial['changed'][number]

/** How many objects one message names. */
const MOST_NAMED = 5
/** How many characters of a facet one message shows. */
const LONGEST_FACET = 80

/** The facets of a definition: a line that begins with a tab goes on with the one before it. */
const facetsOf = (entry: Entry): string[] => entry.definition.replaceAll('\n\t', ' ').split('\n')

/** What the object is a part of; null if it stands for itself. */
function partOf(entry: Entry): string | null {
  const [first = ''] = facetsOf(entry)
  return first.startsWith('of ') ? first.slice('of '.length) : null
}

/** Objects that are not parts of another one in the list: with a table, its columns and indexes need no mention. */
function roots(entries: readonly Entry[]): Entry[] {
  const listed = new Set(entries.map((entry) => entry.object))
  const found = entries.filter((entry) => !listed.has(partOf(entry) ?? ''))
  // Entries that claim to be parts of each other are damaged evidence; what is listed is never lost from sight.
  return found.length > 0 ? found : [...entries]
}

/** What a down left over, and what it did not bring back as it was: at most one finding of each. */
export function judgeDifference(trial: DownTrial, say: Say): Finding[] {
  const place = {
    where: { file: trial.downFile ?? trial.file, line: 1, column: 1 },
    subject: `migration ${trial.version}`,
  }
  const left = roots(trial.leftOver)
  const lost = roots(trial.missing)
  const lostNames = new Set(trial.missing.map((entry) => entry.object))
  const changed = realChanges(trial).filter(({ after }) => !lostNames.has(partOf(after) ?? ''))
  const complaints = [
    ...(lost.length > 0 ? [`does not bring back ${list(lost.map((entry) => entry.object))}`] : []),
    ...(changed.length > 0 ? [`brings back with a difference ${list(changed.map(describe))}`] : []),
  ]
  const findings: Finding[] = []
  if (left.length > 0) {
    const statements = left.map(takeBack).filter((text) => text !== null)
    findings.push(
      say({
        ...place,
        code: 'apply/down-leaves-over',
        message: `the down of ${trial.version} leaves over ${list(left.map((entry) => entry.object))}`,
        hint:
          statements.length === 0
            ? `Take it back in ${place.where.file}.`
            : `Add to ${place.where.file}: ${statements.slice(0, MOST_NAMED).join(' ')}`,
      }),
    )
  }
  if (complaints.length > 0) {
    findings.push(
      say({
        ...place,
        code: 'apply/down-does-not-restore',
        message: `the down of ${trial.version} ${complaints.join(', and ')}`,
        hint: `Bring it back in ${place.where.file} as it was before the up. Data that the up threw away no down brings back.`,
      }),
    )
  }
  return findings
}

/** What is there with another definition after up and down, and could be as it was. */
export const realChanges = ({ changed }: DownTrial): readonly Change[] => changed.filter((one) => !isOnlyValidated(one))

/** A constraint that the up validated: no statement takes that back, and it refuses what it refused before. */
const isOnlyValidated = ({ before, after }: Change): boolean =>
  after.object.startsWith('constraint ') && before.definition.replace(NOT_VALID, '') === after.definition

/** As `pg_get_constraintdef` ends. */
const NOT_VALID = / NOT VALID(?=\n|$)/

const list = (names: readonly string[]): string =>
  names.length <= MOST_NAMED
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`

/** `column public.users.email (was: default 'x'; now: default 'y')`. */
function describe({ before, after }: Change): string {
  const old = new Set(facetsOf(before))
  const now = new Set(facetsOf(after))
  const was = [...old].filter((facet) => !now.has(facet)).map(short)
  const is = [...now].filter((facet) => !old.has(facet)).map(short)
  const words = [
    ...(was.length > 0 ? [`was: ${was.join(', ')}`] : []),
    ...(is.length > 0 ? [`now: ${is.join(', ')}`] : []),
  ]
  return `${after.object} (${words.join('; ')})`
}

const short = (facet: string): string => {
  const line = facet.replaceAll(/\s+/g, ' ').trim()
  return line.length <= LONGEST_FACET ? line : `${line.slice(0, LONGEST_FACET)}…`
}
