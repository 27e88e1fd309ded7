import { realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { SeaworthyError } from '../../gate/error.ts'
import { type Observation, observed } from '../../gate/observation.ts'
import { Repository } from '../../git/repository.ts'
import type { Format, Ledger, MigrationTree } from '../../migrations/model.ts'
import { type Base, findBase } from './base.ts'
import { applied, cameTooLate, upTo } from './live.ts'
import { type Comparison, compareWithBase } from './changed.ts'
import { type ChangedBaselineFile, type Pending, pending } from './kind.ts'

/** What was asked for. Where several are given, the first of `all`, `baseline`, `since` counts. */
export interface PendingChoice {
  /** Up to and including this version everything is live. */
  readonly baseline?: string | undefined
  /** What this commit has is live. */
  readonly since?: string | undefined
  /** Nothing is live. */
  readonly all?: boolean | undefined
}

export interface PendingRequest {
  /** The folder that the tree's paths are relative to. */
  readonly root: string
  readonly isGit: boolean
  readonly tree: MigrationTree
  readonly format: Pick<Format, 'compareVersions'>
  readonly choice: PendingChoice
  /** What production's ledger says; null or left out where none was given. */
  readonly ledger?: Ledger | null | undefined
  readonly env: NodeJS.ProcessEnv
}

/**
 * Decides which migrations are pending: everything with `all`; else what comes after `baseline`, is new since `since`, is
 * missing from the ledger, or is new for git (docs/guides/ledger.md, "What is pending"). Throws a SeaworthyError: `usage`
 * for a baseline that no migration has, `git` with the fix where git cannot say; never answers "nothing" for "unknown".
 */
export async function observePending(request: PendingRequest): Promise<Observation> {
  const data = await pendingOf(request)
  return observed(pending, data.baseCommit === null ? data.basis : `git ${data.baseCommit}`, data)
}

async function pendingOf(request: PendingRequest): Promise<Pending> {
  const { tree, choice, ledger } = request
  const files = tree.migrations.map((migration) => migration.up.file)
  if (choice.all === true) return everything('all', 'every migration, as asked for with --all', files)
  if (choice.baseline !== undefined) {
    const live = upTo(tree, request.format.compareVersions, choice.baseline)
    return withGit(request, live, 'baseline', `after the baseline ${choice.baseline}`)
  }
  if (choice.since === undefined && ledger !== undefined && ledger !== null) {
    const live = applied(tree, request.format.compareVersions, ledger)
    return withGit(request, live, 'ledger', "not in production's ledger")
  }
  if (!request.isGit) {
    if (choice.since !== undefined) {
      throw new SeaworthyError('git', `--since ${choice.since} needs a git repository, and this is none`, {
        hint: 'Use --baseline VERSION or --ledger FILE, or run Seaworthy in a checkout.',
      })
    }
    return everything('outside-git', 'every migration: this is outside of git', files)
  }
  return fromGit(request, files)
}

const everything = (basis: Pending['basis'], explanation: string, files: readonly string[]): Pending => ({
  basis,
  explanation,
  baseCommit: null,
  files,
  changedBaseline: [],
  newSinceBase: null,
})

async function fromGit(request: PendingRequest, files: readonly string[]): Promise<Pending> {
  const found = await compared(request)
  if (found === null) return everything('merge-base', 'every migration: the repository has no commit yet', files)
  const { base, comparison } = found
  return {
    basis: base.basis,
    explanation: `new since ${base.words}${besides(found)}`,
    ...commitOf(found),
    files: files.filter((file) => comparison.newFiles.has(file)),
    changedBaseline: comparison.changed,
    newSinceBase: [...comparison.newFiles],
  }
}

/**
 * A baseline or a ledger says what is live; git, where it can, says whether what is live was changed. A baseline is only a
 * name: what git has only known since the base, and stands between what was there before, is pending all the same.
 */
async function withGit(
  request: PendingRequest,
  live: ReadonlySet<string>,
  basis: 'baseline' | 'ledger',
  words: string,
): Promise<Pending> {
  const paths = request.tree.migrations.map((migration) => migration.up.file)
  const withoutBase = {
    basis,
    explanation: words,
    baseCommit: null,
    files: paths.filter((file) => !live.has(file)),
    changedBaseline: [],
    newSinceBase: null,
  }
  if (!request.isGit) return withoutBase
  let found: Compared | null
  try {
    found = await compared(request)
  } catch (error) {
    if (!(error instanceof SeaworthyError) || error.code !== 'git') throw error
    const explanation = `${words} (whether live files were edited is unknown: ${error.message})`
    return { ...withoutBase, explanation, baseProblem: error.message }
  }
  if (found === null) return withoutBase
  const { base, comparison } = found
  const late = basis === 'baseline' ? cameTooLate(request.tree, live, comparison.newFiles) : new Set<string>()
  const files = paths.filter((file) => !live.has(file) || late.has(file))
  const besidesLate = late.size === 0 ? '' : `, and ${late.size} before it that ${late.size === 1 ? 'is' : 'are'} new`
  return {
    ...withoutBase,
    explanation: `${words}${besidesLate}; live files compared with ${base.words}${besides(found)}`,
    ...commitOf(found),
    files,
    changedBaseline: comparison.changed.filter((change) => isLive(request, change, files, basis)),
    newSinceBase: [...comparison.newFiles],
  }
}

/** What is still pending may be edited; a removed file that the ledger lists row by row is the ledger's to report. */
function isLive(
  request: PendingRequest,
  change: ChangedBaselineFile,
  pendingFiles: readonly string[],
  basis: 'baseline' | 'ledger',
): boolean {
  if (change.change !== 'removed') return !pendingFiles.includes(change.file)
  const { ledger, choice } = request
  if (basis === 'ledger' && ledger?.style === 'rows') return false
  const newest = basis === 'baseline' ? choice.baseline : ledger?.rows[0]?.key
  return newest !== undefined && change.version !== null && request.format.compareVersions(change.version, newest) <= 0
}

interface Compared {
  readonly base: Base
  readonly comparison: Comparison
  /** Whether what is checked out was compared with itself. */
  readonly isOwn: boolean
}

const commitOf = ({ base, isOwn }: Compared): Pick<Pending, 'baseCommit' | 'isBaseCandidate'> => ({
  baseCommit: base.commit,
  ...(isOwn ? { isBaseCandidate: true } : {}),
})

async function compared(request: PendingRequest): Promise<Compared | null> {
  const folder = join(request.root, request.tree.folder)
  // Asked at the folder itself, which may lie in a submodule with a history of its own.
  const repository = await Repository.open(folder, request.env)
  if (repository === null) {
    throw new SeaworthyError('git', `git knows no repository around ${request.tree.folder}`, {
      hint: 'Name what is live with --baseline VERSION or --ledger FILE, or judge everything with --all.',
    })
  }
  const gitFolder = relative(repository.root, realpathSync(folder)).split(sep).join('/') || '.'
  const head = await repository.head()
  if (head === null) return null
  const base = await findBase({ repository, head, env: request.env }, request.choice.since)
  const { compareVersions } = request.format
  return {
    base,
    comparison: await compareWithBase({ repository, gitFolder, tree: request.tree, compareVersions, base }),
    isOwn: base.commit === head.commit,
  }
}

function besides({ comparison, isOwn }: Compared): string {
  const renamed = comparison.changed.filter((change) => change.change === 'renamed').length
  const moved = comparison.movedFrom === null ? '' : `; the folder was moved here from ${comparison.movedFrom}`
  const own = isOwn ? ', which is the candidate itself' : ''
  return renamed === 0
    ? own + moved
    : `${own}${moved}; ${renamed} renamed with the same content and slot, and so not new`
}
