import type { Settled } from '../../../gate/verdict.ts'
import type { TracedLock, TracedStatement } from '../../../observers/effects/kind.ts'
import { as, commandsOf, type Node, partsOf, rangeParts, walk } from '../../../sql/tree.ts'
import { factsOf } from '../../migrations-contract/hints/facts.ts'
import { safeForm } from '../../migrations-contract/hints/safe-form.ts'
import { judgeAdvisory } from './advisory.ts'
import { judgeAllRows } from './all-rows.ts'
import { judgeDefaultPartitions } from './default-partition.ts'
import { judgeFilled } from './filled.ts'
import { error, type Harm, type Harms } from '../harm.ts'
import { judgeHeld } from './held.ts'
import { BLOCKS_WRITES } from './modes.ts'
import type { Judged } from '../names/renamed.ts'
import type { Scene } from '../scene.ts'
import { duration, isSmall, sizeOf } from './sizes.ts'
import { whyFits } from './partition-fit.ts'
import { ownName, plain, type Thing, thingOf, valueOf } from '../thing.ts'
import { judgeTimeouts } from './timeouts.ts'
import { constraintOf, nodeOf } from '../sorts/constraint-text.ts'
import { type Work, worksOf } from './works.ts'

/** What happens only if the server then writes the table anew. */
const ONLY_IF_REWRITTEN = new Set(['lock/change-column-type', 'lock/add-column-rewrite'])

/** A table that was there before and that a statement worked on while others waited. */
export interface Hold {
  readonly by: TracedStatement
  /** As the trace names it. */
  readonly table: string
  readonly code: string
}

/** Judges how long others have to wait, by the locks and rewrites that were traced. Only where a version runs meanwhile. */
export function judgeLocks(scene: Scene): Judged {
  if (scene.isAdditive) return { harms: [], settled: [] }
  const harms: Harm[] = []
  const settled: Settled[] = []
  const holds: Hold[] = []
  for (const [index, by] of scene.statements.entries()) {
    const told = judgeStatement(by, heldBefore(index, scene), scene)
    harms.push(...told.harms)
    settled.push(...told.settled)
    holds.push(...told.holds)
  }
  const validations = judgeValidation(scene)
  const validating = new Set(validations.flatMap(({ by }) => by ?? []))
  const others = [judgeDefaultPartitions, judgeFilled, judgeAllRows, judgeAdvisory, judgeTimeouts].flatMap((judge) =>
    judge(scene),
  )
  return { harms: [...harms, ...validations, ...judgeHeld(scene, holds, validating), ...others], settled }
}

/** What its transaction has locked already: the trace names a lock where it is taken, and not where it is used again. */
function heldBefore(index: number, scene: Scene): readonly TracedLock[] {
  const transaction = scene.statements[index]?.transaction ?? null
  if (transaction === null) return []
  return scene.statements.slice(0, index).flatMap((one) => (one.transaction === transaction ? one.locks : []))
}

function judgeStatement(
  by: TracedStatement,
  held: readonly TracedLock[],
  scene: Scene,
): Judged & { holds: readonly Hold[] } {
  const rewritten = by.events.flatMap((event) =>
    event.kind === 'rewritten' ? [{ table: event.object, reason: event.reason }] : [],
  )
  const works = scene
    .nodesOf(by)
    .filter((node) => !isIndexThere(node, by, scene))
    .flatMap((node) => worksOf(node).map((work) => withSafeForm(work, node, scene)))
    .flatMap((work) => (work.code === 'lock/drop-index' ? eachIndex(work, by, scene) : [work]))
    .map((work) => (work.code === 'lock/reindex' ? asRebuilt(work, by) : work))
  const harms: Harm[] = []
  const settled: Settled[] = []
  const holds: Hold[] = []
  const explained = new Set<string>()
  for (const work of works) {
    for (const table of tablesOf(work, by, held, scene)) {
      if (work.isRootOnly === true && isPartitioned(table, scene)) continue
      const rewrite = rewritten.find((one) => one.table === table)
      const isOnlyIf = ONLY_IF_REWRITTEN.has(work.code)
      // Nothing is copied, but the indexes are sorted anew under the same lock.
      const isSorted = rewrite === undefined && isOnlyIf && isSortedAnew(work, table, scene)
      const free =
        isOnlyIf && rewrite === undefined && !isSorted
          ? 'the server changed it without writing the table anew'
          : work.code === 'lock/attach-partition'
            ? whyFits(table, scene)
            : null
      if (free !== null) {
        settled.push(...settle(work, by, table, free))
        continue
      }
      if (rewrite !== undefined) explained.add(table)
      holds.push({ by, table, code: work.code })
      const told = isSorted ? { ...work, words: 'changes a collation, for which it builds indexes anew on' } : work
      if (isSmall(scene, sizeOf(scene, table))) settled.push(...settle(work, by, table, small(table, scene)))
      else harms.push(...tell(told, by, table, held, scene, rewrite?.reason ?? null))
    }
  }
  for (const { table, reason } of rewritten) {
    if (explained.has(table) || !isOfBefore(table, scene) || isToldOtherwise(table, by, holds, scene)) continue
    holds.push({ by, table, code: 'lock/table-rewrite' })
    const size = sizeOf(scene, table)
    if (isSmall(scene, size)) continue
    harms.push(
      ...error(
        'lock/table-rewrite',
        subjectOf(table),
        `writes ${table} anew while nobody can read or write it${duration(size, 'rewrites')}`,
        {
          by,
          proof: `table_rewrite: ${reason}`,
          hint: 'Make a new column or table and move the rows over in batches.',
        },
      ),
    )
  }
  return { harms, settled, holds }
}

