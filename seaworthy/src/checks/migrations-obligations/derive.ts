import { type Obligation, obligationId } from '../../gate/obligation.ts'
import type { CatalogueDifference, CatalogueEntry, Effects } from '../../observers/effects/kind.ts'
import type { MigrationTree } from '../../observers/migration-tree/kind.ts'
import { quotedQualified } from '../../sql/identifier.ts'
import { castsWanted } from './derive/casts.ts'
import { checkWanted, domainWanted } from './derive/check.ts'
import { exclusionWanted } from './derive/exclusion.ts'
import { foreignKeyWanted } from './derive/foreign-key.ts'
import { givesUpWanted } from './derive/gives-up.ts'
import { notNullWanted } from './derive/not-null.ts'
import { notThereWanted } from './derive/not-there.ts'
import { partitionWanted } from './derive/partition.ts'
import type { Stage, Wanted } from './derive/stage.ts'
import { typeWanted } from './derive/type.ts'
import { uniqueWanted } from './derive/unique.ts'
import { Names } from './names.ts'
import { statementFor } from './place.ts'
import { type Schema, schemaOf } from './schema.ts'
import { type PendingStatement, statementsOf } from './statements.ts'
import { type Write, writesOf } from './writes.ts'

/** Something that the release asks of rows and that no question to production settles. */
export interface Unasked {
  readonly wanted: Wanted
  readonly statement: PendingStatement | null
  readonly why: string
  /** Whether rows of the rehearsal have shown that the release does what it asks for. */
  readonly isSettled: boolean
}

/** Who asks: for what names a question beside its own words. */
export interface Asking {
  /** The table that is asked about, in quotes, as the release calls it. */
  readonly table: string
  /** The constraint, index or column. */
  readonly name: string
  /** The last line of the statement that asks. */
  readonly endLine: number | null
}

export interface Derived {
  readonly obligations: readonly (Obligation & Asking)[]
  readonly unasked: readonly Unasked[]
  /** Tables of which nobody can say under which name production has them. */
  readonly unclear: readonly string[]
}

const SORTS: readonly ((stage: Stage) => Wanted[])[] = [
  uniqueWanted,
  exclusionWanted,
  notNullWanted,
  checkWanted,
  domainWanted,
  foreignKeyWanted,
  typeWanted,
  partitionWanted,
  castsWanted,
  givesUpWanted,
  notThereWanted,
]

/** A part of the release that leads from one catalogue to the next. */
interface Step {
  readonly files: ReadonlySet<string>
  readonly earlier: Schema
  readonly after: Schema
}

/** What the release asks of the rows that production has, as questions. Pure. */
export function derive(tree: MigrationTree, files: readonly string[], effects: Effects): Derived {
  const production = schemaOf(effects.before)
  const statements = statementsOf(tree, new Set(files), effects)
  const names = new Names(production)
  const found: Found[] = []
  const unclear = new Set<string>()
  const writes: Write[] = []
  const steps = stepsOf(files, effects, production)
  for (const { files: ofStep, earlier, after } of steps) {
    const own = statements.filter((one) => ofStep.has(one.where.file))
    // A write names the table as it is called then: before the renames of this step, or after them.
    writes.push(
      ...writesOf(own, (parts) => names.find(parts)).map((write) => ({
        ...write,
        table: originName(names, write.table),
      })),
    )
    names.advance(own, earlier, after)
    writes.push(
      ...writesOf(own, (parts) => names.find(parts)).map((write) => ({
        ...write,
        table: originName(names, write.table),
      })),
    )
    for (const table of names.unclear) unclear.add(table)
    const isWritten = (table: string): boolean =>
      writes.some((one) => one.table === originName(names, quotedQualified(table)))
    const { conflicts, server } = effects
    const { major } = server
    const stage: Stage = { production, earlier, after, names, statements: own, isWritten, major, conflicts }
    for (const sort of SORTS) {
      const wanted = sort(stage).filter((one) => !isShownByAnyRow(one, stage, effects))
      found.push(...wanted.map((one) => resolve(one, stage, own, writes, effects)))
    }
  }
  return combined(found, [...unclear])
}

/** The name in production, in quotes; that of a table of the release itself. */
const originName = (names: Names, table: string): string => quotedQualified(names.originOf(table)?.table ?? table)

/** The steps as they were traced; where they do not lead to what the release leaves, one step over all of it. */
function stepsOf(files: readonly string[], effects: Effects, production: Schema): Step[] {
  let entries = effects.before
  let after = production
  const steps = effects.steps.map((step): Step => {
    const earlier = after
    if (!isNothing(step.difference)) {
      entries = applied(entries, step.difference)
      after = schemaOf(entries)
    }
    return { files: new Set(step.files), earlier, after }
  })
  const end = applied(effects.before, effects.difference)
  if (steps.length > 0 && isSame(entries, end)) return steps
  return [{ files: new Set(files), earlier: production, after: schemaOf(end) }]
}

const isNothing = ({ added, removed, changed }: CatalogueDifference): boolean =>
  added.length + removed.length + changed.length === 0

/** A drill derives from one catalogue again and again: what the very same difference makes of it is the very same. */
const APPLIED = new WeakMap<readonly CatalogueEntry[], WeakMap<CatalogueDifference, readonly CatalogueEntry[]>>()

