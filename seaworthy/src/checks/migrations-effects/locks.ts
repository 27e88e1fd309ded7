import type { Settled } from '../../gate/verdict.ts'
import type { TracedLock, TracedStatement } from '../../observers/effects/kind.ts'
import { as, commandsOf, type Node, partsOf, rangeParts, walk } from '../../sql/tree.ts'
import { factsOf } from '../migrations-contract/hints/facts.ts'
import { safeForm } from '../migrations-contract/hints/safe-form.ts'
import { error, type Harm, type Harms } from './harm.ts'
import { judgeHeld } from './held.ts'
import type { Judged } from './renamed.ts'
import type { Scene } from './scene.ts'
import { duration, isSmall, sizeOf } from './sizes.ts'
import { whyFits } from './partition-fit.ts'
import { ownName, plain, type Thing, thingOf, valueOf } from './thing.ts'
import { constraintOf, nodeOf } from './sorts/constraint-text.ts'
import { type Work, worksOf } from './works.ts'

/** Modes under which nobody else writes. Source: the conflict table of the manual, chapter 13.3. */
export const BLOCKS_WRITES: ReadonlySet<string> = new Set([
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
])
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
  return { harms: [...harms, ...judgeValidation(scene), ...judgeHeld(scene, holds)], settled }
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
    .flatMap((node) => worksOf(node).map((work) => withSafeForm(work, node, scene)))
    .flatMap((work) => (work.code === 'lock/drop-index' ? eachIndex(work, by, scene) : [work]))
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
    if (explained.has(table) || !isOfBefore(table, scene)) continue
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

/** SQL to write instead, where the text of the statement tells it. */
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
    event.kind === 'rewritten' && isOfBefore(event.object, scene) ? event.object : [],
  )
  const all = [...new Set([...names, ...rewritten])]
  return all.filter(
    (object) => work.relation === null || ownName(thingOf({ object, definition: '' })) === work.relation,
  )
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
    const relation = ownName(thingOf({ object: index.parent, definition: '' }))
    return [{ ...work, relation, subject: `index ${plain(index.name)}`, words: `drops ${index.object} of` }]
  })
  return found.length === 0 ? [work] : found
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
    for (const node of scene.nodesOf(by)) {
      const alter = as(node, 'AlterTableStmt')
      const own = rangeParts(alter?.relation).at(-1) ?? ''
      for (const command of commandsOf(alter?.cmds)) {
        const constraint = as(command.def, 'Constraint')
        if (constraint?.skip_validation === true) since.set(`${own} ${constraint.conname ?? ''}`, by.transaction)
        if (command.subtype !== 'AT_ValidateConstraint' || since.get(`${own} ${command.name ?? ''}`) !== by.transaction)
          continue
        const table = [...scene.before.keys()].find(
          (one) => one.startsWith('table ') && ownName(thingOf({ object: one, definition: '' })) === own,
        )
        if (table === undefined || isSmall(scene, sizeOf(scene, table))) continue
        harms.push(
          ...error(
            'lock/validate-in-same-transaction',
            subjectOf(table),
            `validates ${command.name ?? ''} of ${table} while the lock of adding it is still held${duration(sizeOf(scene, table), 'reads')}`,
            {
              by,
              proof: `one transaction: number ${by.transaction}`,
              hint: `Move ALTER TABLE ${table.slice(6)} VALIDATE CONSTRAINT ${command.name ?? ''}; into the next migration.`,
            },
          ),
        )
      }
    }
  }
  return harms
}
