import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, expect, it, vi } from 'vitest'
import { readBundle } from '../../src/evidence/read.ts'
import { canonicalJson } from '../../src/gate/canonical.ts'
import { Project } from '../commands/cli.ts'

afterEach(() => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
})

it.each<[string, (file: string) => void]>([
  ['grows', (file) => fs.appendFileSync(file, ' '.repeat(10))],
  ['grows by one byte', (file) => fs.appendFileSync(file, ' ')],
  ['shrinks', (file) => fs.writeFileSync(file, '{')],
  ['is emptied', (file) => fs.writeFileSync(file, '')],
])('a file that %s while it is read is refused', async (_how, change) => {
  using project = new Project({ 'b/manifest.json': canonicalJson({ tool: 'seaworthy' }) })
  const look = fs.fstatSync
  // Between the look at its size and its reading.
  const spy = vi.spyOn(fs, 'fstatSync').mockImplementation((fd: number) => {
    const found = look(fd)
    spy.mockImplementation(look)
    change(project.at('b/manifest.json'))
    return found
  })
  syncBuiltinESMExports()
  await expect(readBundle(project.at('b'))).rejects.toThrow('manifest.json changed while it was read')
})
