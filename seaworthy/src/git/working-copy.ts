import { cp, mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SeaworthyError } from '../gate/error.ts'
import { nulFields } from './answers.ts'
import { runGit } from './process.ts'

/** What git says of a working tree that is to be copied. */
export interface WorkingTree {
  /** Files relative to the root: tracked, or untracked and not ignored. One that was removed may be among them. */
  readonly files: readonly string[]
  /** Absolute: where HEAD and the index of this working tree lie. */
  readonly gitDir: string
  /** Absolute: where refs and objects lie; the same for all working trees of a repository. */
  readonly commonDir: string
  /** `objectformat=sha256` and the like: without them git reads the repository wrongly. */
  readonly extensions: readonly string[]
}

/** Looks at the working tree at `root`. Throws SeaworthyError('git') where git does not answer. */
export async function workingTree(root: string, env: NodeJS.ProcessEnv): Promise<WorkingTree> {
  const [list, gitDir, commonDir, extensions] = await Promise.all([
    must(['ls-files', '-z', '--cached', '--others', '--exclude-standard'], root, env),
    must(['rev-parse', '--absolute-git-dir'], root, env),
    must(['rev-parse', '--path-format=absolute', '--git-common-dir'], root, env),
    runGit(['config', '--local', '--get-regexp', String.raw`^extensions\.`], { cwd: root, env }),
  ])
  return {
    files: [...new Set(nulFields(list))],
    gitDir: lineOf(gitDir),
    commonDir: lineOf(commonDir),
    extensions: lineOf(extensions.stdout)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/^extensions\./, '').replace(' ', '=')),
  }
}

/** Of the folder that the working tree keeps for itself, and of the one that it shares with others. */
const OWN = ['HEAD', 'index', 'FETCH_HEAD', 'ORIG_HEAD', 'MERGE_HEAD']
const SHARED = ['packed-refs', 'refs', 'reftable', 'shallow', 'info']

/**
 * Gives the folder `to` the history of a working tree: its branches, what is checked out, and its index. Objects are
 * only referred to, so that nothing is written to the repository itself, whatever is done in the copy.
 */
export async function copyHistory(from: WorkingTree, to: string): Promise<void> {
  const copy = path.join(to, '.git')
  await mkdir(path.join(copy, 'objects/info'), { recursive: true, mode: 0o700 })
  await mkdir(path.join(copy, 'refs'), { recursive: true })
  const split = (await readdir(from.gitDir)).filter((name) => name.startsWith('sharedindex.'))
  for (const name of [...OWN, ...split]) await copyIfThere(path.join(from.gitDir, name), path.join(copy, name))
  for (const name of SHARED) await copyIfThere(path.join(from.commonDir, name), path.join(copy, name))
  await writeFile(path.join(copy, 'objects/info/alternates'), `${path.join(from.commonDir, 'objects')}\n`)
  await writeFile(path.join(copy, 'config'), configOf(from, to))
}

/** The user's own settings, under those that make it a repository of its own. Pure, so that a test can look at it. */
export function configOf({ commonDir, extensions }: Omit<WorkingTree, 'files' | 'gitDir'>, to: string): string {
  const version = extensions.length === 0 ? 0 : 1
  return [
    '[include]',
    `\tpath = ${quoted(path.join(commonDir, 'config'))}`,
    '[core]',
    `\trepositoryformatversion = ${version}`,
    '\tbare = false',
    `\tworktree = ${quoted(to)}`,
    ...(version === 0 ? [] : ['[extensions]', ...extensions.map((one) => `\t${one}`)]),
    '',
  ].join('\n')
}

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/**
 * Commits files of a copy with what is checked out there as the parent, without moving a branch. While it writes, the copy
 * does not know the repository that it was made from: git would mark each object that both have as used, over there.
 * Throws SeaworthyError('git') if git refuses.
 */
export async function commitDetached(root: string, files: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const git = async (args: readonly string[], stdin = ''): Promise<string> => lineOf(await must(args, root, env, stdin))
  const head = await git(['rev-parse', '--verify', 'HEAD^{commit}'])
  const alternates = path.join(root, '.git/objects/info/alternates')
  await rename(alternates, `${alternates}.aside`)
  let commit: string
  try {
    for (const file of files) {
      const blob = await git(['hash-object', '-w', '--', file])
      await git(['update-index', '--add', '--cacheinfo', `100644,${blob},${file}`])
    }
    const tree = await git(['write-tree', '--missing-ok'])
    commit = await git(['hash-object', '-t', 'commit', '-w', '--stdin'], commitText(tree, head))
  } finally {
    await rename(`${alternates}.aside`, alternates)
  }
  await git(['update-ref', '--no-deref', 'HEAD', commit])
}

function commitText(tree: string, parent: string): string {
  const who = `seaworthy drill <drill@localhost> ${Math.floor(Date.now() / 1000)} +0000`
  return `tree ${tree}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\n\na bad world\n`
}

async function copyIfThere(from: string, to: string): Promise<void> {
  try {
    await cp(from, to, { recursive: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw error
  }
}

async function must(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, stdin = ''): Promise<Buffer> {
  const answer = await runGit(args, { cwd, env, stdin })
  if (answer.code === 0) return answer.stdout
  throw new SeaworthyError('git', `git refused in ${cwd}: ${answer.stderr.split('\n')[0] ?? ''}`, {
    hint: 'Run git status there: it must work before a copy can be made.',
  })
}

const lineOf = (output: Buffer): string => output.toString('utf8').replace(/\r?\n$/, '')
