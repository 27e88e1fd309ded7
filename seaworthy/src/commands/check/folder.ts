import path from 'node:path'
import { SeaworthyError } from '../../gate/error.ts'
import { type Observation, Observations } from '../../gate/observation.ts'
import { type Detected, findMigrationFolders } from '../../migrations/detect.ts'
import { formatNamed } from '../../migrations/formats.ts'
import type { LedgerTable, MigrationTree } from '../../migrations/model.ts'
import { observeBranches } from '../../observers/branches/observe.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { observeLedger } from '../../observers/ledger/observe.ts'
import { ledgerTableFor } from '../../observers/ledger/table.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { observeMigrationTree } from '../../observers/migration-tree/observe.ts'
import { type Pending, pending } from '../../observers/pending/kind.ts'
import { type PendingChoice, observePending } from '../../observers/pending/observe.ts'
import { type CheckRequest, type FolderRequest, speaksOfOne } from './request.ts'
import type { Surroundings } from '../surroundings.ts'

/** A migration folder of this run, and what the request knows about it. */
export interface Folder {
  readonly detected: Detected
  readonly request: FolderRequest
}

/** The folders of a run, and those that were found and are not checked. */
export interface FoundFolders {
  readonly folders: readonly Folder[]
  readonly leftOut: readonly { readonly folder: string; readonly why: string }[]
}

/** What was observed of one folder before a server is needed. */
export interface FolderObservations {
  readonly folder: Folder
  readonly tree: MigrationTree
  readonly pending: Pending
  readonly ledgerTable: LedgerTable | null
  readonly observations: readonly Observation[]
}

/**
 * The folders of the run: those that were named, else every one that can be found. Throws SeaworthyError:
 * `nothing-to-check` if there is none, `config` if one is for another engine than PostgreSQL.
 */
export async function findFolders(around: Surroundings, request: CheckRequest): Promise<FoundFolders> {
  const folders = new Map<string, Folder>()
  const unreadable = new Set<string>()
  for (const one of request.folders.length > 0 ? request.folders : [request.anywhere]) {
    const start = relativeTo(around.root, one.dir)
    const found = await findMigrationFolders(around.root, one.format ?? undefined, start, (folder) =>
      unreadable.add(folder),
    )
    const isAround = request.folders.some((other) => other !== one && other.dir.startsWith(one.dir + path.sep))
    if (found.length === 0 && !isAround) throw nothingAt(one.dir)
    // A folder that was named twice, or found below another one that was named, is one folder.
    for (const detected of found) folders.set(detected.folder, { detected: named(detected, one), request: one })
  }
  const speaking = [...folders.values()].map(({ request: one }) => one).filter(speaksOfItself)
  const isForOne = request.isForOne || request.inputs.shape !== null || new Set(speaking).size < speaking.length
  if (folders.size > 1 && isForOne) throw speaksOfOne(folders.size)
  await refuseUnreadable(around, [...unreadable])
  const { folders: kept, leftOut } = withoutOtherEngines([...folders.values()])
  const unread = [...unreadable].map((folder) => ({ folder, why: 'it cannot be read' }))
  return { folders: kept, leftOut: [...leftOut, ...unread] }
}

/** A folder that cannot be read is named; one of which git has files may hold migrations, and then nothing is claimed. */
async function refuseUnreadable({ repository }: Surroundings, unreadable: readonly string[]): Promise<void> {
  const head = unreadable.length === 0 ? null : ((await repository?.head()) ?? null)
  if (repository === null || head === null) return
  for (const folder of unreadable) {
    if ((await repository.list(head.commit, folder)).length === 0) continue
    throw new SeaworthyError('unreadable', `the folder ${folder} is part of the repository and cannot be read`, {
      hint: 'Make it readable for this user, or name the migration folders: seaworthy check DIR.',
    })
  }
}

/** Folders of another engine that were found beside others are left out, and that is said. One that was named is refused. */
function withoutOtherEngines(folders: readonly Folder[]): FoundFolders {
  const isOther = ({ detected }: Folder): boolean => detected.engineHint !== null && detected.engineHint !== 'postgres'
  const kept = folders.filter((folder) => !isOther(folder))
  const others = folders.filter(isOther)
  const refused = others.find((folder) => kept.length === 0 || isNamed(folder))
  if (refused !== undefined) throw otherEngine(refused.detected)
  return {
    folders: kept,
    leftOut: others.map(({ detected }) => ({ folder: detected.folder, why: whyOther(detected) })),
  }
}

/** Whether the user spoke of this very folder, and not of one above it. */
const isNamed = ({ detected, request }: Folder): boolean =>
  request.isNamed && path.basename(request.dir) === path.posix.basename(detected.folder)

const speaksOfItself = (one: FolderRequest): boolean => (one.baseline ?? one.ledgerFile ?? one.ledgerUrl) !== null

