import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { notWritten, SeaworthyError } from '../../gate/error.ts'
import type { Observation } from '../../gate/observation.ts'
import { listFolder } from '../../migrations/listing.ts'
import type { Format, LedgerTable, MigrationTree, NewFiles } from '../../migrations/model.ts'
import { observeBranches } from '../../observers/branches/observe.ts'
import { upFileOf } from '../../observers/branches/up-file.ts'
import { observeLedger } from '../../observers/ledger/observe.ts'
import { OwnLock } from '../own-lock.ts'
import { takenOnBranches, takenInLedger } from './taken.ts'

export interface ReserveOptions {
  /** Absolute: what the tree's paths are relative to. */
  readonly root: string
  readonly isGit: boolean
  readonly tree: MigrationTree
  readonly format: Format
  /** What the migration is for, in the user's words; null for a name of our own. */
  readonly name: string | null
  readonly ledgerFile: string | null
  readonly ledgerUrl: string | null
  readonly ledgerTable: LedgerTable | null
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  readonly now: Date
  /** The result: one path a line, relative to `root`. */
  readonly print: (line: string) => void
  /** What the user should know besides: branches that could not be looked at. */
  readonly warn: (line: string) => void
}

/** How often the next version is tried when somebody else's file turns up in between. */
const ATTEMPTS = 20

/**
 * Creates the files of the next free version in the tool's own naming, free in the folder, in the ledger (where one is
 * given) and on every branch that git knows. Never overwrites: a version that is taken in the meantime gives way to the
 * next one. Throws SeaworthyError if the ledger was given and cannot be read, or the files cannot be written.
 */
export async function reserve(options: ReserveOptions): Promise<{ version: string; files: string[] }> {
  const elsewhere = [...(await ledgerVersions(options)), ...(await branchVersions(options))]
  const folder = join(options.root, options.tree.folder)
  await using lock = await OwnLock.take(realpathSync(folder), 'reserve', delay)
  const taken = new Set(elsewhere)
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    lock.mustBeOurs()
    for (const version of folderVersions(options)) taken.add(version)
    const next = options.format.nextSlot(options.tree, [...taken], options.name ?? 'reserved', options.now)
    if (write(folder, next, options.tree)) {
      const files = next.files.map((file) => place(options.tree, file.path))
      for (const file of files) options.print(file)
      return { version: next.version, files }
    }
    taken.add(next.version)
  }
  throw new SeaworthyError(
    'unreadable',
    `no free version was found in ${options.tree.folder} in ${ATTEMPTS} attempts`,
    {
      hint: 'Somebody else writes into the folder at the same time: try again.',
    },
  )
}

const place = (tree: MigrationTree, path: string): string => (tree.folder === '.' ? path : `${tree.folder}/${path}`)

/** The folder as it is now: the tree was read before the lock was taken. A down file alone takes its version as well. */
const folderVersions = ({ root, tree }: ReserveOptions): string[] =>
  listFolder(root, tree.folder).files.flatMap((path) => {
    const up = path.replace(/\.down\.sql$/, '.up.sql').replace(/\/down\.sql$/, '/up.sql')
    return upFileOf(tree.format, up)?.version ?? []
  })

async function ledgerVersions(options: ReserveOptions): Promise<string[]> {
  const { ledgerFile, ledgerUrl, ledgerTable, env, signal, tree } = options
  if (ledgerFile === null && ledgerUrl === null) return []
  return takenInLedger(
    mustHaveSeen(await observeLedger({ file: ledgerFile, url: ledgerUrl, table: ledgerTable, env, signal })),
    tree,
  )
}

function mustHaveSeen(observation: Observation): Observation {
  if (observation.status === 'observed') return observation
  throw new SeaworthyError('network', `no version is reserved without the ledger: ${observation.reason}`, {
    hint: observation.hint ?? 'Give a snapshot with --ledger FILE.',
  })
}

async function branchVersions({ isGit, root, tree, env, warn }: ReserveOptions): Promise<string[]> {
  if (!isGit) return []
  const seen = await observeBranches({ root, tree, env })
  if (seen.status === 'observed') return takenOnBranches(seen, warn)
  warn(`Other branches were not looked at: ${seen.reason}. ${seen.hint ?? ''}`.trim())
  return []
}

/** Writes all files or none. False if one of them is already there. */
function write(folder: string, next: NewFiles, tree: MigrationTree): boolean {
  const written: string[] = []
  try {
    for (const file of next.files) {
      const path = join(folder, file.path)
      if (isJournal(file.path, tree)) {
        replaceJournal(path, file.text, tree.journal ?? null)
        continue
      }
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, file.text, { flag: 'wx' })
      written.push(path)
    }
    return true
  } catch (error) {
    for (const path of written) rmSync(path)
    if (codeOf(error) === 'EEXIST') return false
    if (error instanceof SeaworthyError) throw error
    throw notWritten('the new migration could not be written', error, {
      code: 'unreadable',
      hint: 'Look at the rights of the folder of the migrations.',
    })
  }
}

const isJournal = (path: string, tree: MigrationTree): boolean =>
  tree.format === 'drizzle' && path.endsWith('_journal.json')

/** drizzle's journal is the one file that grows: it is replaced as a whole, if it still is what was read. */
function replaceJournal(path: string, text: string, before: string | null): void {
  const now = readIfThere(path)
  if (now !== before) {
    throw new SeaworthyError('unreadable', 'the journal was changed while the version was being reserved', {
      hint: 'Run the command again.',
    })
  }
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${randomUUID()}.tmp`
  writeFileSync(draft, text, { flag: 'wx' })
  renameSync(draft, path)
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
