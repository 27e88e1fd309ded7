import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { check } from '../../src/commands/check/check.ts'
import { checkEvidencePlace, writeEvidence } from '../../src/evidence/write.ts'
import { Project, seaworthy } from '../commands/cli.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'seaworthy-evidence-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const at = (...parts: string[]): string => path.join(dir, ...parts)
const files = (word: string): Map<string, string> =>
  new Map([
    ['manifest.json', `{"tool":"seaworthy","word":"${word}"}`],
    ['observations/1/pending.json', '{}'],
  ])

it('takes a place that is not there, an empty one, and an earlier bundle', async () => {
  mkdirSync(at('empty'))
  for (const place of [at('a', 'new', 'one'), at('empty')]) {
    for (const word of ['first', 'second']) {
      await checkEvidencePlace(place)
      await writeEvidence(files(word), place)
      expect(readFileSync(path.join(place, 'manifest.json'), 'utf8')).toContain(word)
    }
  }
})

it('leaves alone what is no bundle, whatever it calls its manifest', async () => {
  mkdirSync(at('site'))
  writeFileSync(at('site', 'manifest.json'), '{"name":"a web app"}')
  mkdirSync(at('mixed'))
  writeFileSync(at('mixed', 'manifest.json'), '{"tool":"seaworthy"}')
  writeFileSync(at('mixed', 'thesis.md'), 'years of work')
  writeFileSync(at('file'), '')
  symlinkSync(at('site'), at('link'))
  for (const [place, why] of [
    [at('site'), 'its manifest.json is no bundle’s'],
    [at('mixed'), 'thesis.md is no part of a bundle'],
    [at('file'), 'it is no folder'],
    [at('link'), 'it is no folder'],
    [at('file', 'below'), 'a part of the path'],
  ] as const) {
    const refused = { code: 'usage', message: expect.stringContaining(why) }
    await expect(checkEvidencePlace(place)).rejects.toMatchObject(refused)
    await expect(writeEvidence(files('x'), place)).rejects.toMatchObject({ code: 'usage' })
  }
  expect(readdirSync(at('mixed'))).toEqual(['manifest.json', 'thesis.md'])
  expect(readdirSync(dir)).toEqual(['file', 'link', 'mixed', 'site'])
})

it('says that the disk is full, which is no mistake in the command', async () => {
  // It is written beside its place first.
  mkdirSync(at(`new.${process.pid}.tmp`))
  symlinkSync('/dev/full', at(`new.${process.pid}.tmp`, 'manifest.json'))
  const refused = writeEvidence(files('x'), at('new'))
  await expect(refused).rejects.toMatchObject({
    code: 'limit',
    exitCode: 3,
    message: `the evidence cannot be written to ${at('new')}: the disk is full`,
    hint: expect.stringContaining('Free some space'),
  })
  expect(readdirSync(dir)).toEqual([])
})

it('hides no verdict that refuses', async () => {
  using project = new Project({ 'migrations/001_a.sql': 'SELECT 1;', 'migrations/001_b.sql': 'SELECT 1;' })
  const evidence = project.at('bundle')
  mkdirSync(`${evidence}.${process.pid}.tmp`)
  symlinkSync('/dev/full', `${evidence}.${process.pid}.tmp/manifest.json`)
  const asked = { all: true, only: ['migrations-ledger'], evidence }
  const { signal } = new AbortController()
  const context = { cwd: project.root, env: process.env, version: '0', signal, progress: () => undefined }
  const { report, unwritten } = await check([], asked, {}, context)
  expect(report).toMatchObject({ verdict: 'fail', exitCode: 1, evidence: null })
  expect(unwritten).toMatchObject({ code: 'limit', message: expect.stringContaining('the disk is full') })
})

it('says so before the run, and not after it', async () => {
  using project = new Project({ 'migrations/001_a.sql': 'CREATE TABLE a ();', 'out/notes.txt': 'mine' })
  const ran = await seaworthy(['check', '--all', '--evidence', 'out'], project.root)
  expect(ran.code).toBe(2)
  expect(ran.stdout).toBe('')
  expect(ran.stderr).toMatch(
    /the evidence cannot be written to .*out: it is not empty, and notes.txt is no part of a bundle/,
  )
  expect(ran.stderr).not.toContain('starting')
})