/** The search only knows that the format was given, not by whom. */
const named = (detected: Detected, one: FolderRequest): Detected =>
  detected.detectedBy === '--format' && !one.isFormatGiven ? { ...detected, detectedBy: 'the configuration' } : detected

const relativeTo = (root: string, dir: string): string => path.relative(root, dir).split(path.sep).join('/') || '.'

const nothingAt = (dir: string): SeaworthyError =>
  new SeaworthyError('nothing-to-check', `no migrations were found in ${dir}`, {
    hint: 'Name the folder (seaworthy check DIR), and its tool if it is not recognised (--format FORMAT).',
  })

const whyOther = (detected: Detected): string =>
  `it is not for PostgreSQL: ${detected.engineReason ?? detected.engineHint ?? 'unknown'}`

const otherEngine = (detected: Detected): SeaworthyError =>
  new SeaworthyError('config', `${detected.folder} cannot be checked: ${whyOther(detected)}`, {
    hint: 'Only PostgreSQL can be rehearsed so far. Name the folders that are for it: seaworthy check DIR.',
  })

/**
 * Observes one folder: its tree, the ledger, what is pending, other branches. Without the tree or what is pending
 * nothing else can be asked, so their errors are thrown; a ledger that could not be read is an observation that failed.
 * `instead` stands for what the user gives of production: its ledger, shape or answers.
 */
export async function observeFolder(
  around: Surroundings,
  request: CheckRequest,
  folder: Folder,
  { signal, instead = [] }: { readonly signal: AbortSignal; readonly instead?: readonly Observation[] },
): Promise<FolderObservations> {
  const format = formatNamed(folder.detected.format)
  const ledgerTable = ledgerTableFor(format, folder.request.ledgerTable)
  const [treeSeen, ledgerGiven, shapeSeen] = await Promise.all([
    observeMigrationTree(around.root, folder.detected, around.repository),
    observeLedgerOf(around, folder, ledgerTable, signal),
    observeShapeOf(request, ledgerTable),
  ])
  const ledgerSeen = ledgerGiven ?? shapeSeen.ledger
  if (treeSeen.status === 'failed') {
    throw new SeaworthyError('unreadable', treeSeen.reason, treeSeen.hint === null ? {} : { hint: treeSeen.hint })
  }
  const seen = new Observations([treeSeen, ledgerSeen, shapeSeen.shape].filter((one) => one !== null)).with(...instead)
  const tree = seen.need(migrationTree)
  if (tree.migrations.length === 0 && tree.problems.length === 0) throw nothingAt(folder.request.dir)
  const pendingSeen = await observePending({
    root: around.root,
    isGit: around.repository !== null,
    tree,
    format,
    choice: choiceOf(request, folder.request),
    ledger: seen.maybe(ledger) ?? null,
    env: around.env,
  })
  const answered = await observeAnswersOf(request)
  const all = seen.with(pendingSeen, ...(answered === null ? [] : [answered]), ...instead)
  // Outside of git the branches are asked for and not observed: never a pass.
  const observations = request.branches
    ? all.with(await observeBranches({ root: around.root, tree, env: around.env }))
    : all
  return {
    folder,
    tree,
    pending: all.need(pending),
    ledgerTable,
    observations: [...observations],
  }
}

function choiceOf(request: CheckRequest, folder: FolderRequest): PendingChoice {
  return {
    all: request.all,
    ...(folder.baseline === null ? {} : { baseline: folder.baseline }),
    ...(request.since === null ? {} : { since: request.since }),
  }
}

async function observeLedgerOf(
  around: Surroundings,
  { request }: Folder,
  table: LedgerTable | null,
  signal: AbortSignal,
): Promise<Observation | null> {
  if (request.ledgerFile === null && request.ledgerUrl === null) return null
  return await observeLedger({ file: request.ledgerFile, url: request.ledgerUrl, table, env: around.env, signal })
}

/** Production's answers to what earlier runs asked. */
async function observeAnswersOf({ inputs }: CheckRequest): Promise<Observation | null> {
  if (inputs.answers === null) return null
  const { observeAnswers } = await import('../../observers/answers/observe.ts')
  return await observeAnswers(inputs.answers)
}

/** Production's shape, and the ledger in it, which counts where no other one was given. */
async function observeShapeOf(
  { inputs }: CheckRequest,
  table: LedgerTable | null,
): Promise<{ shape: Observation | null; ledger: Observation | null }> {
  if (inputs.shape === null) return { shape: null, ledger: null }
  const { ledgerOfShape, observeShape } = await import('../../observers/shape/observe.ts')
  const seen = await observeShape(inputs.shape, table?.name ?? null)
  return { shape: seen, ledger: ledgerOfShape(seen, table) }
}
