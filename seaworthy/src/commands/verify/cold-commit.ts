import { lstatSync } from 'node:fs'
import path from 'node:path'
import type { BaseSeen, CommitSeen, Tried } from '../../gate/cold/looked-again.ts'
import type { Candidate } from '../../gate/certificate/candidate.ts'
import { migrationsDigest } from '../check/candidate.ts'
import { givenFiles } from '../check/given-files.ts'
import type { InputFiles } from '../check/request.ts'
import { configPlaces } from '../surroundings.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { freshCheckout } from '../../git/fresh-checkout.ts'
import { exchangedIn } from '../../git/genuine-content.ts'
import type { Repository } from '../../git/repository.ts'
import { findMigrationFolders, readTree } from '../../migrations/detect.ts'
import { isFormatName } from '../../migrations/formats.ts'
import { isInside } from './cold-inputs.ts'
import type { ToldBases } from './cold-request.ts'

/** Whose word it is. */
const CLONE_WITNESS = "the verifier's own clone"

/** The named commit as the clone has it, and its files in a folder of their own. */
export interface FoundCommit {
  readonly seen: Tried<CommitSeen>
  /** Null where it could not be checked out, or where it has other content than the commit. */
  readonly checkout: Repository | null
}

export interface CommitRequest {
  readonly clone: Repository
  readonly candidate: Candidate
  readonly bases: ToldBases
  readonly hasBranches: boolean
  /** Where the fresh checkout goes: not there yet. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
}

/** Looks for the commit in the clone, checks it out afresh, and reads its migrations there. */
export async function lookAtCommit(request: CommitRequest): Promise<FoundCommit> {
  const { clone, candidate } = request
  const { commit } = candidate
  if (commit === null) return failed('the bundle names no commit: it was made outside of git')
  try {
    if ((await clone.resolve(commit)) !== commit) return failed(`the verifier's own clone has no commit ${commit}`)
    const base = await baseFor(clone, commit, request.bases)
    const checkout = await freshCheckout({ ...request, from: clone, commit, base })
    const exchanged = await exchangedIn(commit, base, { cwd: checkout.root, env: request.env })
    const { tree, committedAt } = await clone.describe(commit)
    const seen: CommitSeen = {
      commit,
      tree,
      committedAt,
      exchanged,
      isOnBranch: await clone.isOnBranch(commit),
      migrations: await migrationsIn(checkout.root, candidate),
      formats: await formatsIn(checkout.root, candidate),
      otherFolders: await otherFoldersIn(checkout.root, candidate),
      configurations: await configurationsIn(checkout, candidate, base),
      bases: await basesIn(clone, request.bases.commits),
    }
    // What is not the commit's is not run.
    return { seen: { done: seen, witness: CLONE_WITNESS }, checkout: exchanged.length === 0 ? checkout : null }
  } catch (error) {
    if (error instanceof SeaworthyError) return failed(error.message)
    throw error
  }
}

const failed = (reason: string): FoundCommit => ({ seen: { failed: reason }, checkout: null })

/**
 * The commit to compare with: the one that was told; where none was, what a run in this clone would have found. A bundle that
 * hides it is not asked.
 */
async function baseFor(clone: Repository, commit: string, told: ToldBases): Promise<string | null> {
  const [base = null] = await known(clone, told.commits)
  if (base !== null || told.commits.length > 0 || told.isNoneKnown) return base
  const main = await clone.defaultBranch()
  return main === null ? null : await clone.mergeBase(commit, main.commit)
}

async function known(clone: Repository, commits: readonly string[]): Promise<string[]> {
  const found = await Promise.all(commits.map(async (one) => (await clone.resolve(one)) === one))
  return commits.filter((_, index) => found[index])
}

async function basesIn(clone: Repository, bases: readonly string[]): Promise<ReadonlyMap<string, BaseSeen>> {
  const here = new Set(await known(clone, bases))
  const main = await clone.defaultBranch()
  const seen = await Promise.all(
    bases.map(async (base): Promise<[string, BaseSeen]> => {
      if (!here.has(base)) return [base, { isKnown: false, isInDefaultBranch: null }]
      const isInDefaultBranch = main === null ? null : await clone.isAncestor(base, main.commit)
      return [base, { isKnown: true, isInDefaultBranch }]
    }),
  )
  return new Map(seen)
}

/** Folders that a run without any configuration would have judged as well. */
async function otherFoldersIn(root: string, { migrations }: Candidate): Promise<string[]> {
  const found = await findMigrationFolders(root)
  return found
    .filter(({ engineHint }) => engineHint === null || engineHint === 'postgres')
    .map((one) => one.folder)
    .filter((folder) => !migrations.some((one) => one.folder === folder))
}

/** Configurations that a run would find from the candidate's folders, as far as they came with the release. */
async function configurationsIn(
  checkout: Repository,
  { migrations }: Candidate,
  base: string | null,
): Promise<string[]> {
  const { root } = checkout
  const places = new Set(migrations.flatMap(({ folder }) => configPlaces(path.join(root, folder), root)))
  const found = await Promise.all(
    [...places].map(async (configuration) => {
      if (lstatSync(configuration, { throwIfNoEntry: false }) === undefined) return []
      const relied = { configuration, inputs: NO_FILES, folders: [] }
      // Another file is found where it is a link: both decide what is read.
      const given = await givenFiles({ root, repository: checkout, env: {} }, relied, base)
      return given.length === 0 ? [] : [path.relative(root, configuration)]
    }),
  )
  return found.flat().toSorted()
}

const NO_FILES: InputFiles = { shape: null, workload: null, seedSql: null, answers: null }

/** What the candidate's folders are without anybody's word: the certificate's format decides what is read of them. */
async function formatsIn(root: string, { migrations }: Candidate): Promise<CommitSeen['formats']> {
  const found = new Map<string, string>()
  for (const { folder } of migrations) {
    if (!isInside(root, `${root}/${folder}`)) continue
    try {
      for (const one of await findMigrationFolders(root, undefined, folder))
        if (one.folder === folder) found.set(folder, one.format)
    } catch (error) {
      if (!(error instanceof SeaworthyError)) throw error
    }
  }
  return found
}

/** What lies in the candidate's folders at the commit. One that is not there, or cannot be read, is not in it. */
async function migrationsIn(root: string, { migrations }: Candidate): Promise<CommitSeen['migrations']> {
  const found = new Map<string, { readonly format: string; readonly digest: string }>()
  for (const { folder, format } of migrations) {
    if (!isFormatName(format) || !isInside(root, `${root}/${folder}`)) continue
    try {
      const tree = await readTree(root, { folder, format, detectedBy: 'the certificate' })
      found.set(folder, { format, digest: migrationsDigest(tree) })
    } catch (error) {
      if (!(error instanceof SeaworthyError)) throw error
    }
  }
  return found
}
