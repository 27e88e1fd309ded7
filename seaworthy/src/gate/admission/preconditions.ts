import { type Moved, movedSince, type Precondition } from '../certificate/precondition.ts'
import type { Release } from '../certificate/statement.ts'
import { cannotProve, type Finding, refuse } from '../finding.ts'
import type { AdmissionInput, Part, Seen } from './input.ts'

/** What was seen of one part of the world. */
type Looked = Extract<Seen, { readonly precondition: Precondition }>

/** So many parts of a kind are named; the rest is counted. */
const MOST_NAMED = 10

/** Whether the world is still the one that the verdict rests on, and whether all was looked at that the policy asks for. */
export function judgePreconditions(
  { preconditions, candidate, evaluatedAt }: Pick<Release, 'preconditions' | 'candidate' | 'evaluatedAt'>,
  { policy, seen }: AdmissionInput,
): Part {
  const folders = candidate.migrations.map(({ folder }) => folder)
  const missing = policy.admission.requires.flatMap((kind) => {
    const has = (folder: string): boolean => preconditions.some((one) => one.kind === kind && one.subject === folder)
    // A certificate that names no folder rests on nothing.
    return (folders.length === 0 ? ['.'] : folders)
      .filter((folder) => !has(folder))
      .map((folder) => notCertified(kind, folder))
  })
  const looked = preconditions.map((one) => compared(one, seen, evaluatedAt))
  return {
    findings: [...missing, ...looked.filter((one) => typeof one !== 'string')],
    proved: looked.filter((one) => typeof one === 'string'),
  }
}

/** What is proved, in words; or what is to be said against it. */
function compared(certified: Precondition, seen: readonly Seen[], since: string): string | Finding {
  const { kind, subject } = certified
  const now = seen.filter((one) => one.kind === kind && one.subject === subject)
  const [found] = now
  if (found === undefined || now.length > 1) return notLookedAt(certified, 'nobody looked', flagOf(kind))
  if ('reason' in found) return notLookedAt(certified, found.reason, found.hint ?? flagOf(kind))
  const moved = movedSince(certified, found.precondition)
  if (moved === null) return `production's ${kind} for ${subject} is as it was at ${since}`
  return refuse({
    code: 'admission/precondition-moved',
    message: `production's ${kind} for ${subject} is not what was judged at ${since}: ${movedWords(moved, certified, found)}`,
    subject: `${kind} of ${subject}`,
    hint: 'Something was applied or changed meanwhile. Find out what, then run the check again with production as it is now.',
  })
}

const flagOf = (kind: string): string => `Say where it can be looked at: --${kind}-url URL.`

const notLookedAt = ({ kind, subject }: Precondition, reason: string, hint: string): Finding =>
  cannotProve({
    code: 'admission/precondition-not-looked-at',
    message: `production's ${kind} for ${subject} could not be compared with what was judged: ${reason}`,
    subject: `${kind} of ${subject}`,
    hint,
  })

const notCertified = (kind: string, folder: string): Finding =>
  cannotProve({
    code: 'admission/precondition-missing',
    message: `the policy admits nothing without production's ${kind}, and the verdict on ${folder} was made without it`,
    subject: `${kind} of ${folder}`,
    hint: `Run the check with production's ${kind}: --${kind} FILE${kind === 'ledger' ? ', or --ledger-url URL' : ''}.`,
  })

/** `added: migration 124; gone: migration 100`, or `moved from 3 to 4` where the ledger is one row. */
function movedWords({ added, removed, changed }: Moved, { kind, parts: before }: Precondition, now: Looked): string {
  const [from, to] = [removed[0], added[0]]
  const isOneRow = kind === 'ledger' && before.length === 1 && now.precondition.parts.length === 1
  if (isOneRow && from !== undefined && to !== undefined) return `moved from ${from} to ${to}`
  // A row of the ledger is named by its key alone.
  const label = (name: string): string => (kind === 'ledger' ? `migration ${name}` : name)
  const explained = changed.map((name) => {
    const what = now.changes?.get(name)
    return what === undefined ? label(name) : `${label(name)} (${what})`
  })
  const parts = [
    words('added', added.map(label)),
    words('gone', removed.map(label)),
    words('changed', explained),
  ].filter((one) => one !== null)
  return parts.length === 0 ? 'in a way that no part of it names' : parts.join('; ')
}

function words(what: string, names: readonly string[]): string | null {
  if (names.length === 0) return null
  const more = names.length - MOST_NAMED
  return `${what}: ${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
