import { loadChecks, checkNames } from '../../checks/index.ts'
import type { LookedAt, Seen } from '../../gate/admission/admission.ts'
import { placeIn } from '../../gate/certificate/identity.ts'
import { type Precondition, type PreconditionRule, preconditionsOf } from '../../gate/certificate/precondition.ts'
import type { Release } from '../../gate/certificate/statement.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { type Observation, Observations } from '../../gate/observation.ts'
import { FORMATS, formatNamed, isFormatName } from '../../migrations/formats.ts'
import type { LedgerTable } from '../../migrations/model.ts'
import type { Shape } from '../../migrations/shape.ts'
import { lookAtLedger } from '../../observers/ledger/observe.ts'
import { ledgerTableFor } from '../../observers/ledger/table.ts'
import { shapeSeen } from '../../observers/shape/observe.ts'
import { databaseAt } from '../../postgres/answers/witness.ts'
import { placeOf, serverUrl } from '../../postgres/production.ts'
import { captureShape } from '../../postgres/shape/capture.ts'
import { partChanges } from './part-changes.ts'
import type { TimeLimit } from './time-limit.ts'

/** Where production can be looked at. */
export interface WorldRequest {
  readonly ledgerUrl: string | null
  readonly shapeUrl: string | null
  /** The ledger of a runner of one's own, `schema.table`; null: the one that the certificate names, else the tool's. */
  readonly ledgerTable: string | null
  readonly limit: TimeLimit
  /** What was judged, by folder, to say what of it has changed; empty where the evidence is not at hand. */
  readonly judged: ReadonlyMap<string, Observations>
  /** Called with a short line whenever a step begins. */
  readonly progress: (line: string) => void
}

type SeenNow = Extract<Seen, { readonly precondition: Precondition }>

/** What was seen of the world, for each precondition of a certificate. */
export interface World {
  readonly seen: readonly Seen[]
  readonly databases: readonly LookedAt[]
}

/**
 * Looks again at everything that a verdict rests on, in production itself: read-only, under time limits. What could not be
 * seen is said, and is never as it was.
 * @throws SeaworthyError('usage') for what is no URL of a PostgreSQL server.
 */
export async function worldNow(release: Release, request: WorldRequest): Promise<World> {
  const world = new Looking(release, request)
  const seen: Seen[] = []
  const { limit } = request
  for (const one of release.preconditions) {
    const { kind, subject } = one
    const found = await limit.within(async () => await world.look(one))
    seen.push(found ?? { kind, subject, reason: limit.reason, hint: SLOW })
  }
  return { seen, databases: [...world.databases.values()] }
}

/** What one look came to: an observation, or why there is none. */
type Look = { readonly observation: Observation } | Reason
type Reason = { readonly reason: string; readonly hint: string | null }

const OTHER_TABLE = 'Leave --ledger-table out: the certificate names the table that was judged.'
const ACCESS = 'Look at host, port, user, password and rights of the URL, and that the server can be reached from here.'

class Looking {
  /** By what they were looked at for. */
  readonly databases = new Map<string, LookedAt>()
  readonly #release: Release
  readonly #request: WorldRequest
  /** Captured once, for all folders. */
  #shape: Shape | Reason | null = null

  constructor(release: Release, request: WorldRequest) {
    this.#release = release
    this.#request = request
  }

  async look({ kind, subject }: Precondition): Promise<Seen> {
    const rule = await this.#rule(kind)
    if ('reason' in rule) return { kind, subject, ...rule }
    const other = this.#otherTable(subject)
    if (other !== null) return { kind, subject, reason: other, hint: OTHER_TABLE }
    const table = this.#table(subject)
    const found = kind === 'ledger' ? await this.#ledger(table) : await this.#shapeOf(table)
    if ('reason' in found) return { kind, subject, ...found }
    if (found.observation.status === 'failed') {
      return { kind, subject, reason: found.observation.reason, hint: ACCESS }
    }
    const now = new Observations([found.observation])
    const [precondition] = preconditionsOf(subject, now, [rule])
    if (precondition !== undefined) {
      return { kind, subject, precondition, ...this.#changes(rule, subject, now) }
    }
    return { kind, subject, reason: 'it holds nothing that could be compared', hint: null }
  }

  #changes(rule: PreconditionRule, subject: string, now: Observations): Pick<SeenNow, 'changes'> {
    const judged = this.#request.judged.get(subject)
    if (judged?.maybe(rule.kind) === undefined) return {}
    const [before, after] = [rule.parts(judged), rule.parts(now)]
    return before === null || after === null ? {} : { changes: partChanges(before, after) }
  }

