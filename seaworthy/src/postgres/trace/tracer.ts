import type { TracedLock, TracedStatement, TraceEvent } from '../../migrations/effects.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { as, type Node } from '../../sql/tree.ts'
import type { Session } from '../session.ts'
import type { Report } from './channel.ts'
import { documentedLocks, nestedLocks } from './documented-locks.ts'
import { blindSpots, definitionsIn, eventsOf, locksReported } from './events.ts'
import { Files } from './files.ts'
import type { Instruments } from './instruments.ts'
import { readHeld, Locks } from './locks.ts'
import { lookFromInside, type Seen, showSettings } from './look.ts'
import type { Sent } from './messages.ts'
import { OwnWrites } from './own-writes.ts'
import { isQuiet } from './quiet.ts'
import { Settings } from './settings.ts'
import { nodesOf, spokenEvents } from './spoken.ts'
import { shown } from './statement-texts.ts'

/** How many events and nested statements a run may have; beyond, nobody could read them, and the trace is unproven. */
const MOST_TOLD = 20_000
const MOST_CHARACTERS = 8_000_000
const LONGEST_TEXT = 400

/** A statement of the trace, while more may still be learnt of it. */
export type Record = { -readonly [K in keyof TracedStatement]: TracedStatement[K] } & {
  events: TraceEvent[]
  locks: TracedLock[]
}

/** Asks every instrument after each statement of a session, and makes one account of it. */
export class Tracer {
  readonly #instruments: Instruments
  readonly #session: Session
  readonly #pid: number
  readonly #settings: Settings
  readonly #files: Files
  readonly #locks: Locks
  readonly #own: OwnWrites
  readonly #made = new Set<string>()
  readonly #domains = new Set<number>()
  #schemas: readonly string[]
  #told = 0
  #characters = 0

  private constructor(instruments: Instruments, session: Session, pid: number, before: Seen) {
    this.#instruments = instruments
    this.#session = session
    this.#pid = pid
    this.#settings = new Settings(before, instruments.known.database)
    this.#files = new Files(instruments.known)
    this.#locks = new Locks(instruments.known)
    this.#own = new OwnWrites(instruments.known)
    this.#schemas = before.schemas
  }

  static async start(instruments: Instruments, session: Session): Promise<Tracer> {
    const [row] = await session.run('SELECT pg_catalog.pg_backend_pid() AS pid')
    const before = await lookFromInside(session, instruments.mark, [])
    await instruments.texts?.take()
    return new Tracer(instruments, session, Number(row?.['pid']), before)
  }

  /** Forgets what was reported so far: it was not of the migration, or it is sent a second time. */
  forget(): void {
    this.#instruments.channel.take()
  }

  /** A record of a statement that is about to be sent. */
  open(file: string, version: string, sent: Omit<Sent, 'parsed'>, transaction: number | null): Record {
    const { index, line, column, endLine } = sent
    const text = sent.text.slice(0, LONGEST_TEXT)
    return { file, version, index, line, column, endLine, text, transaction, events: [], locks: [], nested: [] }
  }

