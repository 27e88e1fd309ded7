import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve as resolvePath, sep } from 'node:path'
import { SeaworthyError } from '../gate/error.ts'
import { type Branch, type TreeEntry, nulFields, parseBatch, parseBranches, parseTree } from './answers.ts'
import { type GitAnswer, runGit } from './process.ts'

/** What is checked out. */
export interface Head {
  readonly commit: string
  readonly tree: string
  /** Short name of the branch; null with a detached head. */
  readonly branch: string | null
}

/** The branch that everything is merged into, and how it was found. */
export interface DefaultBranch {
  /** `origin/main`, `main`. */
  readonly name: string
  readonly commit: string
}

/** What git says of the working tree against a commit. Paths are relative to the repository root. */
export interface Changes {
  /** Tracked files that differ: committed since, staged, or only edited. Removed ones too. */
  readonly changed: readonly string[]
  /** Files that git does not track and does not ignore. */
  readonly untracked: readonly string[]
}

/** So many names fit into one command line, however long they are. */
const MOST_ARGUMENTS = 200

/**
 * A git repository with a working tree, read through the git command. Nothing here writes, asks for a password, or runs a
 * hook, a pager or an external diff. Every method throws SeaworthyError('git') with git's own words when git refuses,
 * and SeaworthyError('limit') when it takes too long or answers too much.
 */
export class Repository {
  /** The real path of the top folder of the working tree. */
  readonly root: string
  readonly #env: NodeJS.ProcessEnv

  private constructor(root: string, env: NodeJS.ProcessEnv) {
    this.root = root
    this.#env = env
  }

  /**
   * The repository around a folder, or null outside of any. A `.git` that git cannot or will not read (dubious ownership,
   * a broken link, no git command) is an error: it must not look like "outside git".
   */
  static async open(folder: string, env: NodeJS.ProcessEnv): Promise<Repository | null> {
    const marker = gitMarkerAbove(folder)
    let answer: GitAnswer
    try {
      answer = await runGit(['rev-parse', '--show-toplevel'], { cwd: folder, env })
    } catch (error) {
      if (marker === null && error instanceof SeaworthyError && error.code === 'git') return null
      throw error
    }
    const root = answer.stdout.toString('utf8').replace(/\r?\n$/, '')
    if (answer.code === 0 && root !== '') {
      if (isWithin(root, folder)) return new Repository(root, env)
      throw new SeaworthyError('git', `git takes another folder for the working tree of ${folder}: ${root}`, {
        hint: 'Look at core.worktree in .git/config, and remove it.',
      })
    }
    if (marker === null && answer.stderr.includes('not a git repository')) return null
    throw refusal(answer.stderr, folder)
  }

