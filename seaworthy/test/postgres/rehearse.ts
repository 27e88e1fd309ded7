import type { Rehearsing, RehearsalRequest, RolesSettings } from '../../src/migrations/engine.ts'
import type { LedgerTable, Migration, MigrationTree, SendMode } from '../../src/migrations/model.ts'
import { type Rehearsal, rehearsal } from '../../src/observers/rehearsal/kind.ts'
import { observeRehearsal } from '../../src/observers/rehearsal/observe.ts'
import { Observations } from '../../src/gate/observation.ts'
import { postgresEngine } from '../../src/postgres/engine.ts'
import { openGivenHost } from '../../src/postgres/given-host.ts'
import { openScratchHost } from '../../src/postgres/scratch-host.ts'

/** Migrations from texts, numbered from 001, of a tool that sends them in that way. */
export const migrationsOf = (texts: readonly string[], send: SendMode = 'batch'): Migration[] =>
  texts.map((text, index) => {
    const version = String(index + 1).padStart(3, '0')
    return {
      version,
      name: `step_${version}`,
      ledgerKey: String(index + 1),
      up: {
        file: `migrations/${version}_step.up.sql`,
        text,
        send,
        pieces: send === 'pieces' ? text.split('-->').map((piece) => ({ text: piece, line: 1 })) : null,
      },
      down: null,
      checksum: null,
      checksumOtherEndings: null,
    }
  })

export const SINGLE: RolesSettings = {
  mode: 'single',
  isConfigured: false,
  deployRole: 'deploy',
  ownerRole: 'owner',
  attributes: [],
  memberOf: [],
  owns: [],
}

export const SPLIT: RolesSettings = { ...SINGLE, mode: 'split', isConfigured: true }

export interface Scene {
  readonly texts: readonly string[]
  /** How many of them are live; the rest is pending. */
  readonly live: number
  readonly send?: SendMode
  readonly transaction?: MigrationTree['transaction']
  readonly roles?: Partial<RolesSettings>
  readonly ledger?: LedgerTable | null
  readonly folder?: string
  readonly major?: number | null
  readonly serverUrl?: string | null
  readonly useCache?: boolean
  readonly statementTimeoutMs?: number
}

export interface Staged {
  readonly rehearsing: Rehearsing
  readonly tree: MigrationTree
  readonly baseline: readonly Migration[]
  readonly pending: readonly Migration[]
  readonly roles: RolesSettings
}

/** Opens a rehearsal of a scene on a real server. The caller disposes of it. */
export async function stage(scene: Scene): Promise<Staged> {
  const migrations = migrationsOf(scene.texts, scene.send)
  const tree: MigrationTree = {
    format: 'golang-migrate',
    detectedBy: 'the test',
    folder: scene.folder ?? 'migrations',
    transaction: scene.transaction ?? 'per-file',
    migrations,
    problems: [],
  }
  const [baseline, pending] = [migrations.slice(0, scene.live), migrations.slice(scene.live)]
  const roles = { ...SINGLE, ...scene.roles }
  const request: RehearsalRequest = {
    tree,
    baseline,
    pending,
    roles,
    major: scene.major ?? null,
    serverUrl: scene.serverUrl ?? null,
    useCache: scene.useCache ?? false,
    lockTimeoutMs: 5_000,
    statementTimeoutMs: scene.statementTimeoutMs ?? 20_000,
    signal: new AbortController().signal,
    progress: () => undefined,
  }
  const openHost = async (wanted: RehearsalRequest) =>
    wanted.serverUrl === null
      ? await openScratchHost(wanted, process.cwd())
      : await openGivenHost(wanted.serverUrl, wanted)
  const engine = postgresEngine(openHost, scene.ledger ?? null)
  return { rehearsing: await engine.open(request), tree, baseline, pending, roles }
}

/** Rehearses a scene from beginning to end and returns what was observed. */
export async function rehearse(scene: Scene): Promise<Rehearsal> {
  const staged = await stage(scene)
  await using rehearsing = staged.rehearsing
  return new Observations([await observeRehearsal(rehearsing, { ...staged, ownLedger: null })]).need(rehearsal)
}

/** The outcome of each step, in order. */
export const outcomes = (run: Rehearsal): string[] => run.steps.map((step) => step.outcome)
