import { constants, realpathSync } from 'node:fs'
import {
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  rmdir,
  symlink,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'
import { SeaworthyError } from '../../gate/error.ts'
import { copyHistory, type WorkingTree, workingTree } from '../../git/working-copy.ts'
import type { CheckRequest } from '../check/request.ts'
import type { Surroundings } from '../surroundings.ts'

/** A project larger than this is not copied. */
const MOST_FILES = 50_000
const MOST_BYTES = 1024 * 1024 * 1024
/** So many files are copied at a time. */
const AT_A_TIME = 32

/** What belongs into a copy of the user's project, relative to its root. */
export interface CopyPlan {
  readonly root: string
  /** Null outside of git. */
  readonly tree: WorkingTree | null
  readonly files: readonly string[]
  readonly submodules: readonly string[]
  /** Folders of installed packages, which a configuration may import: the copy points to them. */
  readonly packages: readonly string[]
}

/**
 * Lists what the copies of a project need: what git has or would take, besides what the request names. Submodules are
 * left out. Throws SeaworthyError('limit') for a project that is too large.
 */
export async function planCopy({ root, repository, env }: Surroundings, request: CheckRequest): Promise<CopyPlan> {
  const tree = repository === null ? null : await workingTree(root, env)
  const files = new Set<string>()
  const submodules: string[] = []
  let bytes = 0
  const add = async (file: string): Promise<void> => {
    const found = await lstat(path.join(root, file)).catch(() => null)
    // Git lists removed files as well, and a submodule by its folder.
    if (found?.isDirectory() === true) submodules.push(file)
    if (found === null || files.has(file) || !(found.isFile() || found.isSymbolicLink())) return
    files.add(file)
    bytes += found.size
    if (files.size > MOST_FILES || bytes > MOST_BYTES) throw tooLarge(root)
  }
  for (const file of tree?.files ?? []) await add(file)
  if (tree === null) await walk(root, '.', add)
  for (const folder of request.folders) {
    const inside = within(root, folder.dir)
    if (inside !== null) await walk(root, inside, add)
  }
  const { shape, workload, seedSql, answers } = request.inputs
  const given = [shape, workload, seedSql, answers, ...request.folders.map(({ ledgerFile }) => ledgerFile)]
  for (const file of [...given, request.anywhere.ledgerFile]) {
    const inside = file === null ? null : within(root, file)
    if (inside !== null) await add(inside)
  }
  return { root, tree, files: [...files], submodules, packages: await packagesOf(root, [...files]) }
}

/** A path relative to the root, with forward slashes; null if it lies elsewhere. */
export function within(root: string, absolute: string): string | null {
  for (const one of [absolute, realOf(absolute)]) {
    const relative = path.relative(root, one)
    if (relative === '') return '.'
    if (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative)) {
      return relative.split(path.sep).join('/')
    }
  }
  return null
}

function realOf(absolute: string): string {
  try {
    return realpathSync(absolute)
  } catch {
    return absolute
  }
}

async function walk(root: string, folder: string, add: (file: string) => Promise<void>): Promise<void> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const inside = folder === '.' ? entry.name : `${folder}/${entry.name}`
    if (!entry.isDirectory()) await add(inside)
    else if (entry.name !== 'node_modules' && entry.name !== '.git') await walk(root, inside, add)
  }
}

/** Folders of packages beside the root and the configuration files. */
async function packagesOf(root: string, files: readonly string[]): Promise<string[]> {
  const configured = files.filter((file) => path.posix.basename(file).startsWith('seaworthy.config.'))
  const folders = new Set(['.', ...configured.map((file) => path.posix.dirname(file))])
  const found: string[] = []
  for (const folder of folders) {
    const packages = path.posix.join(folder, 'node_modules')
    const isThere = (await lstat(path.join(root, packages)).catch(() => null))?.isDirectory() ?? false
    if (isThere) found.push(packages)
  }
  return found
}

const tooLarge = (root: string): SeaworthyError =>
  new SeaworthyError('limit', `${root} is too large to be copied: more than ${MOST_FILES} files or 1 GB`, {
    hint: 'Drill in a smaller checkout, or outside of git in the folder of the migrations; --tier judge needs no copy.',
  })

