import { randomUUID } from 'node:crypto'
import { access, constants, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { reviewDocumentSchema } from '../../evidence/review-schema.ts'
import { isDeeperThan } from '../../evidence/json.ts'
import { shown } from '../../evidence/problem.ts'
import { reasonOf, SeaworthyError } from '../../gate/error.ts'
import { problemsOfReview, type Review } from '../../gate/review/review.ts'
import { ownFile } from '../own-file.ts'

/** Where a review goes and is looked for if nobody says otherwise. */
export const REVIEW_FILE = 'seaworthy-review.json'

const LIMIT_BYTES = 64 * 1024 * 1024
/** What a bundle holds is nested up to 64 levels, and a claim has it a few levels down. */
const MOST_LEVELS = 100

/**
 * Reads a review that anybody may have written, and looks whether it holds together.
 * @throws SeaworthyError('config') that names the file and what is wrong with it: no review, or edited since it was made.
 */
export async function readReview(file: string): Promise<Review> {
  const content = await contentOf(file)
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

async function contentOf(file: string): Promise<unknown> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const found = await handle.stat()
    const { size } = found
    if (!found.isFile()) throw new Error('it is no file')
    if (size > LIMIT_BYTES) throw new Error(`it has ${size} bytes, and at most ${LIMIT_BYTES} are read`)
    return JSON.parse(await handle.readFile('utf8'))
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
 * @throws SeaworthyError('usage') for a file that is no review, or is one that people have answered, and for a folder that
 * takes no files.
 */
export async function checkReviewPlace(file: string): Promise<string> {
  const place = await ownFile(file, ['document', 'claims', 'answers'], '--review')
  await checkFolder(path.dirname(place), file)
  const earlier = await readReview(place).catch(() => null)
  if (earlier === null || earlier.answers.length === 0) return place
  throw new SeaworthyError('usage', `${file} holds a review with ${earlier.answers.length} answers`, {
    hint: 'Keep it, and name another file with --review.',
  })
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
  new SeaworthyError(code, `the review could not be written to ${file}: ${reasonOf(error)}`, {
    hint: 'Name a file in a folder that you may write to: --review FILE.',
  })

/** Writes a review whole or not at all. Throws SeaworthyError('unreadable') if it cannot be written. */
export async function writeReview(file: string, review: Review): Promise<void> {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`)
  try {
    await writeFile(draft, `${JSON.stringify(review, null, 2)}\n`, { flag: 'wx' })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw unwritable('unreadable', file, error)
  }
}
