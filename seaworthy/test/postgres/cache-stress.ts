/** One of several processes that use one cache at once. An entry that was found must stay readable while we hold it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addEntry, findEntry, shrink } from '../../src/postgres/cache.ts'
import { findPlaces } from '../../src/postgres/places.ts'

const places = findPlaces()
const held = new Map<string, string>()
for (let round = 0; round < 60; round++) {
  // Each process begins elsewhere, so that all meet in every name.
  const name = `entry-${(round * 7 + Number(process.argv[2]) * 3) % 12}`
  const entry =
    findEntry(places, name) ??
    (await addEntry(places, name, async (content) => {
      mkdirSync(content)
      writeFileSync(join(content, 'file'), name)
      await sleep(1)
      return { bytes: 100, note: {} }
    }))
  held.set(name, entry.content)
  await shrink(places, 0)
  for (const [one, content] of held) {
    if (readFileSync(join(content, 'file'), 'utf8') !== one) throw new Error(`${one} is not what was stored`)
  }
}
process.stdout.write('ok')