  /** What is checked out; null in a repository without a commit. */
  async head(): Promise<Head | null> {
    const commit = await this.resolve('HEAD')
    if (commit === null) return null
    const [tree, branch] = await Promise.all([this.#line(['rev-parse', `${commit}^{tree}`]), this.currentBranch()])
    return { commit, tree, branch }
  }

  /** Short name of the branch that is checked out (also one without a commit yet); null with a detached head. */
  async currentBranch(): Promise<string | null> {
    const answer = await this.#ask(['symbolic-ref', '--quiet', '--short', 'HEAD'])
    return answer.code === 0 ? text(answer) : null
  }

  /**
   * Whether anything is staged, edited or untracked, whatever the repository's settings hide, or marked so that git no longer
   * looks at it. What its rules ignore is ignored. Contents of submodules are theirs.
   */
  async isDirty(): Promise<boolean> {
    const filters = await this.#withoutFilters()
    if (filters === null) return true
    const status = [
      ...filters,
      'status',
      '--porcelain=v1',
      '-z',
      '--untracked-files=normal',
      '--ignore-submodules=dirty',
      '--no-renames',
    ]
    const [answer, marked] = await Promise.all([this.#must(status), this.#must(['ls-files', '-v', '-z'])])
    return answer.stdout.length > 0 || nulFields(marked.stdout).some((one) => isUnwatched(this.root, one))
  }

  /** Whether a file, relative to the root, makes the working tree dirty: edited, or neither tracked nor ignored. */
  async isUnclean(file: string): Promise<boolean> {
    const filters = await this.#withoutFilters()
    if (filters === null) return true
    const status = [...filters, 'status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames']
    return (await this.#must([...status, '--', file])).stdout.length > 0
  }

  /**
   * Settings that switch every filter off: one is a program of the repository's own, which could also make an edited file look
   * as it was. A file that git has seen as it is stays clean without it. Null for a name that cannot be said in a setting.
   */
  async #withoutFilters(): Promise<string[] | null> {
    const answer = await this.#ask(['config', '--null', '--name-only', '--get-regexp', '^filter[.]'])
    const drivers = new Set(nulFields(answer.stdout).map((key) => key.slice(0, key.lastIndexOf('.'))))
    if ([...drivers].some((driver) => /[=\n]/.test(driver))) return null
    const off = ['clean=', 'smudge=', 'process=', 'required=false']
    return [...drivers].flatMap((driver) => off.flatMap((setting) => ['-c', `${driver}.${setting}`]))
  }

  /** Whether history was cut off when this was cloned. */
  async isShallow(): Promise<boolean> {
    return (await this.#line(['rev-parse', '--is-shallow-repository'])) === 'true'
  }

  /** Whether this was cloned with a filter, and may lack files that its commits have. */
  async isPartial(): Promise<boolean> {
    return (await this.#ask(['config', '--get-regexp', String.raw`^remote\..*\.promisor$`])).code === 0
  }

  /**
   * The full commit that a name stands for; null if git knows no such commit. A name is never read as an option. Throws
   * SeaworthyError('git') for a short name that stands for several commits: git would silently take a local branch called
   * `origin/main` for the one of the remote. A full name (`refs/heads/main`) stands for itself alone.
   */
  async resolve(ref: string): Promise<string | null> {
    if (ref === '' || ref.includes('\0')) return null
    const name = /^(?:(?!@\{)[^~^:])*/.exec(ref)?.[0] ?? ''
    if (name === '' || name === 'HEAD' || name === '@' || isFullId(name)) return this.#commitOf(ref)
    const named = await this.#refsNamed(name)
    if (name.startsWith('refs/')) return named.includes(name) ? this.#commitOf(ref) : null
    const [commit, ...others] = await Promise.all([this.#commitOf(name), ...named.map((one) => this.#commitOf(one))])
    if (
      others.some((one) => one !== commit) ||
      (named.length > 0 && (await this.#isOtherCommit(name, commit ?? null)))
    ) {
      throw ambiguousRef(name, named)
    }
    return ref === name ? (commit ?? null) : this.#commitOf(ref)
  }

  async #commitOf(name: string): Promise<string | null> {
    const answer = await this.#ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])
    const commit = answer.code === 0 ? text(answer) : ''
    return isFullId(commit) ? commit : null
  }

  /** The full names that git tries for a name, as far as they exist (gitrevisions(7)). */
  async #refsNamed(name: string): Promise<string[]> {
    const tried = name.startsWith('refs/')
      ? [name]
      : [`refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`, `refs/remotes/${name}`, `refs/remotes/${name}/HEAD`]
    const answer = await this.#must(['for-each-ref', '--format=%(refname)', '--', ...tried])
    const found = new Set(text(answer).split('\n'))
    return tried.filter((one) => found.has(one))
  }

  /** Whether a name that is a ref's is the beginning of another commit's id as well. */
  async #isOtherCommit(name: string, commit: string | null): Promise<boolean> {
    if (!/^[0-9a-f]{4,63}$/.test(name)) return false
    const ids = text(await this.#must(['rev-parse', `--disambiguate=${name}`])).split('\n')
    const commits = await Promise.all(ids.filter((id) => id !== '').map((id) => this.#commitOf(id)))
    return commits.some((one) => one !== null && one !== commit)
  }

  /** The newest commit that both have in their history; null if there is none here (shallow, or not related). */
  async mergeBase(a: string, b: string): Promise<string | null> {
    const answer = await this.#ask(['merge-base', '--end-of-options', a, b])
    if (answer.code === 0) return text(answer).split('\n')[0] ?? null
    if (answer.code === 1) return null
    throw refusal(answer.stderr, this.root)
  }

  /** Whether a commit is in the history of another one, or is that one. Both have to be here. */
  async isAncestor(commit: string, of: string): Promise<boolean> {
    const answer = await this.#ask(['merge-base', '--is-ancestor', commit, of])
    if (answer.code === 0 || answer.code === 1) return answer.code === 0
    throw refusal(answer.stderr, this.root)
  }

  /** The tree of a commit, and when it was made: ISO 8601 with its zone, as the committer's clock had it. */
  async describe(commit: string): Promise<{ readonly tree: string; readonly committedAt: string }> {
    const [tree = '', committedAt = ''] = (
      await this.#line(['show', '--no-patch', '--no-show-signature', '--format=%T %cI', commit])
    ).split(' ')
    return { tree, committedAt }
  }

  /** Whether a branch or a tag has the commit in its history. */
  async isOnBranch(commit: string): Promise<boolean> {
    const refs = ['refs/heads', 'refs/remotes', 'refs/tags']
    return (
      (await this.#line(['for-each-ref', '--count=1', '--format=%(refname)', `--contains=${commit}`, ...refs])) !== ''
    )
  }

  /** Every file of a commit below a folder (`.` for all); a submodule is one entry. Empty if the folder is not there. */
  async list(commit: string, folder: string): Promise<TreeEntry[]> {
    const below = folder === '.' ? [] : ['--', `${folder}/`]
    const answer = await this.#must(['ls-tree', '-r', '-z', '--full-tree', commit, ...below])
    return parseTree(answer.stdout)
  }

  /** Those of the files, relative to the root, that the index has: what is committed, and what is added to be. */
  async tracked(files: readonly string[]): Promise<ReadonlySet<string>> {
    const found: string[] = []
    for (let from = 0; from < files.length; from += MOST_ARGUMENTS) {
      const some = files.slice(from, from + MOST_ARGUMENTS)
      found.push(...nulFields((await this.#must(['ls-files', '-z', '--full-name', '--', ...some])).stdout))
    }
    return new Set(found)
  }

  /** The contents of objects, in one process and in the order asked; null for what is missing or no file. */
  async contents(names: readonly string[]): Promise<(Buffer | null)[]> {
    if (names.length === 0) return []
    if (names.some((name) => name.includes('\n'))) throw new SeaworthyError('git', 'an object name holds a line break')
    const answer = await this.#must(['cat-file', '--batch'], `${names.join('\n')}\n`)
    return parseBatch(answer.stdout, names.length)
  }

  /** One file of a commit; null if it is not there. Throws if `ref` is no commit. */
  async read(ref: string, path: string): Promise<Buffer | null> {
    const commit = await this.resolve(ref)
    if (commit === null) throw unknownRef(ref)
    return (await this.contents([`${commit}:${path}`]))[0] ?? null
  }

  /** The object ids of one folder at many commits, in one process; null where a commit has no such folder. */
  async folderIds(commits: readonly string[], folder: string): Promise<(string | null)[]> {
    if (commits.length === 0) return []
    const names = commits.map((commit) => (folder === '.' ? `${commit}^{tree}` : `${commit}:${folder}`))
    const answer = await this.#must(['cat-file', '--batch-check'], `${names.join('\n')}\n`)
    const lines = text(answer).split('\n')
    if (lines.length !== names.length) throw new SeaworthyError('git', 'git cat-file answered something unexpected')
    return lines.map((line) => /^([0-9a-f]{40,64}) tree \d+$/.exec(line)?.[1] ?? null)
  }

  /** What differs between a commit and the working tree below a folder, uncommitted and untracked files included. */
  async changes(commit: string, folder: string): Promise<Changes> {
    const below = folder === '.' ? [] : ['--', folder]
    const diff = ['diff', '--no-ext-diff', '--no-textconv', '--no-renames', '--ignore-submodules=dirty', '--name-only']
    const [changed, untracked] = await Promise.all([
      this.#must([...diff, '-z', commit, ...below]),
      this.#must(['ls-files', '--others', '--exclude-standard', '-z', ...below]),
    ])
    return { changed: nulFields(changed.stdout), untracked: nulFields(untracked.stdout) }
  }

  /** All local and remote branches, the newest commit first; `origin/HEAD` is left out. */
  async branches(): Promise<Branch[]> {
    const format = '%(objectname)%00%(refname)%00%(symref)'
    const answer = await this.#must([
      'for-each-ref',
      `--format=${format}`,
      '--sort=-committerdate',
      'refs/heads',
      'refs/remotes',
    ])
    return parseBranches(answer.stdout)
  }

  /** Names of the remotes. */
  async remotes(): Promise<string[]> {
    return text(await this.#must(['remote']))
      .split('\n')
      .filter((name) => name !== '')
  }

  /** Whether a plain `git fetch` brings every branch of that remote; false for a single-branch clone. */
  async fetchesAllBranches(remote: string): Promise<boolean> {
    const answer = await this.#ask(['config', '--get-all', `remote.${remote}.fetch`])
    return text(answer)
      .split('\n')
      .some((line) => /^\+?refs\/heads\/\*:|^\+?refs\/\*:/.test(line))
  }

  /**
   * The default branch: what `origin/HEAD` points to, else origin/main, origin/master, main, master; with one remote of
   * another name, that one is asked. A repository without a remote and with a single branch has that. Null if none fits.
   */
  async defaultBranch(): Promise<DefaultBranch | null> {
    const remotes = await this.remotes()
    const remote = remotes.includes('origin') ? 'origin' : remotes.length === 1 ? remotes[0] : undefined
    const candidates: string[] = []
    if (remote !== undefined) {
      const head = await this.#ask(['symbolic-ref', '--quiet', `refs/remotes/${remote}/HEAD`])
      if (head.code === 0) candidates.push(text(head))
      candidates.push(`refs/remotes/${remote}/main`, `refs/remotes/${remote}/master`)
    }
    candidates.push('refs/heads/main', 'refs/heads/master')
    for (const ref of candidates) {
      const commit = await this.resolve(ref)
      if (commit !== null) return { name: ref.replace(/^refs\/(heads|remotes)\//, ''), commit }
    }
    const [only, ...others] = remotes.length === 0 ? await this.branches() : []
    return only !== undefined && others.length === 0 ? { name: only.name, commit: only.commit } : null
  }

  #ask(args: readonly string[], stdin?: string): Promise<GitAnswer> {
    return runGit(args, { cwd: this.root, env: this.#env, ...(stdin === undefined ? {} : { stdin }) })
  }

  async #must(args: readonly string[], stdin?: string): Promise<GitAnswer> {
    const answer = await this.#ask(args, stdin)
    if (answer.code !== 0) throw refusal(answer.stderr, this.root)
    return answer
  }

  async #line(args: readonly string[]): Promise<string> {
    return text(await this.#must(args))
  }
}

/** The error for a name that stands for no commit. */
export const unknownRef = (ref: string): SeaworthyError =>
  new SeaworthyError('git', `git knows no commit by the name ${JSON.stringify(ref)}`, {
    hint: 'Check the spelling, and fetch it first: git fetch origin, or fetch-depth: 0 in a CI checkout.',
  })

const ambiguousRef = (name: string, refs: readonly string[]): SeaworthyError =>
  new SeaworthyError('git', `the name ${JSON.stringify(name)} stands for several commits: ${refs.join(', ')}`, {
    hint: `Write the full name of the one that is meant, such as ${refs.at(-1)}, or a full commit id; or delete the branch or tag that took the name.`,
  })

/** Whether a folder lies in the working tree, by the names that both really have. */
function isWithin(root: string, folder: string): boolean {
  const place = relative(realpathSync(root), realpathSync(folder))
  return place !== '..' && !place.startsWith(`..${sep}`)
}

/** A line of `git ls-files -v`: a small letter says assume-unchanged, S skip-worktree, which a sparse checkout is right to say. */
function isUnwatched(root: string, line: string): boolean {
  const [tag, file] = [line.slice(0, 1), line.slice(2)]
  return tag !== tag.toUpperCase() || (tag === 'S' && existsSync(join(root, file)))
}

const isFullId = (id: string): boolean => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(id)

const text = (answer: GitAnswer): string => answer.stdout.toString('utf8').trimEnd()

function gitMarkerAbove(folder: string): string | null {
  for (let at = resolvePath(folder); ; at = dirname(at)) {
    const marker = join(at, '.git')
    if (existsSync(marker)) return marker
    if (at === dirname(at)) return null
  }
}

function refusal(words: string, folder: string): SeaworthyError {
  if (words.includes('dubious ownership')) {
    return new SeaworthyError('git', `git will not read the repository at ${folder}: it belongs to another user`, {
      hint: `Tell git that you trust it: git config --global --add safe.directory ${JSON.stringify(folder)}`,
    })
  }
  if (words.includes('must be run in a work tree')) {
    return new SeaworthyError('git', `${folder} lies in a git repository without a working tree`, {
      hint: 'Run Seaworthy in a checkout.',
    })
  }
  const line = words.split('\n')[0] ?? ''
  return new SeaworthyError('git', `git refused in ${folder}: ${line.slice(0, 400)}`, {
    hint: 'Run git status there: it must work before what is new can be told.',
  })
}
