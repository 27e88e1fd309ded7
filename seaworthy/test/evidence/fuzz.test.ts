import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { problemOf } from '../../src/evidence/problem.ts'
import { questionOfBundle } from '../../src/evidence/question.ts'
import { type ReadBundle, readBundle } from '../../src/evidence/read.ts'
import { readStatement } from '../../src/evidence/statement.ts'
import { valueOf } from '../../src/evidence/json.ts'
import { canonicalJson, sha256 } from '../../src/gate/canonical.ts'
import { evaluate } from '../../src/gate/evaluate.ts'
import { bundle } from '../../src/gate/evidence.ts'
import { Observations, observed } from '../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../src/gate/policy.ts'
import { SeaworthyError } from '../../src/gate/error.ts'
import { ledger } from '../../src/observers/ledger/kind.ts'

const root = mkdtempSync(path.join(tmpdir(), 'seaworthy-fuzz-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A small bundle without any run: one folder of which only the ledger was seen. */
function files(): Map<string, string> {
  const row = { key: '1', name: null, checksum: null, appliedAt: null, isDirty: false }
  const question = {
    subjects: [
      { name: 'db', observations: new Observations([observed(ledger, 'a file', { style: 'rows', rows: [row] })]) },
    ],
    checks: [],
    policy: DEFAULT_POLICY,
    action: 'deploy',
    evaluatedAt: '2026-11-21T10:00:00.000Z',
    isPartial: true,
  } as const
  const candidate = { commit: null, tree: null, isDirty: null, images: [], buildInfo: null, migrations: [] }
  const request = {
    folders: [],
    since: null,
    all: false,
    branches: false,
    roles: {
      mode: 'single',
      isConfigured: false,
      deployRole: 'deploy',
      ownerRole: 'owner',
      attributes: [],
      memberOf: [],
      owns: [],
    },
    major: null,
    down: 'pending',
    lockTimeoutMs: 1,
    statementTimeoutMs: 1,
    inputs: [],
    server: 'scratch' as const,
  }
  return new Map(bundle(question, evaluate(question), { toolVersion: '1', candidate, request }))
}

function written(content: ReadonlyMap<string, string | Uint8Array>): string {
  const dir = mkdtempSync(path.join(root, 'b-'))
  for (const [name, text] of content) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true })
    writeFileSync(path.join(dir, name), text)
  }
  return dir
}

/** Reads it as far as a judge; whatever is wrong has to be a problem of the bundle. */
async function outcome(content: ReadonlyMap<string, string | Uint8Array>): Promise<string> {
  const dir = written(content)
  try {
    await questionOfBundle(await readBundle(dir))
    return 'taken'
  } catch (error) {
    const problem = problemOf(error)
    if (problem === null || !(error instanceof SeaworthyError)) throw error
    return problem.code
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** Edits of a JSON value: something else in one of its places, one member more, one less. */
const edit = fc.record({
  at: fc.nat(),
  what: fc.constantFrom('replace', 'add', 'remove'),
  by: fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(-1, 1e308, 2 ** 53, '', '\0', '__proto__', '../x', [], {}, null, true),
  ),
  key: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'path', 'data')),
})

function edited(
  value: unknown,
  { at, what, by, key }: { at: number; what: string; by: unknown; key: string },
): unknown {
  const copy: unknown = structuredClone(value)
  const places: { holder: Record<string, unknown>; name: string }[] = []
  const collect = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any object is one of these
    const holder = one as Record<string, unknown>
    for (const name of Object.keys(holder)) {
      places.push({ holder, name })
      collect(holder[name])
    }
  }
  collect(copy)
  const place = places[at % places.length]
  if (place === undefined) return by
  const { holder, name } = place
  if (what === 'replace') holder[name] = by
  else if (what === 'remove' && Array.isArray(holder)) holder.splice(Number(name), 1)
  else if (what === 'remove') delete holder[name]
  else if (Array.isArray(holder)) holder.push(by)
  else Object.defineProperty(holder, key, { value: by, enumerable: true, configurable: true, writable: true })
  return copy
}