/** TRUNCATE is told as what it is; an index that is rebuilt goes with the work on its table. */
function isToldOtherwise(object: string, by: TracedStatement, holds: readonly Hold[], scene: Scene): boolean {
  const table = scene.before.get(object)?.parent ?? null
  const isWorked = holds.some((one) => one.by === by && (one.table === table || one.table === tableOfKey(table, scene)))
  return (
    isWorked || by.events.some((one) => one.kind === 'write' && one.operation === 'truncate' && one.object === object)
  )
}

/** The index of a key is a part of the constraint. */
const tableOfKey = (constraint: string | null, scene: Scene): string | null =>
  constraint === null ? null : (scene.before.get(constraint)?.parent ?? null)

/** SQL to write instead, where the text of the statement tells it. */
/** `CREATE INDEX IF NOT EXISTS` of one that was there builds nothing; its lock is held all the same, as long as its transaction. */
function isIndexThere(node: Node, by: TracedStatement, scene: Scene): boolean {
  const index = as(node, 'IndexStmt')
  if (index?.if_not_exists !== true || index.idxname === undefined) return false
  const isMade = by.events.some(
    (event) => event.kind === 'created' && ownName(thingOf({ object: event.object, definition: '' })) === index.idxname,
  )
  const table = rangeParts(index.relation).at(-1)
  return (
    !isMade &&
    [...scene.before.values()].some(
      (one) =>
        one.sort === 'index' &&
        ownName(one) === index.idxname &&
        ownName(thingOf({ object: one.parent ?? '', definition: '' })) === table,
    )
  )
}

function withSafeForm(work: Work, node: Node, scene: Scene): Work {
  const text = scene.reading.textOf(node)
  const safe = text === null ? null : safeForm(work.code, text, factsOf(scene.tree.format))
  return safe === null ? work : { ...work, hint: () => safe }
}

const isPartitioned = (table: string, scene: Scene): boolean =>
  valueOf(scene.before.get(table), 'partitioned by ') !== null

const subjectOf = (table: string): string => `table ${plain(table.slice(table.indexOf(' ') + 1))}`

const isOfBefore = (table: string, scene: Scene): boolean => scene.wasCalled(table) || scene.before.has(table)

const small = (table: string, scene: Scene): string => {
  const size = sizeOf(scene, table)
  return `${table} is small in production: ${size?.rows ?? 'an unknown number of'} rows in ${size?.bytes ?? 0} bytes`
}

/** The tables of before that the statement has locked against writes, and that the work is about. */
function tablesOf(work: Work, by: TracedStatement, held: readonly TracedLock[], scene: Scene): string[] {
  const names = [...by.locks, ...(work.relation === null ? [] : held)]
    .filter(({ object, mode }) => BLOCKS_WRITES.has(mode) && isTableLike(object) && isOfBefore(object, scene))
    .map(({ object }) => object)
  const rewritten = by.events.flatMap((event) =>
    event.kind === 'rewritten' && isTableLike(event.object) && isOfBefore(event.object, scene) ? event.object : [],
  )
  const all = [...new Set([...names, ...rewritten])]
  return all.filter((object) => work.relation === null || nameOf(object) === work.relation)
}

const isTableLike = (object: string): boolean => /^(?:table|materialized view|foreign table) /.test(object)

/** Whether an index stands on the column, or speaks of it. */
function isIndexOf(column: string, { sort, facets }: Thing): boolean {
  const names: string[] = []
  if (sort === 'constraint') {
    const constraint = constraintOf(facets[0])
    const isKey = constraint?.contype === 'CONSTR_UNIQUE' || constraint?.contype === 'CONSTR_PRIMARY'
    if (isKey) names.push(...partsOf(constraint.keys))
    return names.includes(column) || constraint?.contype === 'CONSTR_EXCLUSION'
  }
  const index = nodeOf(facets.find((one) => one.startsWith('CREATE ')))
  walk(index, 'IndexElem', (one) => names.push(one.name ?? ''))
  walk(index, 'ColumnRef', (one) => names.push(partsOf(one.fields).at(-1) ?? ''))
  return sort === 'index' && names.includes(column)
}