function applied(entries: readonly CatalogueEntry[], difference: CatalogueDifference): readonly CatalogueEntry[] {
  const byDifference = APPLIED.get(entries) ?? new WeakMap<CatalogueDifference, readonly CatalogueEntry[]>()
  APPLIED.set(entries, byDifference)
  const made = byDifference.get(difference) ?? withDifference(entries, difference)
  byDifference.set(difference, made)
  return made
}

function withDifference(entries: readonly CatalogueEntry[], difference: CatalogueDifference): CatalogueEntry[] {
  const gone = new Set([...difference.removed, ...difference.changed.map((one) => one.before)].map((one) => one.object))
  const kept = entries.filter((one) => !gone.has(one.object))
  return [...kept, ...difference.added, ...difference.changed.map((one) => one.after)]
}

function isSame(a: readonly CatalogueEntry[], b: readonly CatalogueEntry[]): boolean {
  const known = new Map(a.map((one) => [one.object, one.definition]))
  return a.length === b.length && b.every((one) => known.get(one.object) === one.definition)
}

type Found = (Obligation & Asking) | Unasked

function resolve(
  wanted: Wanted,
  stage: Stage,
  statements: readonly PendingStatement[],
  writes: readonly Write[],
  effects: Effects,
): Found {
  const statement = wanted.statement ?? statementFor(wanted, statements)
  const { sql } = wanted
  if ('settled' in sql) return { wanted, statement, why: sql.settled, isSettled: true }
  if ('unaskable' in sql) return { wanted, statement, why: sql.unaskable, isSettled: false }
  const own = writes.filter((one) => touches(one, wanted, stage) && isEarlier(one, statement))
  if (own.length > 0) {
    const isSettled = isShownBy(wanted, stage, effects)
    return { wanted, statement, why: 'the release itself writes to these rows first', isSettled }
  }
  return {
    id: obligationId(wanted.subject, sql.sql),
    question: wanted.question,
    subject: wanted.subject,
    where: statement?.where ?? null,
    sql: sql.sql,
    rowsSql: sql.rowsSql,
    failsFrom: 1,
    consequence: wanted.consequence,
    code: wanted.code,
    table: quotedQualified(wanted.table),
    name: wanted.name,
    endLine: statement?.endLine ?? null,
  }
}

/**
 * Whether every row has the same answer, since all that is asked about are new columns without a value, or with one
 * constant: any made-up row has then shown it. A foreign key with a constant depends on the rows of its parent.
 */
function isShownByAnyRow(wanted: Wanted, { names, after }: Stage, effects: Effects): boolean {
  const origin = names.originOf(wanted.table)
  const columns = wanted.columns.map((name) => after.tables.get(wanted.table)?.columns.get(name))
  const hasRows = effects.seeding.tables.some((one) => one.object === `table ${origin?.table}` && one.rows > 0)
  if (origin === null || columns.length === 0 || !hasRows || 'settled' in wanted.sql) return false
  const isConstant = columns.every(
    (one) => one !== undefined && !origin.columns.has(one.name) && one.generated === null,
  )
  return isConstant && (wanted.others === undefined || columns.every((one) => one?.default === null))
}

/** Whether a write may change the answer. Columns of a write are called as production calls them, or as they are now. */
function touches(write: Write, wanted: Wanted, { names }: Stage): boolean {
  const others = (wanted.others ?? []).map((table) => originName(names, quotedQualified(table)))
  if (others.includes(write.table)) return true
  if (write.table !== originName(names, quotedQualified(wanted.table)) || write.columns === 'added') return false
  if (write.columns === 'rows') return true
  const columns = names.originOf(wanted.table)?.columns
  const wantedNames = wanted.columns.flatMap((name) => [name, columns?.get(name) ?? name])
  return wantedNames.some((name) => write.columns instanceof Set && write.columns.has(name))
}

const isEarlier = (write: Write, statement: PendingStatement | null): boolean =>
  statement === null || write.statement.order <= statement.order

/** Whether rows of the rehearsal were there to be mended, and were: no claim is made from rows that had nothing wrong. */
function isShownBy(wanted: Wanted, { names }: Stage, effects: Effects): boolean {
  const origin = names.originOf(wanted.table)
  const known = [wanted.table, ...(wanted.others ?? [])].map((table) => names.originOf(table)?.table ?? table)
  if (
    effects.conflicts.some(
      ({ failure }) =>
        failure.error.table !== null && known.some((one) => quotedQualified(one).endsWith(`."${failure.error.table}"`)),
    )
  )
    return false
  const changes = effects.rows.filter((one) => known.some((table) => one.object === `table ${table}`))
  if (changes.some((one) => one.lost > 0)) return true
  const columns = new Set(wanted.columns.map((name) => origin?.columns.get(name) ?? name))
  const seen = changes.flatMap((one) => one.columns).filter((one) => columns.has(one.column))
  if (wanted.code === 'obligation/not-null') return seen.some((one) => one.filled > 0)
  return seen.some((one) => one.filled + one.overwritten > 0)
}

/** Each question once, and what is not asked once a thing. */
function combined(found: readonly Found[], unclear: readonly string[]): Derived {
  const obligations = new Map<string, Extract<Found, Obligation>>()
  const unasked = new Map<string, Unasked>()
  for (const one of found) {
    if ('id' in one) obligations.set(one.id, obligations.get(one.id) ?? one)
    else unasked.set(`${one.wanted.code} ${one.wanted.subject}`, one)
  }
  return { obligations: [...obligations.values()], unasked: [...unasked.values()], unclear }
}
