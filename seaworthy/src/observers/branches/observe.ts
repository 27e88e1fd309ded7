import { realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { type Observation, notObserved, observed } from '../../gate/observation.ts'
import type { Branch } from '../../git/answers.ts'
import { Repository } from '../../git/repository.ts'
import type { FormatName, MigrationTree } from '../../migrations/model.ts'
import { type Branches, type TakenVersion, branches } from './kind.ts'
import { upFileOf } from './up-file.ts'

/** At most so many branches are looked at, those with the newest commits. */
export const BRANCH_LIMIT = 500

export interface BranchesRequest {
  /** The folder that the tree's paths are relative to. */
  readonly root: string
  readonly tree: Pick<MigrationTree, 'folder' | 'format' | 'migrations'>
  readonly env: NodeJS.ProcessEnv
}

/**
 * Reads the versions that other branches have taken: every local and remote branch that git knows here, but the one that
 * is checked out and its copy on a remote. Not observed where git cannot know them all: outside of a repository, in a
 * shallow or single-branch clone. It never fetches.
 */
export async function observeBranches(request: BranchesRequest): Promise<Observation> {
  const folder = join(request.root, request.tree.folder)
  const repository = await Repository.open(folder, request.env)
  if (repository === null) return notObserved(branches, 'git', 'this is outside of git, so no branch is known', null)
  const blind = await blindness(repository)
  if (blind !== null) return notObserved(branches, `git ${repository.root}`, blind, FETCH_HINT)
  const gitFolder = relative(repository.root, realpathSync(folder)).split(sep).join('/') || '.'
  const data = await takenOnBranches(repository, gitFolder, request)
  return observed(branches, 'git', data)
}

const FETCH_HINT =
  "Fetch every branch: git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'; in a CI checkout, fetch-depth: 0."

/** Why the branches that git has here cannot be all; null if there is no such reason. */
async function blindness(repository: Repository): Promise<string | null> {
  if (await repository.isShallow()) return 'this is a shallow clone, which does not know all branches'
  for (const remote of await repository.remotes()) {
    if (!(await repository.fetchesAllBranches(remote))) return `this clone fetches only some branches of ${remote}`
  }
  return null
}

async function takenOnBranches(repository: Repository, gitFolder: string, request: BranchesRequest): Promise<Branches> {
  const own = await ownNames(repository, request.env)
  const others = (await repository.branches()).filter((branch) => !own.has(branch.ref.replace(SHORT, '')))
  const looked = others.slice(0, BRANCH_LIMIT)
  const { folder, format, migrations } = request.tree
  const ours = new Set(migrations.map((migration) => migration.up.file))
  const listed = await upFilesOf(repository, looked, gitFolder, format)
  const taken = looked.flatMap((branch, index): TakenVersion[] =>
    (listed[index] ?? [])
      .map((one) => ({ ...one, branch: branch.name, file: folder === '.' ? one.path : `${folder}/${one.path}` }))
      .filter((one) => !ours.has(one.file))
      .map(({ version, name, file }) => ({ branch: branch.name, version, name, file })),
  )
  return { branches: looked.map((branch) => branch.name), taken, leftOut: others.length - looked.length }
}

/** Short name of a branch, without `refs/heads/` or the remote's name. */
const SHORT = /^refs\/(?:heads|remotes\/[^/]+)\//

/** The branch that is judged: what was pushed of it earlier is no other person's slot. On a CI the head is detached. */
async function ownNames(repository: Repository, env: NodeJS.ProcessEnv): Promise<ReadonlySet<string>> {
  const checkedOut = await repository.currentBranch()
  if (checkedOut !== null) return new Set([checkedOut])
  const told = [
    env['GITHUB_HEAD_REF'],
    env['GITHUB_REF']?.startsWith('refs/heads/') === true ? env['GITHUB_REF'].slice('refs/heads/'.length) : undefined,
    env['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME'],
    env['CI_COMMIT_SOURCE_BRANCH'],
    env['CI_PIPELINE_EVENT'] === 'pull_request' ? undefined : env['CI_COMMIT_BRANCH'],
    env['DRONE_SOURCE_BRANCH'],
  ]
  return new Set(told.filter((name): name is string => name !== undefined && name !== ''))
}

interface ListedUpFile {
  readonly path: string
  readonly version: string
  readonly name: string
}

/** Most branches hold the same folder, so that each different one is read once: by one git process, in turn. */
async function upFilesOf(
  repository: Repository,
  looked: readonly Branch[],
  gitFolder: string,
  format: FormatName,
): Promise<readonly (readonly ListedUpFile[])[]> {
  const ids = await repository.folderIds(
    looked.map((branch) => branch.commit),
    gitFolder,
  )
  const byId = new Map<string, readonly ListedUpFile[]>()
  for (const id of new Set(ids)) {
    if (id === null) continue
    const entries = await repository.list(id, '.')
    byId.set(
      id,
      entries.flatMap((entry) => {
        const named = upFileOf(format, entry.path)
        return named === null ? [] : [{ path: entry.path, ...named }]
      }),
    )
  }
  return ids.map((id) => (id === null ? [] : (byId.get(id) ?? [])))
}
