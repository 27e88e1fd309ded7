import { realpathSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { sha256 } from '../../gate/canonical.ts'
import { NOT_BROUGHT } from '../../gate/cold/claims.ts'
import type { LookedAgain, ToldRun, Tried } from '../../gate/cold/looked-again.ts'
import { reasonOf, SeaworthyError } from '../../gate/error.ts'
import type { RunRequest } from '../../gate/evidence.ts'
import type { Kind } from '../../gate/observation.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import type { InputFiles } from '../check/request.ts'

/** Files that the verifier brings, by the flags of `check`: absolute paths. */
export interface BroughtFiles extends InputFiles {
  readonly ledger: string | null
}

/** An input of the run that the bundle is about. */
export interface ColdInput {
  /** `shape`, `ledger db/migrations`, … */
  readonly as: string
  /** What was recorded and is had here: as an absolute path; null where it is not, or is another file. */
  readonly file: string | null
  /** Its SHA-256, of whatever was found. */
  readonly tried: Tried<string>
}

/** No input is larger. */
const LIMIT_BYTES = 64 * 1024 * 1024

/**
 * Finds each input again: among the files that the verifier brings, else in the fresh checkout of the commit. Only a file
 * with the recorded digest is taken.
 */
export async function coldInputs(
  { inputs }: Pick<RunRequest, 'inputs'>,
  brought: BroughtFiles,
  checkout: string | null,
): Promise<ColdInput[]> {
  return await Promise.all(
    inputs.map(async ({ as, file, sha256: recorded }) => {
      const place = placeOf(as, file, brought, checkout)
      if ('failed' in place) return { as, file: null, tried: place }
      const tried = await digestOf(place.absolute, place.witness)
      const isRecorded = 'done' in tried && tried.done === recorded
      return { as, file: isRecorded ? place.absolute : null, tried }
    }),
  )
}

/**
 * What the verifier brings and the run was made without.
 * @throws SeaworthyError('usage') for a ledger file where the run had a ledger from elsewhere: it would not be looked at.
 */
export function broughtBesides(
  { request, question }: Pick<ToldRun, 'request' | 'question'>,
  brought: BroughtFiles,
  shapeUrl: string | null,
): LookedAgain['besides'] {
  const had = new Set(request.inputs.map(({ as }) => (as.startsWith('ledger ') ? 'ledger' : as)))
  const isSeen = (kind: Kind<unknown>): boolean =>
    question.subjects.some(({ observations }) => observations.find(kind) !== undefined)
  if (brought.ledger !== null && !had.has('ledger') && isSeen(ledger)) {
    throw new SeaworthyError('usage', '--ledger was given, and the ledger of the bundle comes from no such file', {
      hint: 'Ask production itself: --ledger-url.',
    })
  }
  const files = Object.entries(brought).flatMap(([as, file]: [string, string | null]) =>
    file === null || had.has(as) ? [] : [{ as, what: path.basename(file) }],
  )
  const isAsked = shapeUrl !== null && brought.shape === null && !isSeen(shape)
  return isAsked ? [...files, { as: 'shape', what: '--shape-url' }] : files
}

function placeOf(
  as: string,
  file: string | null,
  brought: BroughtFiles,
  checkout: string | null,
): { readonly absolute: string; readonly witness: string } | { readonly failed: string } {
  const [name = ''] = as.split(' ', 1)
  const given = Object.entries(brought).find(([key]) => key === name)?.[1] ?? null
  if (given !== null) return { absolute: given, witness: `the verifier's file ${path.basename(given)}` }
  if (file === null) return { failed: NOT_BROUGHT }
  if (checkout === null) return { failed: 'the commit could not be checked out afresh' }
  const absolute = path.resolve(checkout, file)
  if (!isInside(checkout, absolute)) return { failed: `${file} is not in the commit: ${NOT_BROUGHT}` }
  return { absolute, witness: `${file} at the commit, in the verifier's own clone` }
}

/** Whether a path, with its links followed, stays below a folder. False for one that is not there. */
export function isInside(folder: string, absolute: string): boolean {
  try {
    return !path.relative(folder, realpathSync(absolute)).startsWith('..')
  } catch {
    return false
  }
}

async function digestOf(absolute: string, witness: string): Promise<Tried<string>> {
  try {
    const found = await stat(absolute)
    if (!found.isFile()) return { failed: `${witness} is no file` }
    if (found.size > LIMIT_BYTES) return { failed: `${witness} has ${found.size} bytes, and ${LIMIT_BYTES} are read` }
    return { done: sha256(await readFile(absolute)), witness }
  } catch (error) {
    return { failed: `${witness} cannot be read: ${reasonOf(error)}` }
  }
}
