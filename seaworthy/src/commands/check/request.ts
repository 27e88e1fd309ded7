import { realpathSync } from 'node:fs'
import path from 'node:path'
import type { Config, MigrationsConfig, RolesConfig } from '../../config/define.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { policyOf } from '../../config/policy.ts'
import type { Action } from '../../gate/check.ts'
import { SeaworthyError } from '../../gate/error.ts'
import type { Policy } from '../../gate/policy.ts'
import type { RolesSettings } from '../../migrations/engine.ts'
import type { FormatName } from '../../migrations/model.ts'
import type { ReportKind } from '../../reports/index.ts'
import { statePlace } from '../../state/place.ts'
import {
  type ConfigChoice,
  configuration,
  type ProcessContext,
  type Surroundings,
  surroundings,
} from '../surroundings.ts'

/** The flags of `check`, as the command line gives them: untrusted texts, and undefined where a flag was not given. */
export interface CheckFlags {
  readonly format?: FormatName | undefined
  readonly baseline?: string | undefined
  readonly since?: string | undefined
  readonly all?: boolean | undefined
  readonly ledger?: string | undefined
  readonly ledgerUrl?: string | undefined
  readonly branches?: boolean | undefined
  readonly profile?: 'online' | 'additive' | undefined
  readonly roles?: 'single' | 'split' | undefined
  readonly pg?: number | undefined
  readonly server?: string | undefined
  readonly down?: 'pending' | 'all' | undefined
  readonly only?: readonly string[] | undefined
  readonly action?: Action | undefined
  readonly shape?: string | undefined
  readonly workload?: string | undefined
  readonly seedSql?: string | undefined
  readonly answers?: string | undefined
  readonly cache?: boolean | undefined
  readonly evidence?: string | undefined
  readonly reports?: readonly { readonly kind: ReportKind; readonly file: string }[] | undefined
  /** The file of the key; true where the environment or the configuration says which. */
  readonly sign?: string | true | undefined
  readonly passphraseFile?: string | undefined
  /** Images that go with the release: `NAME@sha256:…`. */
  readonly image?: readonly string[] | undefined
  readonly buildInfo?: string | undefined
  /** Where the ledger of our own lies. */
  readonly state?: string | undefined
}

/** One folder that is to be checked, with what is known about it. Paths are absolute. */
export interface FolderRequest {
  readonly dir: string
  /** Whether the user named it, as an argument or in the configuration; else it is where to look. */
  readonly isNamed: boolean
  readonly format: FormatName | null
  /** Whether the format was given by a flag (else by the configuration, if at all). */
  readonly isFormatGiven: boolean
  readonly baseline: string | null
  readonly ledgerFile: string | null
  readonly ledgerUrl: string | null
  readonly ledgerTable: string | null
}

/** Files that say what production is like. Absolute paths; null where none was given. */
export interface InputFiles {
  /** Production's shape, as `seaworthy capture` writes it. */
  readonly shape: string | null
  /** Queries of the running version, as SQL. */
  readonly workload: string | null
  /** Rows in place of synthetic ones, as SQL. */
  readonly seedSql: string | null
  /** Production's answers, as `seaworthy prove` writes them. */
  readonly answers: string | null
}

/** What a run is asked to do: flags over configuration over defaults. */
export interface CheckRequest {
  /** Folders by name; empty means: find them. A later one that names a part of an earlier one counts for that part. */
  readonly folders: readonly FolderRequest[]
  /** Whether a flag, the environment or the top of the configuration gives a baseline or a ledger: it is for one folder. */
  readonly isForOne: boolean
  /** What holds for the folders that are found when `folders` is empty; `dir` is where to look. */
  readonly anywhere: FolderRequest
  readonly since: string | null
  readonly all: boolean
  readonly branches: boolean
  readonly roles: RolesSettings
  readonly major: number | null
  readonly serverUrl: string | null
  readonly down: 'pending' | 'all'
  readonly only: readonly string[]
  readonly action: Action
  readonly policy: Policy
  readonly inputs: InputFiles
  readonly useCache: boolean
  readonly lockTimeoutMs: number
  readonly statementTimeoutMs: number
  readonly evidence: string | null
  readonly reports: readonly { readonly kind: ReportKind; readonly file: string }[]
  /** Our own ledger, whose open emergencies are told; left out where nothing is told. */
  readonly stateFile?: string
}

