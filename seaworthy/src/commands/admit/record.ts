import path from 'node:path'
import { canonicalJson } from '../../gate/canonical.ts'
import type { EntryKind, Json } from '../../gate/chain/chain.ts'
import { SeaworthyError } from '../../gate/error.ts'
import type { Repository } from '../../git/repository.ts'
import type { ReportEmergency } from '../../reports/run-report.ts'
import { actorHere } from '../../state/actor.ts'
import { closedBy, openEmergenciesOf } from '../../state/emergencies.ts'
import { statePlace } from '../../state/place.ts'
import { openState, type StateStore } from '../../state/store.ts'
import type { AdmitContext, AdmitRequest } from './admit.ts'
import { commandLine } from '../ledger/command-line.ts'
import { reportedHere } from '../open-emergencies.ts'

/** A row that was added. */
export interface Entered {
  readonly seq: number
  readonly digest: string
  readonly file: string
  /** Numbers of the emergencies that it closes. */
  readonly closes: readonly number[]
}

/**
 * Our ledger, open for as long as an admission takes. What cannot be written or read ends the admission: nothing is
 * admitted that is not recorded.
 */
export class OwnLedger {
  readonly #store: StateStore
  readonly #file: string
  readonly #env: NodeJS.ProcessEnv
  readonly #command: string

  private constructor(store: StateStore, file: string, env: NodeJS.ProcessEnv, command: string) {
    this.#store = store
    this.#file = file
    this.#env = env
    this.#command = command
  }

  /**
   * Opens the ledger by flag, environment or at its usual place, and begins one where there is none. No configuration is
   * read: it may be the candidate's own.
   * @throws SeaworthyError('state') if it cannot be used.
   */
  static async open(request: AdmitRequest, { cwd, env }: AdmitContext): Promise<OwnLedger> {
    const flag = request.state === undefined ? undefined : path.resolve(cwd, request.state)
    const { file } = statePlace({ flag, env, configured: undefined })
    return await recording(async () => {
      const store = await openState(file, { isCreating: true })
      if (store === null) throw new SeaworthyError('state', `there is no ledger at ${file}`)
      return new OwnLedger(store, file, env, commandOf(request))
    })
  }

  /** Adds a row. When this returns, it has reached the disk. @throws SeaworthyError('state') if it cannot. */
  async enter(kind: EntryKind, candidate: string | null, content: object): Promise<Entered> {
    return await recording(async () => {
      const closes = await closedBy(this.#store, { kind, candidate, content: jsonOf(content) })
      const entry = await this.#store.append({
        at: new Date().toISOString(),
        kind,
        actor: actorHere(this.#env),
        command: this.#command,
        candidate,
        content: jsonOf(closes.length === 0 ? content : { ...content, closes }),
      })
      return { seq: entry.seq, digest: entry.digest, file: this.#file, closes }
    })
  }

  /** Those that are still open; of commits that `repository` does not have, with a mark. */
  async openEmergencies(repository: Repository | null): Promise<ReportEmergency[]> {
    return await recording(async () => await reportedHere(await openEmergenciesOf(this.#store), repository))
  }

  async close(): Promise<void> {
    await this.#store.close()
  }
}

/** Plain JSON, without members that are undefined. */
// What canonicalJson writes is JSON.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const jsonOf = (content: object): Json => JSON.parse(canonicalJson(content)) as Json

/** The command in words of our own: URLs of databases are left out, and of any other one only the place is kept. */
const commandOf = ({ action, certificate, emergency }: AdmitRequest): string =>
  commandLine([
    'admit',
    ...(certificate === undefined ? [] : [certificate]),
    `--action ${action}`,
    ...(emergency === undefined ? [] : ['--emergency …']),
  ])

async function recording<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof SeaworthyError)) throw error
    throw new SeaworthyError('state', `nothing is admitted, since it cannot be recorded: ${error.message}`, {
      hint: error.hint ?? 'Name another ledger: --state FILE, or SEAWORTHY_STATE.',
      cause: error,
    })
  }
}
