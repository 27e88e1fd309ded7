import { withoutUrlCredentials } from './redaction.ts'

/** Every way in which Seaworthy itself can stop, as a closed set. A judgement is a value and is never one of these. */
export type ErrorCode =
  | 'usage'
  | 'config'
  | 'nothing-to-check'
  | 'unreadable'
  | 'git'
  | 'scratch-server'
  | 'network'
  | 'limit'
  | 'state'
  | 'internal'

/** What a command returns to the shell. Source: DESIGN.md, "The contract of the command line". */
export const EXIT = {
  pass: 0,
  fail: 1,
  usage: 2,
  unproven: 3,
  nothing: 4,
  bug: 70,
  cancelled: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const EXIT_OF: Record<ErrorCode, ExitCode> = {
  usage: EXIT.usage,
  config: EXIT.usage,
  'nothing-to-check': EXIT.nothing,
  unreadable: EXIT.usage,
  git: EXIT.usage,
  'scratch-server': EXIT.unproven,
  network: EXIT.unproven,
  limit: EXIT.unproven,
  state: EXIT.unproven,
  internal: EXIT.bug,
}

/**
 * The one error class. `message` says what happened and where, `hint` the next thing to do.
 * It carries no secret: credentials of URLs are taken out here, and any other one by whoever throws it.
 */
export class SeaworthyError extends Error {
  readonly code: ErrorCode
  readonly hint: string | null

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(withoutUrlCredentials(message), options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'SeaworthyError'
    this.code = code
    this.hint = options.hint === undefined ? null : withoutUrlCredentials(options.hint)
  }

  get exitCode(): ExitCode {
    return EXIT_OF[this.code]
  }
}

/** What a file system says by a code, as a sentence. */
const FILE_REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file or folder'],
  ['EACCES', 'this user may not'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of the path is no folder'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the quota is used up'],
])

/** Why something went wrong, in words for a person. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? (FILE_REASONS.get(Reflect.get(error, 'code')) ?? error.message) : String(error)

const isFull = (error: unknown): boolean =>
  error instanceof Error && ['ENOSPC', 'EDQUOT'].includes(String(Reflect.get(error, 'code')))

/**
 * What could not be written, and why. `place` is what is said where another place would do; a full disk is no mistake in the
 * command, so it is `limit`, whatever was to be written.
 */
export const notWritten = (
  what: string,
  error: unknown,
  place: { readonly code: 'usage' | 'unreadable'; readonly hint: string },
): SeaworthyError =>
  new SeaworthyError(isFull(error) ? 'limit' : place.code, `${what}: ${reasonOf(error)}`, {
    hint: isFull(error) ? 'Free some space there, and run the command again.' : place.hint,
    cause: error,
  })