  /** The rule of the very judge that made the precondition: another version of it may name other parts. */
  async #rule(kind: string): Promise<PreconditionRule | Reason> {
    const judges = this.#release.judges.filter(({ check }) => checkNames.includes(check))
    const checks = await loadChecks(judges.map(({ check }) => check))
    const check = checks.find(({ preconditions = [] }) => preconditions.some((one) => one.kind.name === kind))
    const rule = check?.preconditions?.find((one) => one.kind.name === kind)
    if (check === undefined || rule === undefined || !['ledger', 'shape'].includes(kind)) {
      return { reason: `this version does not know how to look at ${kind}`, hint: SAME_VERSION }
    }
    const certified = judges.find((one) => one.check === check.id)?.version
    if (certified === check.version) return rule
    const reason = `version ${certified} of ${check.id} saw it, and this one has version ${check.version}`
    return { reason, hint: SAME_VERSION }
  }

  /** The ledger of a folder: as it was given, as the certificate has it, or as its tool keeps it. */
  #table(subject: string): LedgerTable | null {
    const { candidate } = this.#release
    const format = candidate.migrations.find(({ folder }) => folder === subject)?.format ?? ''
    if (!isFormatName(format)) return null
    return ledgerTableFor(formatNamed(format), this.#request.ledgerTable ?? this.#certifiedTable(subject))
  }

  /** The table that a ledger was read from, where the certificate says so: a snapshot file has none. */
  #certifiedTable(subject: string): string | null {
    const ofLedger = this.#release.preconditions.find((one) => one.kind === 'ledger' && one.subject === subject)
    const named =
      placeIn(ofLedger?.witness ?? '')
        .split(' ')
        .at(-1) ?? ''
    return /^[^\s:/]+\.[^\s:/]+$/.test(named) ? named : null
  }

  /** Why the table that was given is not looked at: a copy of the ledger under another name says nothing of the one that counts. */
  #otherTable(subject: string): string | null {
    const [given, certified] = [this.#request.ledgerTable, this.#certifiedTable(subject)]
    if (given === null || certified === null || given === certified) return null
    return `the certificate is about the ledger ${certified}, and --ledger-table names ${given}`
  }

  async #ledger(table: LedgerTable | null): Promise<Look> {
    const { ledgerUrl, limit, progress } = this.#request
    if (ledgerUrl === null) return { reason: 'no --ledger-url was given', hint: GIVE_LEDGER }
    const url = serverUrl(ledgerUrl, '--ledger-url')
    if (table === null) {
      return { reason: 'nothing says in which table the ledger is', hint: 'Name it: --ledger-table schema.table.' }
    }
    progress('reading the ledger')
    const { observation, database } = await lookAtLedger(ledgerUrl, table, limit.signal)
    if (database !== null) this.databases.set('ledger', { as: '--ledger-url', place: placeOf(url), ...database })
    return { observation }
  }

  async #shapeOf(table: LedgerTable | null): Promise<Look> {
    const { shapeUrl } = this.#request
    if (shapeUrl === null) return { reason: 'no --shape-url was given', hint: GIVE_SHAPE }
    const url = serverUrl(shapeUrl, '--shape-url')
    this.#shape ??= await this.#capture(url, table)
    if ('reason' in this.#shape) return this.#shape
    return { observation: shapeSeen(this.#shape, `postgresql://${placeOf(url)}`, table?.name ?? null) }
  }

  async #capture(url: URL, table: LedgerTable | null): Promise<Shape | Reason> {
    const { limit, progress } = this.#request
    try {
      const { isReplica } = await databaseAt(url, limit.signal)
      const found = await captureShape({
        url: url.href,
        ledgers: table === null ? FORMATS.flatMap((one) => one.ledger ?? []) : [table],
        isLedgerNamed: false,
        now: new Date(),
        signal: limit.signal,
        progress,
      })
      const looked = { as: '--shape-url', place: placeOf(url), identity: found.witness, isReplica }
      this.databases.set('shape', looked)
      return found
    } catch (error) {
      if (!(error instanceof SeaworthyError)) throw error
      return { reason: error.message, hint: error.hint ?? ACCESS }
    }
  }
}

const SLOW = 'Look whether production answers, and run it again; --timeout SECONDS gives it longer.'
const SAME_VERSION =
  'Use the version of Seaworthy that the certificate was made with, or run the check again with this one.'
const GIVE_LEDGER = 'Give the URL of production: --ledger-url URL, or SEAWORTHY_LEDGER_URL.'
const GIVE_SHAPE = 'Give the URL of production: --shape-url URL, or SEAWORTHY_CAPTURE_URL.'