/** A migration that waits longer for a lock in an empty scratch database has locked itself out. */
const LOCK_TIMEOUT_MS = 10_000
const STATEMENT_TIMEOUT_MS = 120_000

/** Puts flags, environment and configuration together. Throws SeaworthyError('usage') for what does not go together. */
export function checkRequest(
  dirs: readonly string[],
  flags: CheckFlags,
  loaded: LoadedConfig,
  cwd: string,
  env: NodeJS.ProcessEnv,
): CheckRequest {
  const { config } = loaded
  const pick = picker(flags, loaded, cwd, env)
  const folders = foldersOf(dirs, pick)
  const anywhere = { ...pick.folder({ dir: cwd }, cwd), isNamed: false }
  return {
    folders,
    isForOne: pick.isForOne,
    anywhere,
    since: flags.since ?? config.since ?? null,
    all: flags.all ?? config.all ?? false,
    branches: flags.branches ?? config.branches ?? false,
    roles: rolesOf(flags, config.roles),
    major: flags.pg ?? config.pg ?? null,
    serverUrl: flags.server ?? set(env['SEAWORTHY_SERVER_URL']) ?? config.server ?? null,
    down: flags.down ?? config.down ?? 'pending',
    only: flags.only ?? config.only ?? [],
    action: flags.action ?? config.action ?? 'pull-request',
    policy: policyOf(config, flags.profile),
    inputs: inputsOf(flags, loaded, cwd),
    useCache: flags.cache ?? config.cache ?? true,
    lockTimeoutMs: config.timeouts?.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
    statementTimeoutMs: config.timeouts?.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
    ...outputsOf(flags, loaded, cwd),
    stateFile: stateFileOf(flags, loaded, cwd, env),
  }
}

/** What a command is asked for, with all that flags, environment and configuration say of it. */
export interface RequestHere {
  readonly around: Surroundings
  readonly loaded: LoadedConfig
  readonly request: CheckRequest
}

/** Reads the configuration of the place that a command is about. Throws SeaworthyError for what cannot be read or used. */
export async function requestHere(
  dirs: readonly string[],
  flags: CheckFlags,
  choice: ConfigChoice,
  context: ProcessContext,
): Promise<RequestHere> {
  const around = await surroundings(dirs, context)
  const loaded = await configuration(dirs, choice, around, context)
  return { around, loaded, request: checkRequest(dirs, flags, loaded, context.cwd, context.env) }
}

/** An environment variable that is set to nothing is not set. */
const set = (value: string | undefined): string | undefined => (value === '' ? undefined : value)

function inputsOf(flags: CheckFlags, { config, base }: LoadedConfig, cwd: string): InputFiles {
  const file = (key: keyof InputFiles): string | null => {
    const [given, configured] = [flags[key], config[key]]
    // Given as nothing: none, whatever the configuration says.
    if (given === '') return null
    if (given !== undefined) return path.resolve(cwd, given)
    return configured === undefined ? null : path.resolve(base, configured)
  }
  return { shape: file('shape'), workload: file('workload'), seedSql: file('seedSql'), answers: file('answers') }
}

function stateFileOf(flags: CheckFlags, { config, base }: LoadedConfig, cwd: string, env: NodeJS.ProcessEnv): string {
  const flag = flags.state === undefined ? undefined : path.resolve(cwd, flags.state)
  const configured = config.state === undefined ? undefined : path.resolve(base, config.state)
  return statePlace({ flag, env, configured }).file
}

function outputsOf(flags: CheckFlags, loaded: LoadedConfig, cwd: string): Pick<CheckRequest, 'evidence' | 'reports'> {
  const configured = (loaded.config.reports ?? []).map((one) => ({ ...one, file: path.resolve(loaded.base, one.file) }))
  const given = (flags.reports ?? []).map((one) => ({ ...one, file: path.resolve(cwd, one.file) }))
  const evidence =
    flags.evidence === ''
      ? null
      : flags.evidence === undefined
        ? loaded.config.evidence === undefined
          ? null
          : path.resolve(loaded.base, loaded.config.evidence)
        : path.resolve(cwd, flags.evidence)
  return { evidence, reports: given.length > 0 ? given : configured }
}