describe('whatever stands in its place', () => {
  const whole = files()
  const manifest: { files: { path: string; sha256: string; bytes: number }[] } = JSON.parse(
    whole.get('manifest.json') ?? '',
  )
  const names = [...whole.keys()].filter((name) => name !== 'manifest.json')

  /** The bundle with other content in one file, and a manifest that goes with it. */
  const withFile = (name: string, text: string): Map<string, string> => {
    const entries = manifest.files.map((one) =>
      one.path === name ? { path: name, sha256: sha256(text), bytes: Buffer.byteLength(text) } : one,
    )
    return new Map(whole).set(name, text).set('manifest.json', canonicalJson({ ...manifest, files: entries }))
  }

  it('the control is taken', async () => {
    expect(await outcome(whole)).toBe('taken')
  })

  it('a manifest that is not this one is a problem of the bundle, or another valid one', async () => {
    await fc.assert(
      fc.asyncProperty(edit, async (one) => {
        const text = canonicalJson(edited(manifest, one))
        const found = await outcome(new Map(whole).set('manifest.json', text))
        // What is taken is a manifest word for word, of these very files.
        if (found !== 'taken') return
        const again: typeof manifest = JSON.parse(text)
        expect(Object.keys(again).toSorted()).toEqual(Object.keys(manifest).toSorted())
        expect(canonicalJson(again.files)).toBe(canonicalJson(manifest.files))
      }),
      { numRuns: 300 },
    )
  })

  it('policy and observations hold exactly what their schemas say', async () => {
    const judged = names.filter((name) => name !== 'findings.json')
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...judged), edit, async (name, one) => {
        const value: unknown = JSON.parse(whole.get(name) ?? '')
        const text = canonicalJson(edited(value, one))
        const found = await outcome(withFile(name, text))
        // A member more that no schema knows is never taken. A list may be longer, and a text another one.
        const isTaken = found === 'taken' && one.what === 'add' && text.includes(`${JSON.stringify(one.key)}:`)
        const isNew = !(whole.get(name) ?? '').includes(`${JSON.stringify(one.key)}:`)
        expect(isTaken && isNew ? text : null).toBeNull()
      }),
      { numRuns: 300 },
    )
  })

  it('bytes of any sort, in any file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...whole.keys()), fc.uint8Array({ maxLength: 64 }), async (name, bytes) => {
        expect(await outcome(new Map<string, string | Uint8Array>(whole).set(name, bytes))).toMatch(/^bundle\//)
      }),
      { numRuns: 150 },
    )
  })

  it('a payload is a statement, or a reason why not; nothing is thrown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json({ maxDepth: 6 }), fc.json().map(canonicalOf)), (payload) => {
        expect(readStatement(payload)).toHaveProperty('problem')
      }),
      { numRuns: 1_000 },
    )
  })
})

const canonicalOf = (text: string): string => canonicalJson(JSON.parse(text))

describe('canonical JSON', () => {
  const code = (text: string): string | undefined => {
    try {
      valueOf(text, 'x.json')
      return undefined
    } catch (error) {
      return problemOf(error)?.code
    }
  }

  it('takes what canonicalJson writes, and gives it back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(canonicalJson(valueOf(text, 'x.json'))).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['{"b":1,"a":2}', 'bundle/not-canonical'],
    ['{"a":1,"a":1}', 'bundle/not-canonical'],
    ['{"a":1,"a":2}', 'bundle/not-canonical'],
    ['{"a": 1}', 'bundle/not-canonical'],
    ['{"a":1}\n', 'bundle/not-canonical'],
    ['1.0', 'bundle/not-canonical'],
    ['-0', 'bundle/not-canonical'],
    ['1e999', 'bundle/not-canonical'],
    ['12345678901234567890', 'bundle/not-canonical'],
    ['"\\u0061"', 'bundle/not-canonical'],
    ['{"__proto__":{"a":1},"a":1}', undefined],
    ['{"10":1,"9":1}', undefined],
    ['{"9":1,"10":1}', 'bundle/not-canonical'],
    ['\uFEFF{}', 'bundle/not-json'],
    ['{"a":1', 'bundle/not-json'],
    ['', 'bundle/not-json'],
    ['NaN', 'bundle/not-json'],
  ])('%s: %s', (text, expected) => {
    expect(code(text)).toBe(expected)
  })

  it('a million levels, and a million entries', async () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const deep = `${open.repeat(1_000_000)}1${close.repeat(1_000_000)}`
      expect(code(deep)).toBe('bundle/not-json')
      expect(await outcome(new Map([['manifest.json', deep]]))).toBe('bundle/limit')
    }
    const whole = files()
    const manifest: Record<string, unknown> = JSON.parse(whole.get('manifest.json') ?? '')
    const entry = { bytes: 1, path: 'policy.json', sha256: '0'.repeat(64) }
    const many = canonicalJson({ ...manifest, files: Array.from({ length: 20_000 }, () => entry) })
    expect(await outcome(new Map(whole).set('manifest.json', many))).toBe('bundle/manifest')
    const huge = ' '.repeat(17 * 1024 * 1024)
    expect(await outcome(new Map(whole).set('manifest.json', huge))).toBe('bundle/limit')
  })
})

describe('what is read once', () => {
  it('stays what it was read as, whatever happens to the folder afterwards', async () => {
    const dir = written(files())
    const bundleRead: ReadBundle = await readBundle(dir)
    rmSync(dir, { recursive: true })
    const question = await questionOfBundle(bundleRead)
    expect(question.subjects.map((one) => one.name)).toEqual(['db'])
  })
})
