import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { sha256 } from '../../gate/canonical.ts'
import type { RunRequest } from '../../gate/evidence.ts'
import type { FolderObservations } from './folder.ts'
import type { CheckRequest } from './request.ts'

/** How a run made its observations, for somebody who wants to make them again. Holds no URL and no absolute path. */
export async function runRequest(
  root: string,
  request: CheckRequest,
  folders: readonly FolderObservations[],
  configFile: string | null,
): Promise<RunRequest> {
  const { shape, workload, seedSql, answers } = request.inputs
  const files: readonly (readonly [string, string | null])[] = [
    ['configuration', configFile],
    ['shape', shape],
    ['workload', workload],
    ['seedSql', seedSql],
    ['answers', answers],
    ...folders.map(({ tree, folder }) => [`ledger ${tree.folder}`, folder.request.ledgerFile] as const),
  ]
  const inputs = await Promise.all(
    files.map(async ([as, file]) =>
      file === null ? null : { as, file: relativeTo(root, file), sha256: await digest(file) },
    ),
  )
  return {
    folders: folders.map(({ tree, folder }) => ({
      dir: tree.folder,
      format: tree.format,
      baseline: folder.request.baseline,
      ledgerTable: folder.request.ledgerTable,
    })),
    since: request.since,
    all: request.all,
    branches: request.branches,
    roles: request.roles,
    major: request.major,
    down: request.down,
    lockTimeoutMs: request.lockTimeoutMs,
    statementTimeoutMs: request.statementTimeoutMs,
    inputs: inputs.filter((one) => one !== null),
    server: request.serverUrl === null ? 'scratch' : 'given',
  }
}

/** Null for what is no file, such as a pipe that was read already, and for one that cannot be read: the observation says why. */
async function digest(file: string): Promise<string | null> {
  try {
    return (await stat(file)).isFile() ? sha256(await readFile(file)) : null
  } catch {
    return null
  }
}

/** Null for a file outside of the repository: where it lies there is nobody else's business. */
function relativeTo(root: string, file: string): string | null {
  const relative = path.relative(root, file).split(path.sep).join('/')
  return relative.startsWith('../') || path.isAbsolute(relative) ? null : relative
}
