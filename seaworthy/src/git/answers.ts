import { SeaworthyError } from '../gate/error.ts'

/** A file of a commit. */
export interface TreeEntry {
  /** Relative to the repository root, forward slashes. */
  readonly path: string
  /** `100644` and `100755` are files, `120000` is a symbolic link, `160000` a submodule. */
  readonly mode: string
  readonly oid: string
}

/** A branch as `for-each-ref` lists it. */
export interface Branch {
  /** `main`, `origin/feature-x`. */
  readonly name: string
  /** `refs/heads/main`, `refs/remotes/origin/feature-x`. */
  readonly ref: string
  readonly commit: string
}

const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })

/** The fields of an answer that ends each of them with a NUL. */
export const nulFields = (answer: Uint8Array): string[] =>
  decoder
    .decode(answer)
    .split('\0')
    .filter((field) => field !== '')

/** Reads `git ls-tree -z`: `<mode> SP <type> SP <oid> TAB <path> NUL`. */
export function parseTree(answer: Uint8Array): TreeEntry[] {
  return nulFields(answer).map((line) => {
    const tab = line.indexOf('\t')
    const [mode, , oid] = line.slice(0, tab).split(' ')
    if (tab < 0 || mode === undefined || oid === undefined) throw unexpected('ls-tree', line)
    return { path: line.slice(tab + 1), mode, oid }
  })
}

/** Reads the answer to `for-each-ref --format=%(objectname)%00%(refname)%00%(symref)`, one line a ref. */
export function parseBranches(answer: Uint8Array): Branch[] {
  return decoder
    .decode(answer)
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const [commit, ref, symref] = line.split('\0')
      if (commit === undefined || ref === undefined) throw unexpected('for-each-ref', line)
      // origin/HEAD is another name for a branch that is listed anyway.
      if (symref !== undefined && symref !== '') return []
      return [{ name: ref.replace(/^refs\/(heads|remotes)\//, ''), ref, commit }]
    })
}

/**
 * Reads `git cat-file --batch`: for each object `<oid> SP <type> SP <size> LF <content> LF`, or `<name> SP missing LF`.
 * An object that is missing, or is no file, is null. The list is as long as the request, or this throws.
 */
export function parseBatch(answer: Buffer, count: number): (Buffer | null)[] {
  const contents: (Buffer | null)[] = []
  let at = 0
  while (contents.length < count) {
    const end = answer.indexOf(0x0a, at)
    if (end < 0) throw unexpected('cat-file', `it ended after ${contents.length} of ${count} objects`)
    const header = /^[0-9a-f]{40,64} (\w+) (\d+)$/.exec(answer.toString('latin1', at, end))
    at = end + 1
    if (header === null) {
      contents.push(null)
      continue
    }
    const size = Number(header[2])
    if (at + size + 1 > answer.length) throw unexpected('cat-file', 'an object is cut off')
    contents.push(header[1] === 'blob' ? answer.subarray(at, at + size) : null)
    at += size + 1
  }
  return contents
}

const unexpected = (command: string, what: string): SeaworthyError =>
  new SeaworthyError('git', `git ${command} answered something unexpected: ${what.slice(0, 200)}`)