/** What is known about a folder, by precedence: flags, environment, the folder's own entry, the rest of the configuration. */
interface Picker {
  readonly folder: (one: MigrationsConfig, base: string) => FolderRequest
  readonly configured: readonly FolderRequest[]
  readonly cwd: string
  /** Whether a flag or the top of the configuration speaks of one folder only. */
  readonly isForOne: boolean
}

function picker(flags: CheckFlags, loaded: LoadedConfig, cwd: string, env: NodeJS.ProcessEnv): Picker {
  if (flags.ledger !== undefined && flags.ledgerUrl !== undefined) {
    throw new SeaworthyError('usage', '--ledger and --ledger-url name two ledgers', { hint: 'Give one of them.' })
  }
  const { config, base } = loaded
  const ledger = (one: MigrationsConfig, from: string): Pick<FolderRequest, 'ledgerFile' | 'ledgerUrl'> => {
    if (flags.ledger !== undefined) return { ledgerFile: path.resolve(cwd, flags.ledger), ledgerUrl: null }
    const url = flags.ledgerUrl ?? set(env['SEAWORTHY_LEDGER_URL'])
    if (url !== undefined) return { ledgerFile: null, ledgerUrl: url }
    if (one.ledger !== undefined) return { ledgerFile: path.resolve(from, one.ledger), ledgerUrl: null }
    if (config.ledger !== undefined) return { ledgerFile: path.resolve(base, config.ledger), ledgerUrl: null }
    return { ledgerFile: null, ledgerUrl: config.ledgerUrl ?? null }
  }
  const folder = (one: MigrationsConfig, from: string): FolderRequest => ({
    dir: path.resolve(from, one.dir),
    isNamed: true,
    format: flags.format ?? one.format ?? config.format ?? null,
    isFormatGiven: flags.format !== undefined,
    baseline: flags.baseline ?? one.baseline ?? config.baseline ?? null,
    ledgerTable: one.ledgerTable ?? null,
    ...ledger(one, from),
  })
  const configured = (config.migrations ?? []).map((one) => folder(one, base))
  const isForOne =
    (flags.baseline ?? flags.ledger ?? flags.ledgerUrl ?? config.baseline ?? config.ledger ?? config.ledgerUrl) !==
    undefined
  return { folder, configured, cwd, isForOne }
}

function foldersOf(dirs: readonly string[], { folder, configured, cwd, isForOne }: Picker): readonly FolderRequest[] {
  const asked = dirs.length === 0 ? configured : dirs
  if (asked.length > 1 && isForOne) throw speaksOfOne(asked.length)
  if (dirs.length === 0) return configured
  return dirs.flatMap((dir) => {
    const named = realOf(path.resolve(cwd, dir))
    const above = configured.filter((one) => isWithin(realOf(one.dir), named))
    const nearest = above.toSorted((a, b) => b.dir.length - a.dir.length)[0]
    // What the configuration says of a folder holds however it is named: itself, one in it, or one around it.
    if (nearest !== undefined) return [{ ...nearest, dir: path.resolve(cwd, dir) }]
    return [folder({ dir }, cwd), ...configured.filter((one) => isWithin(named, realOf(one.dir)))]
  })
}

const isWithin = (folder: string, inner: string): boolean =>
  inner === folder || inner.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep)

/** A folder that is not there is complained about where it is looked at. */
function realOf(dir: string): string {
  try {
    return realpathSync(dir)
  } catch {
    return dir
  }
}

/** A baseline or a ledger for several folders at once would be taken for the wrong one. */
export const speaksOfOne = (folders: number): SeaworthyError =>
  new SeaworthyError('usage', `a baseline, a ledger or a shape speaks of one folder, and this run checks ${folders}`, {
    hint: 'Name the folder (seaworthy check DIR), or put baseline and ledger beside each dir under migrations in seaworthy.config.ts.',
  })

function rolesOf(flags: CheckFlags, configured: Config['roles']): RolesSettings {
  const config: Partial<RolesConfig> = typeof configured === 'object' ? configured : {}
  const mode = flags.roles ?? (typeof configured === 'string' ? configured : configured?.mode)
  return {
    mode: mode ?? 'single',
    isConfigured: mode !== undefined,
    deployRole: config.deploy ?? 'deploy',
    ownerRole: config.owner ?? 'owner',
    attributes: config.attributes ?? [],
    memberOf: config.memberOf ?? [],
    owns: config.owns ?? [],
  }
}
