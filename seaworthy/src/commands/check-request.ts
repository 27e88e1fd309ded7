import path from 'node:path'
import type { Config, MigrationsConfig, RolesConfig } from '../config/define.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Action } from '../gate/check.ts'
import { SeaworthyError } from '../gate/error.ts'
import { DEFAULT_POLICY, type Policy } from '../gate/policy.ts'
import type { RolesSettings } from '../migrations/engine.ts'
import type { FormatName } from '../migrations/model.ts'
import type { ReportKind } from '../reports/index.ts'

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
  readonly cache?: boolean | undefined
  readonly evidence?: string | undefined
  readonly reports?: readonly { readonly kind: ReportKind; readonly file: string }[] | undefined
}

/** One folder that is to be checked, with what is known about it. Paths are absolute. */
export interface FolderRequest {
  readonly dir: string
  readonly format: FormatName | null
  readonly baseline: string | null
  readonly ledgerFile: string | null
  readonly ledgerTable: string | null
}

/** What a run is asked to do: flags over configuration over defaults. */
export interface CheckRequest {
  /** Folders by name; empty means: find them. */
  readonly folders: readonly FolderRequest[]
  /** Where to look when `folders` is empty. */
  readonly searchFrom: string
  readonly forcedFormat: FormatName | null
  readonly since: string | null
  readonly all: boolean
  /** For folders that were found rather than named. */
  readonly baseline: string | null
  readonly ledgerFile: string | null
  readonly ledgerUrl: string | null
  readonly branches: boolean
  readonly roles: RolesSettings
  readonly major: number | null
  readonly serverUrl: string | null
  readonly down: 'pending' | 'all'
  readonly only: readonly string[]
  readonly action: Action
  readonly policy: Policy
  readonly useCache: boolean
  readonly lockTimeoutMs: number
  readonly statementTimeoutMs: number
  readonly evidence: string | null
  readonly reports: readonly { readonly kind: ReportKind; readonly file: string }[]
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
  const folders = foldersOf(dirs, flags, loaded, cwd)
  return {
    folders,
    searchFrom: cwd,
    forcedFormat: flags.format ?? null,
    since: flags.since ?? config.since ?? null,
    all: flags.all ?? config.all ?? false,
    baseline: flags.baseline ?? null,
    ledgerFile: flags.ledger === undefined ? null : path.resolve(cwd, flags.ledger),
    ledgerUrl: flags.ledgerUrl ?? env['SEAWORTHY_LEDGER_URL'] ?? null,
    branches: flags.branches ?? config.branches ?? false,
    roles: rolesOf(flags, config.roles),
    major: flags.pg ?? config.pg ?? null,
    serverUrl: flags.server ?? env['SEAWORTHY_SERVER_URL'] ?? null,
    down: flags.down ?? config.down ?? 'pending',
    only: flags.only ?? [],
    action: flags.action ?? 'pull-request',
    policy: policyOf(flags, config),
    useCache: flags.cache ?? config.cache ?? true,
    lockTimeoutMs: config.timeouts?.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
    statementTimeoutMs: config.timeouts?.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
    ...outputsOf(flags, loaded, cwd),
  }
}

function outputsOf(flags: CheckFlags, loaded: LoadedConfig, cwd: string): Pick<CheckRequest, 'evidence' | 'reports'> {
  const configured = (loaded.config.reports ?? []).map((one) => ({ ...one, file: path.resolve(loaded.base, one.file) }))
  const given = (flags.reports ?? []).map((one) => ({ ...one, file: path.resolve(cwd, one.file) }))
  const evidence =
    flags.evidence === undefined
      ? loaded.config.evidence === undefined
        ? null
        : path.resolve(loaded.base, loaded.config.evidence)
      : path.resolve(cwd, flags.evidence)
  return { evidence, reports: given.length > 0 ? given : configured }
}

function foldersOf(dirs: readonly string[], flags: CheckFlags, loaded: LoadedConfig, cwd: string): FolderRequest[] {
  const configured = (loaded.config.migrations ?? []).map((one) => configuredFolder(one, flags, loaded.base, cwd))
  const folders =
    dirs.length === 0
      ? configured
      : dirs
          .map((dir) => path.resolve(cwd, dir))
          .map((dir) => configured.find((one) => one.dir === dir) ?? configuredFolder({ dir }, flags, cwd, cwd))
  const isAmbiguous = folders.length > 1 && (flags.baseline !== undefined || flags.ledger !== undefined)
  if (isAmbiguous) {
    throw new SeaworthyError('usage', '--baseline and --ledger name one folder, and this run checks several', {
      hint: 'Name the folder (seaworthy check DIR), or put baseline and ledger beside each dir in seaworthy.config.ts.',
    })
  }
  return folders
}

function configuredFolder(one: MigrationsConfig, flags: CheckFlags, base: string, cwd: string): FolderRequest {
  const ledgerFile =
    flags.ledger === undefined
      ? one.ledger === undefined
        ? null
        : path.resolve(base, one.ledger)
      : path.resolve(cwd, flags.ledger)
  return {
    dir: path.resolve(base, one.dir),
    format: flags.format ?? one.format ?? null,
    baseline: flags.baseline ?? one.baseline ?? null,
    ledgerFile,
    ledgerTable: one.ledgerTable ?? null,
  }
}

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

function policyOf(flags: CheckFlags, config: Config): Policy {
  const { policy } = config
  return {
    required: {
      'pull-request': policy?.required?.['pull-request'] ?? DEFAULT_POLICY.required['pull-request'],
      deploy: policy?.required?.deploy ?? DEFAULT_POLICY.required.deploy,
    },
    accept: policy?.accept ?? [],
    settings: {
      profile: flags.profile ?? config.profile ?? DEFAULT_POLICY.settings.profile,
      inlineAcceptance: policy?.inlineAcceptance ?? DEFAULT_POLICY.settings.inlineAcceptance,
      requireDowns: policy?.requireDowns ?? DEFAULT_POLICY.settings.requireDowns,
    },
  }
}
