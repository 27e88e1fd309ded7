import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, sha256 } from '../../../src/gate/canonical.ts'
import {
  ENTRY_KINDS,
  GENESIS,
  isEntryKind,
  isTime,
  type Json,
  MOST_CONTENT_BYTES,
  newEntry,
  rowDigest,
  rowOf,
  rowText,
} from '../../../src/gate/chain/chain.ts'
import { readRow, seqOf, storedRow } from '../../../src/gate/chain/row.ts'
import { chainOf, input } from './entries.ts'

describe('an entry', () => {
  it('follows the one before, from number 1 on, and says so in its digest', () => {
    const [first, second] = chainOf(2)
    expect(first).toMatchObject({ seq: 1, previous: GENESIS })
    expect(second).toMatchObject({ seq: 2, previous: first?.digest })
    expect(first?.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
  })

  it('has as digest the SHA-256 of the canonical JSON of all the rest, which anybody can compute', () => {
    const { digest, ...rest } = newEntry(null, input({ candidate: 'abc', content: { b: [1, null], a: 'ü"\\ ' } }))
    expect(digest).toBe(`sha256:${createHash('sha256').update(canonicalJson(rest)).digest('hex')}`)
  })

  it('has no credentials of URLs in it', () => {
    const url = 'postgresql://deploy:hunter22@db/app'
    const entry = newEntry(null, input({ command: `seaworthy admit ${url}`, content: { url, [url]: [url] } }))
    expect(canonicalJson(entry)).not.toContain('hunter22')
    expect(entry.command).toBe('seaworthy admit postgresql://***@db/app')
    expect(entry.content).toEqual({
      url: 'postgresql://***@db/app',
      'postgresql://***@db/app': ['postgresql://***@db/app'],
    })
  })

  it('holds only texts that every store gives back as they were', () => {
    const entry = newEntry(null, input({ command: 'a\0b\uD800', candidate: '\0'.repeat(600) }))
    expect(entry.command).toBe('a\uFFFDb\uFFFD')
    expect(entry.candidate).toBe('\uFFFD'.repeat(500))
    expect(newEntry(null, input({ command: 'x'.repeat(9_000) })).command).toHaveLength(4_000)
    // Half a character in the content is escaped by JSON itself.
    expect(rowOf(newEntry(null, input({ content: '\uD800\0' }))).content).toBe(String.raw`"\ud800\u0000"`)
  })

  it('is refused with more content than a ledger is for, and without a time', () => {
    const content = 'x'.repeat(MOST_CONTENT_BYTES - 2)
    expect(newEntry(null, input({ content })).content).toBe(content)
    expect(() => newEntry(null, input({ content: `${content}x` }))).toThrow(
      expect.objectContaining({
        code: 'limit',
        message: expect.stringContaining(`${MOST_CONTENT_BYTES + 1} bytes of ${MOST_CONTENT_BYTES}`),
        hint: expect.stringContaining('its digest'),
      }),
    )
    // Bytes are counted, not characters.
    expect(() => newEntry(null, input({ content: 'ü'.repeat(MOST_CONTENT_BYTES / 2) }))).toThrow(/too large/)
    for (const at of ['', 'now', '2026-11-21', '2026-11-21T15:00:00Z', '2026-11-21T16:00:00.000+01:00']) {
      expect(isTime(at)).toBe(false)
      expect(() => newEntry(null, input({ at }))).toThrow(expect.objectContaining({ code: 'internal' }))
    }
  })

  it('keeps of an actor what an actor has', () => {
    const actor = { user: 'u', host: null, ci: 'https://a:b@ci/1', shoeSize: 43 }
    expect(newEntry(null, input({ actor })).actor).toEqual({ user: 'u', host: null, ci: 'https://***@ci/1' })
  })

  it('knows its kinds', () => {
    expect(ENTRY_KINDS.every(isEntryKind)).toBe(true)
    expect(['', 'Run', 'runs', 'toString'].some(isEntryKind)).toBe(false)
  })
})

describe('the row of an entry', () => {
  // What JSON gives back: it has no -0.
  const content = fc.json({ maxDepth: 4 }).map((text): Json => JSON.parse(text))

  it('has the same canonical text, whatever is in it, and is read back as the same entry', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), content, fc.option(fc.string()), (command, content, candidate) => {
        const entry = newEntry({ seq: 7, digest: 'd' }, input({ command, content, candidate }))
        const { digest, ...rest } = entry
        const row = rowOf(entry)
        expect(rowText(row)).toBe(canonicalJson(rest))
        expect(rowDigest(row)).toBe(digest)
        expect(storedRow({ ...row, seq: 8n })).toEqual({ ...row, seq: 8 })
        expect(readRow(row)).toEqual({ entry, isCanonical: true })
      }),
    )
  })

  it('is none with a value of another type', () => {
    const row = { ...rowOf(newEntry(null, input({ candidate: 'c' }))) }
    expect(storedRow(row)).toEqual(row)
    expect(storedRow({ ...row, candidate: null })).not.toBeNull()
    for (const name of Object.keys(row)) {
      for (const value of [undefined, 1.5, {}, new Uint8Array(2)]) {
        expect([name, storedRow({ ...row, [name]: value })]).toEqual([name, null])
      }
    }
    for (const name of Object.keys(row).filter((one) => one !== 'candidate')) {
      expect([name, storedRow({ ...row, [name]: null })]).toEqual([name, null])
    }
    for (const seq of [0, -1, 0n, 2 ** 53, 2n ** 60n, NaN, '1']) expect(seqOf({ seq })).toBeNull()
    expect(seqOf({ seq: 1 })).toBe(1)
  })

  it('says why it cannot be read', () => {
    const row = rowOf(newEntry(null, input()))
    const problemOf = (change: Partial<typeof row>): unknown => readRow({ ...row, ...change })
    expect(problemOf({ kind: 'deploy' })).toEqual({ problem: 'is of a kind that this version does not know' })
    expect(problemOf({ at: 'today' })).toEqual({ problem: 'has no time' })
    expect(problemOf({ content: '{' })).toEqual({ problem: 'has a content that is not JSON' })
    const actors = ['{', 'null', '"u"', '[]', '{"ci":null,"host":null}', '{"ci":null,"host":null,"user":1}']
    for (const actor of [...actors, '{"ci":null,"host":null,"more":1,"user":null}']) {
      expect(problemOf({ actor })).toEqual({ problem: 'does not say who made it' })
    }
    expect(problemOf({ content: '{"a": 1}' })).toMatchObject({ isCanonical: false })
    expect(problemOf({ content: '{"a":1,"a":1}' })).toMatchObject({ isCanonical: false })
    expect(problemOf({ actor: '{"user":null,"host":null,"ci":null}' })).toMatchObject({ isCanonical: false })
    expect(sha256(rowText(row))).toHaveLength(64)
  })
})
