import type { Rehearsing } from '../seaworthy/src/migrations/engine.ts'
import type { Migration, MigrationTree } from '../seaworthy/src/migrations/model.ts'
import type * as EngineModule from '../seaworthy/src/postgres/engine.ts'
import type * as HostModule from '../seaworthy/src/postgres/scratch-host.ts'
import type { MigrationFile } from './history.ts'
import type { Workspace } from './workspace.ts'

/** A rehearsal in this process, on the package as it was built. */
export interface Staged {
  readonly rehearsing: Rehearsing
  readonly tree: MigrationTree
  readonly pending: readonly Migration[]
}

/** Opens a rehearsal on a scratch server, with nothing kept for later. The caller disposes of it. */
export async function stage(
  workspace: Workspace,
  live: readonly MigrationFile[],
  toApply: readonly MigrationFile[] = [],
): Promise<Staged> {
  const { postgresEngine }: typeof EngineModule = await import(workspace.built('postgres/engine'))
  const { openScratchHost }: typeof HostModule = await import(workspace.built('postgres/scratch-host'))
  const migrations = [...live, ...toApply].map(migrationOf)
  const tree: MigrationTree = {
    format: 'numbered',
    detectedBy: 'the bench',
    folder: 'migrations',
    transaction: 'per-file',
    migrations,
    problems: [],
  }
  const baseline = migrations.slice(0, live.length)
  const pending = migrations.slice(live.length)
  const engine = postgresEngine(async (request) => await openScratchHost(request, workspace.folder), null)
  const rehearsing = await engine.open({
    tree,
    baseline,
    pending,
    roles: {
      mode: 'single',
      isConfigured: false,
      deployRole: 'deploy',
      ownerRole: 'owner',
      attributes: [],
      memberOf: [],
      owns: [],
    },
    major: null,
    serverUrl: null,
    useCache: false,
    lockTimeoutMs: 5_000,
    statementTimeoutMs: 60_000,
    signal: new AbortController().signal,
    progress: () => undefined,
  })
  if (rehearsing.baseline.failure !== null) throw new Error(rehearsing.baseline.failure.error.message)
  return { rehearsing, tree, pending }
}

function migrationOf({ name, sql }: MigrationFile): Migration {
  const version = name.slice(0, name.indexOf('_'))
  const up = { file: `migrations/${name}`, text: sql, send: 'transaction', pieces: null } as const
  return { version, name, ledgerKey: version, up, down: null, checksum: null, checksumOtherEndings: null }
}
