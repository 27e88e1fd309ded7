import type { TracedLock, TracedStatement } from '../../../observers/effects/kind.ts'
import { as, kindOf, type Node, rangeParts } from '../../../sql/tree.ts'
import { isAlwaysTrue } from '../../migrations-contract/predicates.ts'
import { blocksFrom } from './block-order.ts'
import { calledBy, waitingCall } from './called.ts'
import { error, type Harm, type Harms, NONE, remark, warning } from '../harm.ts'
import type { Hold } from './locks.ts'
import { type Read, readsOf } from './reads.ts'
import type { Scene } from '../scene.ts'
import { isLarge, isSmall, sizeOf } from './sizes.ts'
import { standsFor } from './stands-for.ts'
import { plain } from '../thing.ts'

/** Modes that keep writers away, and what they are to everybody else. */
const STRONG: Readonly<Record<string, string>> = {
  AccessExclusiveLock: 'locked for everybody',
  ExclusiveLock: 'locked against writes',
  ShareRowExclusiveLock: 'locked against writes',
  ShareLock: 'locked against writes',
}

/** What takes long, and how sure that is: 2 refuses, 1 warns, 0 is only worth a note. */
interface Task {
  readonly what: string
  readonly sure: number
}

/** A lock on a table of before, and what the rule has to weigh. */
interface Held extends TracedLock {
  readonly isForEverybody: boolean
  readonly isSmall: boolean
}

/** A short lock becomes a long one if the transaction goes on working: nobody reads the table until it commits. */
export function judgeHeld(scene: Scene, holds: readonly Hold[], validating: ReadonlySet<TracedStatement>): Harms {
  const harms: Harm[] = []
  const told = new Set<string>()
  for (const [index, by] of scene.statements.entries()) {
    const later =
      by.transaction === null
        ? []
        : scene.statements.slice(index + 1).filter((one) => one.transaction === by.transaction && !validating.has(one))
    const found = heldBy(by, scene).flatMap((held): Waiting[] => {
      // Where the first statement itself works long on the table, that is the finding.
      if (told.has(held.object) || holds.some((one) => one.by === by && one.table === held.object)) return []
      const first = surer(inOneBlock(by, held, scene), surestIn(later, held, holds, scene))
      return first === null ? [] : [{ held, by, ...first }]
    })
    for (const { held } of found) told.add(held.object)
    harms.push(...tell(found, scene))
  }
  return harms
}

/** What a lock keeps waiting for. */
interface Waiting {
  readonly held: Held
  readonly by: TracedStatement
  readonly at: TracedStatement
  readonly task: Task
}

/** The locks of a statement that keep others from a table; whoever drops one is told of that. */
const heldBy = (by: TracedStatement, scene: Scene): Held[] =>
  by.locks.flatMap((lock) => {
    const { object, mode } = lock
    const isOfBefore = object.startsWith('table ') && (scene.wasCalled(object) || scene.before.has(object))
    const isGone = scene.nameNow(object) === null && !scene.after.has(object)
    if (STRONG[mode] === undefined || !isOfBefore || isGone) return []
    const isForEverybody = mode === 'AccessExclusiveLock'
    return [{ ...lock, isForEverybody, isSmall: isSmall(scene, sizeOf(scene, object)) }]
  })

/** One statement is one finding, however many tables it has locked, such as the partitions of one. */
function tell(all: readonly Waiting[], scene: Scene): Harms {
  const [first, ...others] = all.toSorted((a, b) => sureness(b, scene) - sureness(a, scene))
  if (first === undefined) return NONE
  const { held, by, at, task } = first
  const also = others.length === 0 ? '' : ` and ${others.length} more`
  const say = [remark, warning, error][sureness(first, scene)] ?? remark
  return say(
    'lock/held-during-work',
    `table ${plain(held.object.slice('table '.length))}`,
    `holds ${held.object}${also} ${STRONG[held.mode] ?? 'locked'} while line ${at.line} of ${at.file} ${task.what}`,
    {
      by,
      proof:
        by.transaction === null
          ? `${held.mode} on ${held.object}, taken by the same statement`
          : `${held.mode} on ${held.object}, held in transaction ${by.transaction}`,
      hint:
        at === by
          ? 'Take what works long out of the block, into a migration of its own.'
          : 'Put the two into migrations of their own, so that each has its own transaction.',
    },
  )
}

/** The lock of a table that is known to be large is sure to keep many waiting. */
const sureness = ({ held, task }: Waiting, scene: Scene): number =>
  task.sure === 1 && held.isForEverybody && isLarge(scene, sizeOf(scene, held.object)) ? 2 : task.sure

type Found = { readonly at: TracedStatement; readonly task: Task } | null

const surer = (one: Found, other: Found): Found =>
  one === null || (other !== null && other.task.sure > one.task.sure) ? other : one

/** The first statement whose work is the surest. */
function surestIn(later: readonly TracedStatement[], held: Held, holds: readonly Hold[], scene: Scene): Found {
  let found: Found = null
  for (const at of later) {
    const task = taskOf(at, held, holds, scene)
    found = surer(found, task === null ? null : { at, task })
  }
  return found
}