  /** After a statement went through: everything that the instruments say of it. */
  async after(record: Record, sent: Sent): Promise<void> {
    const reports = this.#instruments.channel.take()
    const isInside = this.#session.isInTransaction
    if (isInside && isQuiet(sent.parsed.node)) {
      this.#account(record, { ...NOTHING, text: sent.text, reports })
      record.locks.push(...this.#locks.taken(locksReported(reports)))
      return
    }
    const set = as(sent.parsed.node, 'VariableSetStmt')
    if (set !== undefined) {
      record.events.push(...this.#settings.changed(await showSettings(this.#session), set.is_local === true))
    }
    const [seen, held, texts] = await Promise.all([
      set !== undefined ? null : lookFromInside(this.#session, this.#instruments.mark, writtenIn(reports)),
      isInside ? readHeld(this.#instruments.admin, this.#pid) : [],
      this.#instruments.texts?.take() ?? [],
    ])
    const nested = texts.flatMap(nodesOf)
    this.#account(record, { text: sent.text, nodes: [sent.parsed.node], reports, texts, nested, seen })
    record.locks.push(...this.#locks.taken([...locksReported(reports), ...held]))
    const documented = nestedLocks(nested, this.#instruments.known, this.#schemas)
    if (record.transaction === null) {
      documented.push(...documentedLocks(sent.parsed, this.#instruments.known, this.#schemas))
      this.#locks.release()
    }
    record.locks.push(...documented.filter((one) => !record.locks.some((other) => isSameLock(one, other))))
  }

  /** After a file that was sent whole: what is still to be seen of it. */
  async afterWhole(record: Record, text: string): Promise<void> {
    const reports = this.#instruments.channel.take()
    const seen = await lookFromInside(this.#session, this.#instruments.mark, [])
    const texts = (await this.#instruments.texts?.take()) ?? []
    this.#account(record, { text, nodes: nodesOf(text), reports, texts, nested: texts.flatMap(nodesOf), seen })
    record.locks.push(...this.#locks.taken(locksReported(reports)))
    this.#locks.release()
  }

  /** After a statement that only writes rows it names; what else there is of it is told with the next one. */
  afterPlain(record: Record, text: string): void {
    this.#account(record, { ...NOTHING, text, reports: this.#instruments.channel.take() })
  }

  /** The transaction is over. `last` is the statement that its end belongs to: what was deferred ran there. */
  async ended(last: Record | null): Promise<void> {
    const reports = this.#instruments.channel.take()
    if (last !== null && reports.length > 0) this.#account(last, { ...NOTHING, text: last.text, reports })
    this.#locks.release()
    if (this.#settings.isProvisional && !this.#session.isInTransaction) {
      this.#settings.settle(await showSettings(this.#session))
    }
  }

  #account(record: Record, { text, nodes, reports, texts, nested, seen }: Findings): void {
    const { known, mark } = this.#instruments
    const circumstances = { known, mark, made: this.#made, domains: this.#domains, text, nested: texts }
    const events = eventsOf(reports, { ...circumstances, rows: seen?.rows ?? null })
    events.push(...spokenEvents(nodes, nested))
    if (seen !== null) {
      this.#schemas = seen.schemas
      events.push(...this.#files.changed(seen.files, events, [...nodes, ...nested]))
      events.push(...this.#settings.changed(seen.settings), ...this.#settings.keptChanged(seen.kept))
    }
    record.events.push(...events)
    const nestedTexts = shown([...texts, ...definitionsIn(reports)])
    record.nested = [...record.nested, ...nestedTexts]
    for (const one of nestedTexts) this.#characters += one.length
    const own = this.#own.of(reports)
    if (own.length > 0) record.ownWrites = [...(record.ownWrites ?? []), ...own]
    this.#told += events.length + texts.length
    const blind = blindSpots(reports)
    if (this.#told > MOST_TOLD || this.#characters > MOST_CHARACTERS || blind.length > 0) {
      const why =
        blind.length > 0
          ? `writes can no longer be seen: ${blind[0]}`
          : `it has more than ${MOST_TOLD} events and nested statements, or longer ones than anybody reads`
      throw new SeaworthyError('limit', `the migration cannot be traced: ${why}`)
    }
  }
}

/** What the instruments say of a statement. */
interface Findings {
  readonly text: string
  /** Of the statement itself, and of what ran inside of it. */
  readonly nodes: readonly Node[]
  readonly nested: readonly Node[]
  readonly texts: readonly string[]
  readonly reports: readonly Report[]
  /** Null where nobody looked. */
  readonly seen: Seen | null
}

const NOTHING = { nodes: [], nested: [], texts: [], seen: null } as const

const isSameLock = (one: TracedLock, other: TracedLock): boolean =>
  one.object === other.object && one.mode === other.mode

/** Tables that were written to. */
const writtenIn = (reports: readonly Report[]): number[] => [
  ...new Set(
    reports.flatMap(({ document }) =>
      document['is'] === 'write' && typeof document['oid'] === 'number' ? [document['oid']] : [],
    ),
  ),
]
