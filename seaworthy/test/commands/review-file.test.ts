import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, it } from 'vitest'
import { answerReview } from '../../src/commands/review/review.ts'
import { addAnswer, checkReviewPlace, readReview, writeNewReview } from '../../src/commands/review/file.ts'
import { seenBy } from '../../src/gate/cold/claim.ts'
import type { Review } from '../../src/gate/review/review.ts'
import { reviewed } from '../reports/samples.ts'
import { Project, seaworthy } from './cli.ts'

const NAME = 'seaworthy-review.json'
const made = reviewed([[{}, seenBy('clone', 2)]])

const written = (project: Project, review: Review = made): string => {
  project.write({ [NAME]: JSON.stringify(review, null, 2) })
  return project.at(NAME)
}

const answer = async (file: string, words = 'seen', by = 'Ada') =>
  await answerReview(
    {
      finding: 'F1',
      by,
      evidence: words,
      file,
      sign: null,
      passphraseFile: null,
      secrets: { key: null, passphrase: null },
    },
    { cwd: '/', env: {}, signal: new AbortController().signal },
  )

const saidIn = async (file: string) => (await readReview(file)).answers.map(({ evidence }) => evidence.text)

describe('the file of a review', () => {
  it('loses no answer of many who answer at once', async () => {
    using project = new Project()
    const file = written(project)
    const words = Array.from({ length: 8 }, (_, index) => `deploy ${index}`)
    await Promise.all(words.map(async (one) => await answer(file, one)))
    expect(new Set(await saidIn(file))).toEqual(new Set(words))
  })

  it('loses none of several processes either', async () => {
    using project = new Project()
    const file = written(project)
    const run = async (words: string) =>
      await seaworthy(['review', 'answer', 'F1', '--by', 'Ada', '--evidence', words], project.root)
    const ran = await Promise.all(['a', 'b', 'c'].map(run))
    expect(ran.map(({ stdout }) => stdout.includes('the answer counts'))).toEqual([true, true, true])
    expect(new Set(await saidIn(file))).toEqual(new Set(['a', 'b', 'c']))
  })

  it('keeps what was answered while it was looked at again, and what was put in its place', async () => {
    using project = new Project()
    const file = written(project)
    const place = await checkReviewPlace(file)
    await answer(file)
    const again = reviewed([[{}, seenBy('clone', 3)]])
    await expect(writeNewReview(place, again)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('holds a review with 1 answer'),
      hint: expect.stringContaining('--review'),
    })
    expect(await saidIn(file)).toEqual(['seen'])
  })

  it('looks again right before it writes: another machine knows nothing of a lock', async () => {
    using project = new Project()
    const file = written(project)
    const elsewhere = JSON.stringify({ ...made, answers: (await answer(file)).review.answers })
    written(project)
    const late = {
      finding: 'F1',
      by: 'Bob',
      at: '2026-11-21T13:00:00.000Z',
      evidence: { text: 'seen', file: null },
      // Asked for when the new text is made, which is after the old one was read.
      get signature() {
        writeFileSync(file, elsewhere)
        return null
      },
    }
    await expect(addAnswer(file, made, late)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('was changed by somebody else meanwhile'),
    })
    expect((await readReview(file)).answers.map(({ by }) => by)).toEqual(['Ada'])
    expect(readdirSync(project.root)).toEqual([NAME])
    // Another review in its place has findings of its own by the same numbers.
    written(project, reviewed([[{}, seenBy('clone', 3)]]))
    await expect(addAnswer(file, made, late)).rejects.toMatchObject({ code: 'usage' })
    expect(await saidIn(file)).toEqual([])
  })

  it('keeps what cannot be read: somebody may have answered in it', async () => {
    using project = new Project()
    const file = written(project)
    await answer(file)
    const answered = JSON.parse(readFileSync(file, 'utf8'))
    project.write({ [NAME]: JSON.stringify({ ...answered, verdict: 'confirmed' }) })
    await expect(checkReviewPlace(file)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/cannot be read as a review.*was changed after it was made/),
      hint: expect.stringContaining('remove it'),
    })
    await expect(writeNewReview(file, made)).rejects.toMatchObject({ code: 'usage' })
    project.write({ [NAME]: '' })
    expect(await checkReviewPlace(file)).toBe(file)
    await expect(checkReviewPlace('/dev/null')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('is a device or a pipe'),
    })
  })

  it('goes to the file behind a link, and to none behind a link that leads nowhere', async () => {
    using project = new Project()
    const file = written(project)
    const link = project.at('link.json')
    symlinkSync(NAME, link)
    await answer(link)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(await saidIn(file)).toEqual(['seen'])
    unlinkSync(file)
    await expect(checkReviewPlace(link)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('a link that leads nowhere'),
    })
    // Two names of one file are one file, also for those who wait for each other.
    mkdirSync(project.at('folder'))
    symlinkSync('folder', project.at('beside'))
    const one = project.at('folder/r.json')
    writeFileSync(one, JSON.stringify(made))
    await Promise.all([one, project.at('beside/r.json')].map(async (name) => await answer(name)))
    expect(await saidIn(realpathSync(one))).toHaveLength(2)
  })

  it('is for its owner alone, and stays for those whom its owner gave it to', async () => {
    using project = new Project()
    const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)
    const file = project.at(NAME)
    await writeNewReview(file, made)
    expect(modeOf(file)).toBe('600')
    await answer(file)
    expect(modeOf(file)).toBe('600')
    chmodSync(file, 0o664)
    await answer(file)
    expect(modeOf(file)).toBe('664')
  })

  it('is not taken apart where it is too large, or holds more values than an honest one could', async () => {
    using project = new Project()
    const file = project.at(NAME)
    const refused = async (why: string) =>
      await expect(readReview(file)).rejects.toMatchObject({ code: 'config', message: expect.stringContaining(why) })
    // Two bytes a value, each of which takes a hundred in memory: it is counted before it is parsed.
    project.write({ [NAME]: `{"document":"review","claims":[${'{},'.repeat(300_000)}{}` })
    await refused('it holds more than 300000 values')
    project.write({ [NAME]: '' })
    truncateSync(file, 32 * 1024 * 1024 + 1)
    await refused('it has 33554433 bytes')
    // Production with ten thousand parts: the bundle says it, and so does whoever looked again.
    const parts = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`table public.orders_of_${index}`, 'ab'.repeat(32)]),
    )
    await writeNewReview(project.at('large.json'), reviewed([[{ expected: parts }, seenBy('clone', parts)]]))
    expect((await readReview(project.at('large.json'))).verdict).toBe('confirmed')
  })

  it('takes no answer with which it could not be read again', async () => {
    using project = new Project()
    const file = written(project)
    await expect(answer(file, 'seen', 'A'.repeat(2_000))).rejects.toMatchObject({ code: 'usage' })
    const { answers } = (await answer(file)).review
    written(project, { ...made, answers: Array.from({ length: 10_000 }, () => answers).flat() })
    await expect(answer(file)).rejects.toMatchObject({
      code: 'limit',
      message: expect.stringContaining('could not be read again'),
    })
    expect((await readReview(file)).answers).toHaveLength(10_000)
  })
})