/** A copy of the user's project that bad worlds are made in. Removed with `using`. */
export class ProjectCopy implements AsyncDisposable {
  /** The copy of the root. */
  readonly root: string
  /** Beside the copy: files that are no part of it. */
  readonly beside: string
  readonly #before = new Map<string, Buffer | null>()

  private constructor(base: string) {
    this.beside = base
    this.root = path.join(base, 'project')
  }

  /** Copies a project into a folder of its own below `parent`, which must not lie in the project. */
  static async make(plan: CopyPlan, parent: string): Promise<ProjectCopy> {
    const copy = new ProjectCopy(await mkdtemp(path.join(parent, 'world-')))
    await mkdir(copy.root, { mode: 0o700 })
    const folders = new Set(plan.files.map((file) => path.posix.dirname(file)))
    for (const folder of folders) await mkdir(path.join(copy.root, folder), { recursive: true })
    for (let at = 0; at < plan.files.length; at += AT_A_TIME) {
      await Promise.all(
        plan.files.slice(at, at + AT_A_TIME).map(async (file) => await copyOne(plan.root, copy.root, file)),
      )
    }
    for (const one of plan.packages) {
      await mkdir(path.dirname(path.join(copy.root, one)), { recursive: true })
      await symlink(path.join(plan.root, one), path.join(copy.root, one))
    }
    if (plan.tree !== null) await copyHistory(plan.tree, copy.root)
    return copy
  }

  /**
   * Writes a file of the copy, or removes it (null). Never through a link: what it leads to may be the user's own.
   * Throws SeaworthyError('config') for a path that leads out of the copy.
   */
  async write(file: string, text: string | null): Promise<void> {
    const absolute = path.join(this.root, file)
    await mkdir(path.dirname(absolute), { recursive: true })
    const isInside = within(this.root, realOf(path.dirname(absolute))) !== null && within(this.root, absolute) !== null
    if (!isInside) throw new SeaworthyError('config', `${file} leads out of the project, and is left alone`)
    if (!this.#before.has(file)) this.#before.set(file, await readFile(absolute).catch(() => null))
    await rm(absolute, { force: true })
    if (text === null) await this.#removeEmpty(path.dirname(absolute))
    else await writeFile(absolute, text, { flag: 'wx' })
  }

  /** The text of a file of the copy; null if it is not there. */
  async read(file: string): Promise<string | null> {
    return await readFile(path.join(this.root, file), 'utf8').catch(() => null)
  }

  /** The files that lie in a folder of the copy, relative to its root. */
  async filesIn(folder: string): Promise<readonly string[]> {
    const files: string[] = []
    await walk(this.root, folder, async (file) => void files.push(file))
    return files
  }

  /** Takes back everything that was written. What was committed stays. */
  async restore(): Promise<void> {
    for (const [file, before] of this.#before) {
      const absolute = path.join(this.root, file)
      await rm(absolute, { force: true })
      await mkdir(path.dirname(absolute), { recursive: true })
      if (before !== null) await writeFile(absolute, before, { flag: 'wx' })
    }
    this.#before.clear()
  }

  /** Git keeps no empty folders, and for some tools a folder is a migration. */
  async #removeEmpty(folder: string): Promise<void> {
    if (folder === this.root) return
    const isRemoved = await rmdir(folder).then(
      () => true,
      () => false,
    )
    if (isRemoved) await this.#removeEmpty(path.dirname(folder))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.beside, { recursive: true, force: true })
  }
}

async function copyOne(from: string, to: string, file: string): Promise<void> {
  const [source, target] = [path.join(from, file), path.join(to, file)]
  const found = await lstat(source).catch(() => null)
  if (found === null) return
  if (!found.isSymbolicLink()) {
    await copyFile(source, target, constants.COPYFILE_FICLONE)
    return
  }
  // A link within the project leads to the copy's own file; any other one to where it leads the user.
  const aim = path.resolve(path.dirname(source), await readlink(source))
  const inside = within(from, aim)
  await symlink(inside === null ? aim : path.relative(path.dirname(target), path.join(to, inside)), target)
}