/** Whether a column that is indexed sorts otherwise now. */
function isSortedAnew({ column }: Work, table: string, scene: Scene): boolean {
  const isCollated = scene.changed.some(
    ({ before, after }) =>
      after.sort === 'column' &&
      after.parent === table &&
      ownName(after) === column &&
      valueOf(before, 'collation ') !== valueOf(after, 'collation '),
  )
  return isCollated && [...scene.before.values()].some((one) => one.parent === table && isIndexOf(column ?? '', one))
}

/** The indexes that were dropped, each by its name, as the static rule names them; what the trace does not name stays. */
function eachIndex(work: Work, by: TracedStatement, scene: Scene): Work[] {
  const found = by.events.flatMap((event): Work[] => {
    if (event.kind !== 'dropped' || !event.isDirect || !event.object.startsWith('index ')) return []
    const index = scene.before.get(event.object)
    if (index === undefined || index.parent === null) return []
    const relation = nameOf(index.parent)
    return [{ ...work, relation, subject: `index ${plain(index.name)}`, words: `drops ${index.object} of` }]
  })
  return found.length === 0 ? [work] : found
}

const nameOf = (object: string): string => ownName(thingOf({ object, definition: '' }))

/** The index that REINDEX names, as the server calls it. */
function asRebuilt(work: Work, by: TracedStatement): Work {
  if (work.subject?.startsWith('index ') !== true) return work
  const index = [
    ...by.events.flatMap((one) => (one.kind === 'rewritten' ? one.object : [])),
    ...by.locks.map((one) => one.object),
  ].find((one) => one.startsWith('index ') && nameOf(one) === nameOf(work.subject ?? ''))
  return index === undefined ? work : { ...work, subject: plain(index) }
}

const subjectOfWork = (work: Work, table: string): string => {
  if (work.subject !== undefined) return work.subject
  const name = plain(table.slice(table.lastIndexOf(' ') + 1))
  if (work.column !== null) return `column ${name}.${work.column}`
  return work.code === 'lock/refresh-view' ? `materialized view ${name}` : `table ${name}`
}

function settle(work: Work, by: TracedStatement, table: string, why: string): Settled[] {
  const where = { file: by.file, line: by.line, column: by.column }
  return [{ code: work.code, where, endLine: by.endLine, subject: subjectOfWork(work, table), why }]
}

function tell(
  work: Work,
  by: TracedStatement,
  table: string,
  held: readonly TracedLock[],
  scene: Scene,
  rewritten: string | null,
): Harms {
  const locks = [...by.locks, ...held]
  const mode = locks.find((one) => one.object === table && BLOCKS_WRITES.has(one.mode))?.mode ?? 'AccessExclusiveLock'
  const waits = mode === 'AccessExclusiveLock' ? 'nobody can read or write it' : 'every write to it waits'
  const reason = rewritten === null ? '' : `; table_rewrite: ${rewritten}`
  return error(
    work.code,
    subjectOfWork(work, table),
    `${work.words} ${table} while ${waits}${duration(sizeOf(scene, table), work.kind)}`,
    {
      by,
      proof: `${mode} on ${table}${reason}`,
      hint: work.hint(table.slice(table.lastIndexOf(' ') + 1)),
    },
  )
}

/** NOT VALID and VALIDATE in one transaction: the lock of the one is held while the other reads. */
function judgeValidation(scene: Scene): Harms {
  const since = new Map<string, number>()
  const harms: Harm[] = []
  for (const by of scene.statements) {
    if (by.transaction === null) continue
    const commands = scene.nodesOf(by).flatMap((node) => {
      const alter = as(node, 'AlterTableStmt')
      return commandsOf(alter?.cmds).map((command) => ({ own: rangeParts(alter?.relation).at(-1) ?? '', command }))
    })
    // What ran inside of one statement is not told in its order.
    for (const { own, command } of commands) {
      const constraint = as(command.def, 'Constraint')
      if (constraint?.skip_validation === true) since.set(`${own} ${constraint.conname ?? ''}`, by.transaction)
    }
    for (const { own, command } of commands) {
      const name = command.name ?? ''
      if (command.subtype !== 'AT_ValidateConstraint' || since.get(`${own} ${name}`) !== by.transaction) continue
      const table = [...scene.before.keys()].find((one) => one.startsWith('table ') && nameOf(one) === own)
      if (table === undefined || isSmall(scene, sizeOf(scene, table))) continue
      harms.push(
        ...error(
          'lock/validate-in-same-transaction',
          subjectOf(table),
          `validates ${name} of ${table} while the lock of adding it is still held${duration(sizeOf(scene, table), 'reads')}`,
          {
            by,
            proof: `one transaction: number ${by.transaction}`,
            hint: `Move ALTER TABLE ${table.slice(6)} VALIDATE CONSTRAINT ${name}; into the next migration.`,
          },
        ),
      )
    }
  }
  return harms
}
