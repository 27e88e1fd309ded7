import { SeaworthyError } from '../gate/error.ts'

/** Everything that can be wrong with a bundle before anything in it is judged, as a closed set. */
export type BundleProblemCode =
  /** There is no folder: nothing, a file, an archive. */
  | 'bundle/not-a-folder'
  /** The file system does not let us look. */
  | 'bundle/unreadable'
  /** A symbolic link, a device, a pipe or a socket. */
  | 'bundle/not-a-file'
  /** In the folder, and not in the manifest. */
  | 'bundle/extra'
  /** In the manifest, and not in the folder. */
  | 'bundle/missing'
  /** Larger, or more, than is read. */
  | 'bundle/limit'
  /** Not as many bytes as the manifest says, or another number of them while it was read. */
  | 'bundle/size'
  /** Other bytes than the manifest says. */
  | 'bundle/digest'
  /** Not UTF-8, no JSON, or nested too deep. */
  | 'bundle/not-json'
  /** JSON that is not written in the one canonical form. */
  | 'bundle/not-canonical'
  /** The manifest is none, or contradicts itself. */
  | 'bundle/manifest'
  /** A file does not hold what its name says. */
  | 'bundle/content'
  /** Written in a layout that this version does not know. */
  | 'bundle/other-layout'
  /** A kind of observation, or a version of one, that this version does not know. */
  | 'bundle/other-kind'
  /** A check, or a version of one, that this version does not know. */
  | 'bundle/other-judge'

/** One thing that is wrong with a bundle. */
export interface BundleProblem {
  readonly code: BundleProblemCode
  /** Inside of the bundle; null for the folder itself. */
  readonly file: string | null
  /** A whole sentence without a full stop; nothing in it can steer a terminal. */
  readonly message: string
  /** `unproven` where another user or another version may well be able to read it; `refused` where it is wrong for everybody. */
  readonly outcome: 'refused' | 'unproven'
  /** The next thing to do. */
  readonly hint: string
}

const OTHER_VERSION: ReadonlySet<BundleProblemCode> = new Set([
  'bundle/other-layout',
  'bundle/other-kind',
  'bundle/other-judge',
])

/** Nobody looked: what is there may well be whole. */
const COULD_NOT_LOOK: ReadonlySet<BundleProblemCode> = new Set([...OTHER_VERSION, 'bundle/unreadable'])

const HINTS: Partial<Record<BundleProblemCode, string>> = {
  'bundle/not-a-folder': 'Name the folder that seaworthy check --evidence wrote.',
  'bundle/unreadable':
    'Evidence is written for its owner alone, and cp -r keeps that. As its owner: chmod -R go+rX DIR, or hand it over as an archive.',
}

/** The error of a bundle that cannot be used. `problemOf` takes the problem out of it again. */
export function badBundle(code: BundleProblemCode, file: string | null, message: string): SeaworthyError {
  const outcome = COULD_NOT_LOOK.has(code) ? 'unproven' : 'refused'
  const hint =
    HINTS[code] ??
    (outcome === 'unproven'
      ? 'Use the version of Seaworthy that wrote it: its manifest.json says which one.'
      : 'Get the bundle again from where it was written, or write it anew: seaworthy check --evidence DIR.')
  const problem: BundleProblem = { code, file, message, outcome, hint }
  return new SeaworthyError('config', `the evidence cannot be used: ${message} [${code}]`, { hint, cause: problem })
}

/** What is wrong with the bundle, if that is what the error is about; null otherwise. */
export function problemOf(error: unknown): BundleProblem | null {
  if (!(error instanceof SeaworthyError) || !isProblem(error.cause)) return null
  return error.cause
}

const isProblem = (cause: unknown): cause is BundleProblem =>
  typeof cause === 'object' && cause !== null && 'outcome' in cause && 'file' in cause && 'message' in cause

/** The longest part of a strange name that is told. */
const MOST_SHOWN = 120

/** A name that somebody else chose, for a message: printable ASCII, cut. */
export const shown = (name: string): string =>
  name
    .slice(0, MOST_SHOWN)
    .replaceAll(/[^\u{20}-\u{7e}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`) +
  (name.length > MOST_SHOWN ? '…' : '')
