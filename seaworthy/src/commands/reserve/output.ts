import path from 'node:path'
import { SeaworthyError } from '../../gate/error.ts'
import { Observations } from '../../gate/observation.ts'
import { formatNamed } from '../../migrations/formats.ts'
import { ledgerTableFor } from '../../observers/ledger/table.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { observeMigrationTree } from '../../observers/migration-tree/observe.ts'
import { type Folder, findFolders } from '../check/folder.ts'
import { type CheckRequest, requestHere } from '../check/request.ts'
import type { ReserveFlags } from '../program/program.ts'
import { reserve } from './reserve.ts'
import type { Surroundings } from '../surroundings.ts'

/** Runs `reserve` for a person: the paths of the new files to stdout, everything else to stderr. */
export async function runReserve(name: string | undefined, flags: ReserveFlags, signal: AbortSignal): Promise<void> {
  const context = { cwd: process.cwd(), env: process.env }
  const dirs = flags.dir === undefined ? [] : [flags.dir]
  const { around, request } = await requestHere(dirs, flags, { file: flags.config }, context)
  const folder = await theFolder(around, request)
  const seen = await observeMigrationTree(around.root, folder.detected, around.repository)
  if (seen.status === 'failed') throw new SeaworthyError('unreadable', seen.reason)
  const format = formatNamed(folder.detected.format)
  await reserve({
    root: around.root,
    isGit: around.repository !== null,
    tree: new Observations([seen]).need(migrationTree),
    format,
    name: name ?? null,
    ledgerFile: folder.request.ledgerFile,
    ledgerUrl: folder.request.ledgerUrl,
    ledgerTable: ledgerTableFor(format, folder.request.ledgerTable),
    env: context.env,
    signal,
    now: new Date(),
    print: (line) => process.stdout.write(`${path.relative(context.cwd, path.join(around.root, line))}\n`),
    warn: (line) => process.stderr.write(`${line}\n`),
  })
}

/** The one folder to write to. An empty one needs its format by name. */
async function theFolder(around: Surroundings, request: CheckRequest): Promise<Folder> {
  const [named] = request.folders
  const { folders } = await findFolders(around, request).catch((error: unknown) => {
    const isEmpty = error instanceof SeaworthyError && error.code === 'nothing-to-check'
    if (!isEmpty || named === undefined || named.format === null) throw error
    const folder = path.relative(around.root, named.dir).split(path.sep).join('/') || '.'
    const detected = { folder, format: named.format, detectedBy: '--format', engineHint: null, engineReason: null }
    return { folders: [{ detected, request: named }], leftOut: [] }
  })
  const [first, second] = folders
  if (first !== undefined && second === undefined) return first
  throw new SeaworthyError('usage', `there are ${folders.length} migration folders here`, {
    hint: `Name one: ${folders.map(({ detected }) => `--dir ${detected.folder}`).join(', or ')}`,
  })
}
