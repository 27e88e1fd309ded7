import type { CheckSettings } from '../../gate/check.ts'
import { type Finding, type Where, cannotProve, note, refuse } from '../../gate/finding.ts'
import type { MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { StopTrial } from '../../observers/repeat/kind.ts'
import { flat, list, serverSaid } from './wording.ts'

/** What each tool does with a migration that it finds half-way. docs/reference/formats.md names the sources. */
const AFTER_A_STOP: Partial<Record<MigrationTree['format'], string>> = {
  'golang-migrate':
    'golang-migrate marks the version dirty and refuses to go on until a person has mended it and run `migrate force`.',
  prisma: 'Prisma refuses to go on (P3009) until a person has mended it and run `migrate resolve`.',
}

/** At most one finding a migration and code: all stops of one migration are mended in one place. */
export function judgeStops(
  stops: readonly StopTrial[],
  { format, migrations }: MigrationTree,
  profile: CheckSettings['profile'],
): Finding[] {
  const alone = new Set(migrations.filter(({ up }) => up.send !== 'statements').map(({ up }) => up.file))
  const say = profile === 'additive' ? refuse : note
  const sayUnknown = profile === 'additive' ? cannotProve : note
  return [...new Set(stops.map((stop) => stop.file))].flatMap((file) => {
    const own = stops.filter((stop) => stop.file === file)
    const invalid = own.filter((stop) => stop.invalid.length > 0)
    const broken = own.filter(
      (stop) => stop.outcome === 'failed' || (stop.outcome === 'differs' && !isOnlyInvalid(stop)),
    )
    const untried = own.filter((stop) => stop.outcome === 'untried')
    return [
      ...notFromTheMiddle(broken, say, AFTER_A_STOP[format] ?? '', alone.has(file)),
      ...invalidIndex(invalid, say, alone.has(file)),
      ...notTried(untried, sayUnknown),
    ]
  })
}

/** All that differs is that the index is invalid. */
const isOnlyInvalid = ({ changed, invalid }: StopTrial): boolean =>
  invalid.length > 0 && changed.every((object) => invalid.includes(object))

function notFromTheMiddle(
  broken: readonly StopTrial[],
  say: typeof refuse,
  tool: string,
  isOneMessage: boolean,
): Finding[] {
  const [first] = broken
  if (first === undefined) return []
  const others = broken.length === 1 ? '' : ` (and so from ${broken.length - 1} more places)`
  const how = first.kind === 'invalid-index' ? 'while' : 'after'
  const what =
    first.failure === null
      ? `leaves something else than a run without a stop: ${list(first.changed)}`
      : `fails: ${serverSaid(first.failure)}${first.failure.statement === null ? '' : ` at \`${flat(first.failure.statement.text)}\``}`
  return [
    say({
      code: 'repeat/not-from-the-middle',
      message:
        `if ${first.version} stops ${how} statement ${first.index} (\`${flat(first.text)}\`), starting it again ${what}${others}. ${tool}`.trim(),
      where: failedAt(first),
      endLine: first.failure === null ? first.endLine : null,
      subject: `migration ${first.version}`,
      hint: hintFor(first, isOneMessage),
      proof: 'stopped there and started again on a server',
    }),
  ]
}

function hintFor({ kind }: StopTrial, isOneMessage: boolean): string {
  if (kind === 'invalid-index') return dropFirst('name', isOneMessage)
  return 'Write each statement such that it may run twice (IF NOT EXISTS, IF EXISTS, ON CONFLICT DO NOTHING), or make a migration of its own of each part that commits.'
}

/** A build that was ended is only begun again where what it left is dropped in a message of its own before. */
const dropFirst = (index: string, isOneMessage: boolean): string =>
  isOneMessage
    ? `This file goes over as one message, in which nothing may stand beside CREATE INDEX CONCURRENTLY: drop what is left by hand (\`DROP INDEX CONCURRENTLY IF EXISTS ${index};\`) before starting again, or build without CONCURRENTLY while the table is small.`
    : `Take a left-over away first: \`DROP INDEX CONCURRENTLY IF EXISTS ${index};\` on the line before the CREATE INDEX CONCURRENTLY.`

function invalidIndex(invalid: readonly StopTrial[], say: typeof refuse, isOneMessage: boolean): Finding[] {
  return invalid.map((stop) =>
    say({
      code: 'repeat/invalid-index',
      message: `if ${stop.version} is ended while it builds ${list(stop.invalid)}, starting it again succeeds and leaves the index invalid: IF NOT EXISTS takes it for the finished one, no query uses it, and a unique one may hold duplicates`,
      where: placeOf(stop),
      endLine: stop.endLine,
      subject: stop.invalid[0] ?? null,
      hint: dropFirst(nameOf(stop), isOneMessage),
      proof: 'left invalid and started again on a server',
    }),
  )
}

const nameOf = ({ invalid }: StopTrial): string => (invalid[0] ?? 'index name').replace(/^index /, '')

function notTried(untried: readonly StopTrial[], say: typeof cannotProve): Finding[] {
  const [first] = untried
  if (first === undefined) return []
  const others = untried.length === 1 ? '' : ` and ${untried.length - 1} more places`
  return [
    say({
      code: 'unproven/repeat-not-tried',
      message: `${first.version} can stop half-way at statement ${first.index} (\`${flat(first.text)}\`)${others}, and starting it again from there was not tried: ${first.why ?? 'no reason was told'}`,
      where: placeOf(first),
      endLine: first.endLine,
      subject: `migration ${first.version}`,
      hint: 'Make a migration of its own of each part that commits, so that the tool’s ledger knows where it stopped.',
    }),
  ]
}

const placeOf = ({ file, line, column }: StopTrial): Where => ({ file, line, column })

const failedAt = ({ file, failure, line, column }: StopTrial): Where => ({
  file: failure?.file ?? file,
  line: failure?.statement?.line ?? line,
  column: failure?.statement?.column ?? column,
})
