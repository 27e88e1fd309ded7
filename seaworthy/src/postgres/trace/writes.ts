import type { OwnWrite, TraceEvent } from '../../migrations/effects.ts'
import type { Report } from './channel.ts'
import { type Document, listIn, numberIn, numberOf, textIn } from './documents.ts'
import type { Circumstances } from './events.ts'
import { innermostStatements, viaOf } from './stack.ts'
import { isOnlyUpsert, isUpsertAmong } from './upsert.ts'

/** Rows inserted, updated and deleted so far, as the session counts them. */
export type RowsWritten = readonly [inserted: number | null, updated: number | null, deleted: number | null]

type Operation = OwnWrite['operation']

const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['insert', 'insert'],
  ['update', 'update'],
  ['delete', 'delete'],
  ['truncate', 'truncate'],
])

/** Where an operation is counted in `RowsWritten`; nobody counts what TRUNCATE takes. */
const COUNTED_AT: Readonly<Record<Operation, 0 | 1 | 2 | null>> = { insert: 0, update: 1, delete: 2, truncate: null }

interface Write {
  readonly report: Report
  readonly oid: number
  readonly operation: Operation
}

/** The reports of writes. */
export const writesIn = (reports: readonly Report[]): Write[] =>
  reports.flatMap((report) => {
    const operation = OPERATIONS.get(textIn(report.document, 'op') ?? '')
    const oid = numberIn(report.document, 'oid')
    const isWrite = textIn(report.document, 'is') === 'write'
    return isWrite && operation !== undefined && oid !== null ? [{ report, oid, operation }] : []
  })

/** The write events, each under the first report that it stands for: a loop writes the same again and again. */
export function writesOf(reports: readonly Report[], circumstances: Circumstances): Map<Report, TraceEvent> {
  const writes = writesIn(reports)
  const rows = rowsOf(writes, circumstances)
  const upserts = new Map<string, boolean>()
  const isUpsertAt = (write: Write, relname: string): boolean => {
    const key = `${write.oid} ${write.report.stack}`
    const known = upserts.get(key) ?? isUpsertOf(write.report.stack, relname, circumstances)
    upserts.set(key, known)
    return known
  }
  const sums = new Map<string, { first: Report; event: Extract<TraceEvent, { kind: 'write' }> }>()
  for (const [index, write] of writes.entries()) {
    const relation = circumstances.known.relations.get(write.oid)
    if (relation === undefined) continue
    const isUpsert = isPaired(write, writes[index - 1]) && isUpsertAt(write, relation.relname)
    const via = viaOf(write.report.stack)
    const key = JSON.stringify([write.oid, write.operation, isUpsert, via])
    const earlier = sums.get(key)
    const sum = earlier === undefined ? (rows[index] ?? null) : added(earlier.event.rows, rows[index] ?? null)
    const { operation } = write
    const event = { kind: 'write', operation, object: relation.name, rows: sum, isUpsert, via } as const
    sums.set(key, { first: earlier?.first ?? write.report, event })
  }
  return new Map([...sums.values()].map(({ first, event }) => [first, event]))
}

const added = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b)

/** The server fires UPDATE's triggers right after those of an INSERT … ON CONFLICT DO UPDATE (and of a MERGE). */
const isPaired = (write: Write, before: Write | undefined): boolean =>
  write.operation === 'update' &&
  before?.operation === 'insert' &&
  before.oid === write.oid &&
  before.report.stack === write.report.stack

function isUpsertOf(stack: string, relname: string, { text, nested }: Circumstances): boolean {
  const readings = innermostStatements(stack, text)
  return readings.length > 0 ? isOnlyUpsert(readings, relname) : isUpsertAmong(nested, relname)
}

/** From the counters at the beginning of each write: what was counted until the next one of its kind, or the end. */
function rowsOf(writes: readonly Write[], { known, rows }: Circumstances): (number | null)[] {
  const counted: (number | null)[] = Array.from({ length: writes.length }, () => null)
  const later = new Map<string, number | null>()
  for (const [index, { report, oid, operation }] of [...writes.entries()].toReversed()) {
    const at = COUNTED_AT[operation]
    if (at === null || known.relations.get(oid)?.isCounted !== true) continue
    const key = `${oid} ${operation}`
    const until = later.has(key) ? later.get(key) : rows?.get(oid)?.[at]
    const from = doneIn(report.document, at)
    // The server may set its counters to zero between two transactions.
    if (typeof until === 'number' && from !== null && until >= from) counted[index] = until - from
    later.set(key, from)
  }
  return counted
}

const doneIn = (document: Document, at: 0 | 1 | 2): number | null => numberOf(listIn(document, 'done')[at])
