import { randomUUID } from 'node:crypto'
import type { Stats } from 'node:fs'
import { access, constants, lstat, open, realpath, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { reviewDocumentSchema } from '../../evidence/review-schema.ts'
import { isDeeperThan, valuesIn } from '../../evidence/json.ts'
import { shown } from '../../evidence/problem.ts'
import { notWritten, reasonOf, SeaworthyError } from '../../gate/error.ts'
import { type ReviewAnswer, withAnswer } from '../../gate/review/answer.ts'
import { problemsOfReview, type Review } from '../../gate/review/review.ts'
import { ownFile } from '../own-file.ts'
import { OwnLock } from '../own-lock.ts'

/** Where a review goes and is looked for if nobody says otherwise. */
export const REVIEW_FILE = 'seaworthy-review.json'

/** A production of a hundred thousand parts, said by the bundle and seen again, comes to 24 MB and 200,000 values. */
const LIMIT_BYTES = 32 * 1024 * 1024
const MOST_VALUES = 300_000
/** What a bundle holds is nested up to 64 levels, and a claim has it a few levels down. */
const MOST_LEVELS = 100

/**
 * Reads a review that anybody may have written, and looks whether it holds together.
 * @throws SeaworthyError('config') that names the file and what is wrong with it: no review, or edited since it was made.
 */
export const readReview = async (file: string): Promise<Review> => reviewIn(await bytesOf(file), file)

function reviewIn(bytes: Buffer, file: string): Review {
  const content = contentOf(bytes, file)
  if (isDeeperThan(content, MOST_LEVELS)) throw notAReview(file, `it is nested deeper than ${MOST_LEVELS} levels`)
  const parsed = reviewDocumentSchema.safeParse(content)
  if (!parsed.success) {
    if (!isCalledReview(content)) throw notAReview(file, 'it holds something else')
    const where = shown(parsed.error.issues[0]?.path.join('.') ?? '')
    throw new SeaworthyError(
      'config',
      `${file} was edited, or is of another version of Seaworthy: ${where === '' ? 'its members are' : `${where} is`} not what a review has there`,
      { hint: LOOK_AGAIN },
    )
  }
  const problems = problemsOfReview(parsed.data)
  if (problems.length === 0) return parsed.data
  throw new SeaworthyError('config', `${file} was changed after it was made: ${problems.join('; ')}`, {
    hint: LOOK_AGAIN,
  })
}

const LOOK_AGAIN =
  'Look again: seaworthy verify BUNDLE --cold. Answers are added by seaworthy review answer, never by hand.'

const isCalledReview = (content: unknown): boolean =>
  typeof content === 'object' && content !== null && 'document' in content && content.document === 'review'

function contentOf(bytes: Buffer, file: string): unknown {
  if (valuesIn(bytes) > MOST_VALUES) throw notAReview(file, `it holds more than ${MOST_VALUES} values`)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw notAReview(file, reasonOf(error))
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const found = await handle.stat()
    const { size } = found
    if (!found.isFile()) throw new Error('it is no file')
    if (size > LIMIT_BYTES) throw new Error(`it has ${size} bytes, and at most ${LIMIT_BYTES} are read`)
    return await handle.readFile()
  } catch (error) {
    throw notAReview(file, reasonOf(error))
  }
}

const notAReview = (file: string, why: string): SeaworthyError =>
  new SeaworthyError('config', `${file} is no review: ${why}`, {
    hint: `A review is what this writes: seaworthy verify BUNDLE --key K.pub --policy FILE --cold (${REVIEW_FILE}).`,
  })

/**
 * Looks before the work whether a new review may be written to this place. Returns the path behind links.
 * @throws SeaworthyError('usage') for a file that is no review, is one that people have answered or may have answered, for a
 * link that leads nowhere, and for a folder that takes no files.
 */
export async function checkReviewPlace(file: string): Promise<string> {
  const place = await ownFile(file, ['document', 'claims', 'answers'], '--review')
  await checkFolder(path.dirname(place), file)
  await unanswered(place)
  return place
}

/**
 * What a new review would take the place of: bytes in which nobody has answered; null where there is nothing.
 * @throws SeaworthyError('usage') for anything else. What cannot be read may hold answers.
 */
async function unanswered(place: string): Promise<Buffer | null> {
  if ((await foundAt(place)) === null) return null
  const { bytes, answers } = await answersIn(place)
  if (answers === 0) return bytes
  throw new SeaworthyError('usage', `${place} holds a review with ${answers} ${answers === 1 ? 'answer' : 'answers'}`, {
    hint: 'Keep it, and name another file with --review.',
  })
}

/** Null only where nothing is there: where nobody can look, nothing is written. */
async function foundAt(place: string): Promise<Stats | null> {
  try {
    return await lstat(place)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw unwritable('unreadable', place, error)
  }
}

