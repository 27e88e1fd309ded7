import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** How much of the end of a log is read. */
const TAIL_BYTES = 16_384
const TAIL_LINES = 12

/** The last lines of a log file; empty if there is none. */
export function tailOf(file: string): string {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch {
    return ''
  }
  try {
    const { size } = fstatSync(descriptor)
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES))
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
    return buffer.toString('utf8').trim().split('\n').slice(-TAIL_LINES).join('\n')
  } finally {
    closeSync(descriptor)
  }
}

export interface Explained {
  readonly message: string
  readonly hint: string
}

/** If a text says that there is no room, that in plain words; null otherwise. `place` is a path on the file system at fault. */
export function describeShortage(text: string, place: string): Explained | null {
  if (/No space left on device|ENOSPC|Disk quota exceeded|EDQUOT/i.test(text)) {
    return {
      message: `no free disk: ${place} is on a file system that is full`,
      hint: 'Free some space (a scratch server needs about 100 MB), or set SEAWORTHY_RUNS and SEAWORTHY_CACHE to folders elsewhere.',
    }
  }
  if (/Cannot allocate memory|could not map anonymous shared memory|ENOMEM/i.test(text)) {
    return {
      message: 'no free memory for a scratch server',
      hint: 'Give this machine or container at least 256 MB more, or name a server with --server URL.',
    }
  }
  return null
}

/**
 * What a program of PostgreSQL's that failed has to say: why in one sentence, its last lines, and what to do.
 * `doing` completes "PostgreSQL could not …".
 */
export function explainFailure(doing: string, output: string, place: string): Explained {
  const shortage = describeShortage(output, place)
  if (shortage !== null) return { message: `PostgreSQL could not ${doing}: ${shortage.message}`, hint: shortage.hint }
  const message = `PostgreSQL could not ${doing}: ${output.trim() === '' ? 'it said nothing' : output.trim()}`
  return { message, hint: hintFor(output) }
}

function hintFor(output: string): string {
  const library = /error while loading shared libraries: (?<name>[^\s:]+)/.exec(output)?.groups?.['name']
  if (library !== undefined) {
    return `The library ${library} is missing: install the system package that holds it, use an installed PostgreSQL with --pg, or name a server with --server URL.`
  }
  if (/could not look up effective user ID|user does not exist/.test(output)) {
    return 'The user that runs this has no line in /etc/passwd, and initdb insists on one: run as a user that has one, or name a server with --server URL.'
  }
  if (
    /Address already in use|could not bind|could not create any Unix-domain sockets|lock file .* already exists/.test(
      output,
    )
  ) {
    return 'Another server has this socket: set SEAWORTHY_RUNS to an empty folder of your own.'
  }
  if (/not found|No such file or directory|cannot execute|Exec format error/i.test(output)) {
    return 'These binaries do not run on this system (musl, or another processor): install PostgreSQL and use --pg, or name a server with --server URL.'
  }
  return 'Name a server with --server URL, or use another PostgreSQL with --pg.'
}