/** A block or function that takes the lock and goes on working itself. */
function inOneBlock(by: TracedStatement, held: Held, scene: Scene): Found {
  const waiting = waitingCall(calledBy(by, scene))
  for (const { after, calls } of blocksFrom(by, held.object, scene)) {
    // That the call stands there is not enough: who tries again after a timeout waits without the lock.
    if (waiting !== null && waitingCall(calls) !== null) return { at: by, task: waits(waiting) }
    const reads = after.flatMap((node) => readsOf(node, scene, true))
    const task = readingTask([], reads, held, scene)
    if (task !== null) return { at: by, task }
  }
  return null
}

const waits = (name: string): Task => ({ what: `waits in ${name}()`, sure: 2 })
const WORKS = 'works on'

/** Long work after the lock: on another table whatever is long, on the same one only what is not a finding by itself. */
function taskOf(statement: TracedStatement, held: Held, holds: readonly Hold[], scene: Scene): Task | null {
  const waiting = waitingCall(calledBy(statement, scene))
  if (waiting !== null) return waits(waiting)
  const others = holds.filter((one) => one.by === statement && one.table !== held.object)
  if (others.some((one) => isLarge(scene, sizeOf(scene, one.table))))
    return { what: WORKS, sure: held.isForEverybody ? 2 : 1 }
  const nodes = scene.nodesOf(statement)
  if (!held.isSmall && held.isForEverybody) {
    if (others.some((one) => !isSmall(scene, sizeOf(scene, one.table)))) return { what: WORKS, sure: 1 }
    const whole = isOfBefore(statement, scene) ? nodes.filter(isWhole) : []
    // Every row of a table of before, changed or deleted while nobody reads: that is long wherever the table is not small.
    if (whole.some((node) => kindOf(node) !== 'InsertStmt')) return { what: WORKS, sure: 2 }
    if (whole.length > 0) return readingOf(statement, held, scene) ?? { what: WORKS, sure: 1 }
  }
  return readingOf(statement, held, scene)
}

function readingOf(statement: TracedStatement, held: Held, scene: Scene): Task | null {
  const own = scene.reading.ownNode(statement)
  if (own === null || !QUERIES.has(kindOf(own))) return null
  const [first, ...inner] = scene
    .nodesOf(statement)
    .map((node, index) => readsOf(standsFor(node, statement, scene), scene, index > 0))
  return readingTask(first ?? [], inner.flat(), held, scene)
}

/** What reads on its own account; what a foreign key or an index reads is told of that statement. */
const QUERIES = new Set(
  'Select Insert Update Delete Merge CreateTableAs RefreshMatView Copy Do Call Execute Explain Fetch AlterTable Vacuum'
    .split(' ')
    .map((one) => `${one}Stmt`),
)

const reading = ({ table }: Read): string => `reads ${table} from end to end`

/**
 * Of sizes that nobody knows: a query in a block is a guard more often than not, above all of the table that it changed;
 * one whose rows go somewhere is none.
 */
function readingTask(own: readonly Read[], inner: readonly Read[], held: Held, scene: Scene): Task | null {
  const large = [...own, ...inner].find((one) => isLarge(scene, sizeOf(scene, one.table)))
  if (large !== undefined) return { what: reading(large), sure: held.isForEverybody ? 2 : 1 }
  if (held.isSmall) return null
  const isLong = (one: Read): boolean =>
    (one.isPlain || one.isWork) && !one.isFiltered && !isSmall(scene, sizeOf(scene, one.table))
  const most = held.isForEverybody ? 2 : 1
  const outer = own.find(isLong) ?? inner.find((one) => one.isWork && isLong(one))
  if (outer !== undefined) return { what: reading(outer), sure: most }
  const others = inner.filter(isLong)
  const other = others.find((one) => one.table !== held.object) ?? others[0]
  if (other === undefined) return null
  return { what: reading(other), sure: other.table === held.object ? 0 : most - 1 }
}

const isOfBefore = (statement: TracedStatement, scene: Scene): boolean =>
  statement.events.some(
    (event) =>
      event.kind === 'write' &&
      (scene.wasCalled(event.object) || scene.before.has(event.object)) &&
      !isSmall(scene, sizeOf(scene, event.object)),
  )

/** A write that goes over a whole table. */
function isWhole(node: Node): boolean {
  const write = as(node, 'UpdateStmt') ?? as(node, 'DeleteStmt')
  if (write !== undefined) return isAlwaysTrue(write.whereClause, undefined, write.relation)
  const select = as(as(node, 'InsertStmt')?.selectStmt, 'SelectStmt')
  const from = as(select?.fromClause?.[0], 'RangeVar')
  return (
    kindOf(node) === 'InsertStmt' &&
    rangeParts(from).length > 0 &&
    select?.limitCount === undefined &&
    select?.whereClause === undefined
  )
}
