import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { addEntry, findEntry, shrink } from '../../src/postgres/cache.ts'
import { processName } from '../../src/postgres/process-name.ts'
import { usePrivateCache } from './private-places.ts'

const cache = usePrivateCache()
const places = cache.places()
afterAll(cache.remove)
afterEach(() => {
  for (const name of readdirSync(places.cache)) rmSync(join(places.cache, name), { recursive: true })
})

/** A process that is gone: a number that was ours at another time. */
const DEAD = processName().replace(/\d+$/, '1')

const fill =
  (text: string, bytes = text.length) =>
  async (content: string) => {
    mkdirSync(content)
    writeFileSync(join(content, 'file'), text)
    return await Promise.resolve({ bytes, note: { text } })
  }

/** As if the process that added it were gone, and it had been used that many minutes ago. */
function abandon(name: string, minutesAgo: number): void {
  const folder = join(places.cache, name)
  for (const mark of readdirSync(folder)) if (mark.startsWith('use-')) rmSync(join(folder, mark))
  const then = new Date(Date.now() - minutesAgo * 60_000)
  utimesSync(join(folder, 'card.json'), then, then)
}

const names = (): string[] => readdirSync(places.cache).toSorted()

describe('the cache', () => {
  test('finds what was added, and nothing else', async () => {
    expect(findEntry(places, 'a')).toBeNull()
    await addEntry(places, 'a', fill('hello'))
    const found = findEntry(places, 'a')
    expect(found?.note).toEqual({ text: 'hello' })
    expect(readFileSync(join(found?.content ?? '', 'file'), 'utf8')).toBe('hello')
    expect(statSync(join(places.cache, 'a')).mode & 0o077).toBe(0)
    expect(findEntry(places, 'b')).toBeNull()
  })

  test('keeps the first of two, and a failed one leaves nothing', async () => {
    await addEntry(places, 'a', fill('first'))
    expect((await addEntry(places, 'a', fill('second'))).note).toEqual({ text: 'first' })
    const failing = addEntry(places, 'b', async () => await Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(names()).toEqual(['a'])
  })

  test('over its limit loses what was used least recently, never what is in use', async () => {
    for (const [name, minutesAgo] of [
      ['old', 30],
      ['older', 40],
      ['oldest-in-use', 50],
      ['new', 1],
    ] as const) {
      await addEntry(places, name, fill(name, 100))
      abandon(name, minutesAgo)
    }
    expect(findEntry(places, 'oldest-in-use')).not.toBeNull()
    const then = new Date(Date.now() - 60 * 60_000)
    utimesSync(join(places.cache, 'oldest-in-use', 'card.json'), then, then)
    await shrink(places, 250)
    expect(names()).toEqual(['new', 'oldest-in-use'])
    await shrink(places, 1)
    expect(names()).toEqual(['oldest-in-use'])
  })

  test('gives way to a remover that lives, and not to one that died', async () => {
    await addEntry(places, 'a', fill('x'))
    const mark = join(places.cache, 'a', `remove-${DEAD}`)
    writeFileSync(mark, '')
    expect(findEntry(places, 'a')).not.toBeNull()
    expect(existsSync(mark)).toBe(false)
    writeFileSync(join(places.cache, 'a', `remove-${processName(process.ppid)}`), '')
    expect(findEntry(places, 'a')).toBeNull()
  })

  test('sweeps marks and drafts of processes that are gone', async () => {
    await addEntry(places, 'a', fill('x'))
    abandon('a', 1)
    writeFileSync(join(places.cache, 'a', `use-${DEAD}`), '')
    const draft = join(places.cache, 'draft-abcdef')
    mkdirSync(draft)
    writeFileSync(join(draft, `use-${DEAD}`), '')
    await shrink(places, 1000)
    expect(names()).toEqual(['a', 'draft-abcdef'])
    const then = new Date(Date.now() - 120_000)
    utimesSync(draft, then, then)
    await shrink(places, 0)
    expect(names()).toEqual([])
  })

  test('does not give out what lost its end when the machine went down', async () => {
    await addEntry(places, 'a', fill('hello'))
    const cardFile = join(places.cache, 'a', 'card.json')
    const card: object = JSON.parse(readFileSync(cardFile, 'utf8'))
    writeFileSync(cardFile, JSON.stringify({ ...card, boot: 'before' }))
    expect(findEntry(places, 'a')).not.toBeNull()
    writeFileSync(cardFile, JSON.stringify({ ...card, boot: 'before' }))
    writeFileSync(join(places.cache, 'a', 'content', 'file'), '')
    expect(findEntry(places, 'a')).toBeNull()
    writeFileSync(cardFile, '{"bytes":')
    expect(findEntry(places, 'a')).toBeNull()
    expect((await addEntry(places, 'a', fill('again'))).note).toEqual({ text: 'again' })
  })

  test('holds under processes that add, find and remove at once', async () => {
    const runs = Array.from({ length: 4 }, async (_, index) => {
      const script = join(import.meta.dirname, 'cache-stress.ts')
      return (await promisify(execFile)(process.execPath, [script, String(index)])).stdout
    })
    expect(await Promise.all(runs)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(names().filter((name) => name.startsWith('draft-') || name.startsWith('gone-'))).toEqual([])
  })
})
