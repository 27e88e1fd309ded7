import { appendFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { problemOf } from '../../src/evidence/problem.ts'
import { questionOfBundle } from '../../src/evidence/question.ts'
import { readBundle } from '../../src/evidence/read.ts'
import { canonicalJson, sha256 } from '../../src/gate/canonical.ts'
import { type Damaged, SignedBundle } from './signed-bundle.ts'

const TREE = 'observations/1/migration-tree.json'
/** Some megabytes. */
const COMMENT = `-- ${'padding '.repeat(600_000)}\n`

let real: SignedBundle
beforeAll(async () => {
  real = await SignedBundle.make()
})
afterAll(() => real[Symbol.dispose]())

/** A copy with a very long migration, whose manifest is about what it holds. */
function large(): Damaged {
  const copy = real.copy()
  copy.write(
    TREE,
    copy.read(TREE).replace('CREATE TABLE courts', `${COMMENT.replace('\n', String.raw`\n`)}CREATE TABLE courts`),
  )
  copy.digestAgain()
  return copy
}

const codeOf = async (reading: Promise<unknown>): Promise<string | null> => {
  try {
    await reading
    return null
  } catch (error) {
    const problem = problemOf(error)
    if (problem === null) throw error
    return `${problem.code} ${problem.message.split(' ')[0]}`
  }
}

it('says what a small one says', async () => {
  using copy = large()
  const [small, read] = [await readBundle(real.dir), await readBundle(copy.dir)]
  expect([...read.files.keys()]).toEqual([...small.files.keys()])
  expect(read.files.get(TREE)).toBe(copy.read(TREE))
  const { subjects } = await questionOfBundle(read)
  expect(subjects.map(({ name }) => name)).toEqual((await questionOfBundle(small)).subjects.map(({ name }) => name))
})

it.each<[string, string, (copy: Damaged) => void]>([
  [
    'a byte that is another one',
    'bundle/digest',
    (copy) => copy.write(TREE, copy.read(TREE).replace('padding', 'Padding')),
  ],
  [
    'what is no UTF-8 and has another digest',
    'bundle/digest',
    (copy) => copy.write(TREE, Buffer.from(copy.read(TREE).replace('padding', 'paddinÿ'), 'latin1')),
  ],
  [
    'what is no UTF-8',
    'bundle/not-json',
    (copy) => {
      const bytes = Buffer.from(copy.read(TREE).replace('padding', 'paddinÿ'), 'latin1')
      copy.write(TREE, bytes)
      copy.editManifest(({ files }) => {
        const entry = files.find(({ path }) => path === TREE)
        if (entry !== undefined) Object.assign(entry, { sha256: sha256(bytes), bytes: bytes.length })
      })
    },
  ],
])('%s is refused: %s', async (_what, code, damage) => {
  using copy = large()
  damage(copy)
  expect(await codeOf(readBundle(copy.dir))).toBe(`${code} ${TREE}`)
})

it.each<[string, (text: string) => string]>([
  ['a space at its end', (text) => `${text} `],
  ['keys in another order', (text) => `{"version":1,${text.slice(1).replace(',"version":1', '')}`],
  ['a key that stands there twice', (text) => text.replace('{"data":', '{"data":1,"data":')],
  ['what is no JSON', (text) => text.slice(1)],
  ['too many levels', () => '['.repeat(100) + ']'.repeat(100)],
])('of a file with %s no question is made', async (_what, change) => {
  using copy = large()
  const other = 'observations/2/migration-tree.json'
  copy.write(other, change(copy.read(other)))
  copy.digestAgain()
  const read = await readBundle(copy.dir)
  expect(await codeOf(questionOfBundle(read))).toMatch(/^bundle\/(not-json|not-canonical|content) observations\/2/)
})

it('what is added behind the end while nobody looks is seen', async () => {
  using copy = large()
  appendFileSync(copy.at('policy.json'), ' ')
  expect(await codeOf(readBundle(copy.dir))).toBe('bundle/size policy.json')
})

it.each([
  ['migration-tree', 'migrations', 'bundle/content'],
  ['effects', 'steps', 'bundle/content'],
  ['rehearsal', 'steps', 'bundle/content'],
])('of millions of wrong items in %s the first is enough', async (kind, member, code) => {
  using copy = real.copy()
  const file = `observations/1/${kind}.json`
  const observation = JSON.parse(copy.read(file))
  observation.data[member] = '@'
  copy.write(file, canonicalJson(observation).replace('"@"', `[${'{},'.repeat(1_000_000)}{}]`))
  copy.digestAgain()
  const startedAt = performance.now()
  expect(await codeOf(questionOfBundle(await readBundle(copy.dir)))).toBe(`${code} ${file}`)
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})

it.each(['files', 'checks', 'subjects'])('a manifest with a million %s is not taken apart', async (member) => {
  using copy = real.copy()
  const manifest = JSON.parse(copy.read('manifest.json'))
  copy.write(
    'manifest.json',
    canonicalJson({ ...manifest, [member]: '@' }).replace('"@"', `[${'{},'.repeat(1_000_000)}{}]`),
  )
  expect(await codeOf(readBundle(copy.dir))).toBe('bundle/limit manifest.json')
})