async function answersIn(place: string): Promise<{ readonly bytes: Buffer; readonly answers: number }> {
  try {
    const bytes = await bytesOf(place)
    return { bytes, answers: bytes.length === 0 ? 0 : reviewIn(bytes, place).answers.length }
  } catch (error) {
    throw new SeaworthyError(
      'usage',
      `${place} cannot be read as a review, so it is not written over: ${reasonOf(error)}`,
      {
        hint: 'Somebody may have answered in it: keep it, and name another file with --review. If nobody has, remove it.',
      },
    )
  }
}

async function checkFolder(folder: string, file: string): Promise<void> {
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error(`${folder} is no folder`)
    await access(folder, constants.W_OK)
  } catch (error) {
    throw unwritable('usage', file, error)
  }
}

const unwritable = (code: 'usage' | 'unreadable', file: string, error: unknown): SeaworthyError =>
  notWritten(`the review could not be written to ${file}`, error, {
    code,
    hint: 'Name a file in a folder that you may write to: --review FILE.',
  })

/**
 * Writes a new review, whole or not at all, for its owner alone.
 * @throws SeaworthyError('usage') where there is one by now that somebody has answered; 'unreadable' if it cannot be written.
 */
export async function writeNewReview(place: string, review: Review): Promise<void> {
  await using lock = await lockOf(place)
  await replace(place, { review, before: await unanswered(place), lock })
}

/**
 * Adds an answer to whatever answers are there by now. Returns the review with all of them.
 * @throws SeaworthyError('usage') where another review is in its place by now; 'limit' for more than can be read again.
 */
export async function addAnswer(file: string, reviewed: Pick<Review, 'digest'>, answer: ReviewAnswer): Promise<Review> {
  const place = await realpath(file).catch((error: unknown) => {
    throw notAReview(file, reasonOf(error))
  })
  await using lock = await lockOf(place)
  const before = await bytesOf(place)
  const review = reviewIn(before, file)
  if (review.digest !== reviewed.digest) throw changedMeanwhile(file)
  const answered = withAnswer(review, answer)
  await replace(place, { review: answered, before, lock })
  return answered
}

const changedMeanwhile = (file: string): SeaworthyError =>
  new SeaworthyError('usage', `${file} was changed by somebody else meanwhile, so nothing was written`, {
    hint: 'Look at what it says now, and run the command again: seaworthy review show.',
  })

async function lockOf(place: string): Promise<OwnLock> {
  const folder = await realpath(path.dirname(place)).catch((error: unknown) => {
    throw unwritable('unreadable', place, error)
  })
  return await OwnLock.take(path.join(folder, path.basename(place)), 'review', delay)
}

interface Replacement {
  readonly review: Review
  /** What was read there; null: nothing. */
  readonly before: Buffer | null
  readonly lock: OwnLock
}

/** Puts a review in the place of what was read there, if that is still what is there. */
async function replace(place: string, { review, before, lock }: Replacement): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(review, null, 2)}\n`)
  mustBeReadable(bytes, place)
  const draft = path.join(path.dirname(place), `.${path.basename(place)}.${randomUUID()}`)
  try {
    await writeDraft(draft, bytes, before === null ? null : await stat(place))
    lock.mustBeOurs()
    const now = (await foundAt(place)) === null ? null : await bytesOf(place)
    if (now === null ? before !== null : before?.equals(now) !== true) throw changedMeanwhile(place)
    await rename(draft, place)
  } catch (error) {
    await rm(draft, { force: true })
    throw error instanceof SeaworthyError ? error : unwritable('unreadable', place, error)
  }
}

/** For its owner alone; where there was one, for whom its owner let read it. */
async function writeDraft(draft: string, bytes: Buffer, kept: Stats | null): Promise<void> {
  await using handle = await open(draft, 'wx', 0o600)
  await handle.writeFile(bytes)
  // Else it would be root's from now on, and whose it is could not read it.
  if (kept !== null && process.geteuid?.() === 0) await handle.chown(kept.uid, kept.gid)
  if (kept !== null) await handle.chmod(kept.mode & 0o777)
  await handle.sync()
}

function mustBeReadable(bytes: Buffer, place: string): void {
  try {
    if (bytes.length > LIMIT_BYTES) throw new Error(`it has ${bytes.length} bytes, and at most ${LIMIT_BYTES} are read`)
    reviewIn(bytes, place)
  } catch (error) {
    throw new SeaworthyError(
      'limit',
      `nothing was written to ${place}: it could not be read again (${reasonOf(error)})`,
      {
        hint: 'Answer in fewer words, or with a file: --evidence FILE keeps its digest. A bundle that says more than a review holds cannot be reviewed.',
      },
    )
  }
}
