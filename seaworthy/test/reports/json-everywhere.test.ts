import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const commands = path.join(import.meta.dirname, '../../src/commands')

it('every document that a command prints goes through jsonText: nothing in it steers a terminal', () => {
  const files = readdirSync(commands, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(50)
  const own = files.filter((file) =>
    /JSON\.stringify\(.*, null, 2\)/.test(readFileSync(path.join(commands, file), 'utf8')),
  )
  // Files that are written, and a text that is made plain.
  expect(own.toSorted()).toEqual(['drill/world.ts', 'prove/prove.ts', 'review/file.ts', 'verify/text.ts'])
})
