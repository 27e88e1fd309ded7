import { describe, expect, it, vi } from 'vitest'
import { canonicalJson, digestOf, sha256 } from '../../../src/gate/canonical.ts'
import {
  type Candidate,
  candidateName,
  type CandidateDifference,
  differencesOf,
  resourceUri,
  type Running,
  subjectsOf,
} from '../../../src/gate/certificate/candidate.ts'
import { IN_TOTO, keyId, openEnvelope, sealEnvelope, unverified } from '../../../src/gate/certificate/dsse.ts'
import { identityIn } from '../../../src/gate/certificate/identity.ts'
import { movedSince, preconditionsOf } from '../../../src/gate/certificate/precondition.ts'
import { type Kind, Observations, observed } from '../../../src/gate/observation.ts'
import { CANDIDATE, signer, stranger } from './made.ts'

const hex = (letter: string): string => letter.repeat(64)
const [FOLDER] = CANDIDATE.migrations
const COMMIT = 'a'.repeat(40)

describe('what a statement says of a candidate', () => {
  it('names each part by what others call it', () => {
    const image = { name: 'image registry.example/app', digest: { sha256: hex('c') } }
    const migrations = { name: 'migrations db/migrations', digest: { sha256: hex('e') } }
    expect(subjectsOf(CANDIDATE)).toEqual([
      { name: 'commit', digest: { gitCommit: COMMIT } },
      { name: 'tree', digest: { gitTree: 'b'.repeat(40) } },
      image,
      migrations,
    ])
    expect(subjectsOf({ ...CANDIDATE, tree: null })[1]).toEqual(image)
    for (const bare of [
      { ...CANDIDATE, isDirty: true },
      { ...CANDIDATE, commit: null },
      { ...CANDIDATE, isDirty: null },
    ])
      expect(subjectsOf(bare)).toEqual([image, migrations])
  })

  it('has one URI, and one name in the ledger', () => {
    expect(resourceUri(CANDIDATE)).toBe(`gitoid:commit:sha1:${COMMIT}`)
    const two: Candidate = { ...CANDIDATE, commit: null, migrations: [FOLDER!, { ...FOLDER!, digest: 'sha256:0' }] }
    expect(resourceUri(two)).toBe(`urn:seaworthy:migrations:sha256:${hex('e')}:sha256:0`)
    expect(candidateName(two)).toBe(digestOf(['sha256:0', `sha256:${hex('e')}`]))
    expect(candidateName({ ...two, migrations: [FOLDER!] })).toBe(`sha256:${hex('e')}`)
    expect(candidateName({ ...two, migrations: [] })).toBe(digestOf([undefined]))
  })
})

describe('a difference is told in words', () => {
  const other = hex('9')
  it.each<[Running, CandidateDifference]>([
    [{ commit: null }, { part: 'commit', kind: 'unknown', message: 'the commit that is about to run is not known' }],
    [
      { tree: '1' },
      {
        part: 'tree',
        kind: 'differs',
        message: `the certificate is for tree ${'b'.repeat(40)}, and 1 is about to run`,
      },
    ],
    [
      { isDirty: true },
      {
        part: 'dirty',
        kind: 'differs',
        message: 'the certificate is for a clean commit, and files of the working tree differ from it',
      },
    ],
    [
      { images: [] },
      {
        part: 'images',
        kind: 'unknown',
        message: 'the certificate names image registry.example/app, and nobody said which one is about to run',
      },
    ],
    [
      { images: [{ name: 'registry.example/app', digest: `sha256:${other}` }] },
      {
        part: 'images',
        kind: 'differs',
        message: `image registry.example/app: the certificate is for sha256:${hex('c')}, and sha256:${other} is about to run`,
      },
    ],
    [
      { buildInfo: null },
      {
        part: 'build-info',
        kind: 'unknown',
        message: 'the certificate names build information, and none was given for what is about to run',
      },
    ],
    [
      { buildInfo: { digest: other, commit: null } },
      {
        part: 'build-info',
        kind: 'differs',
        message: 'the build information is not the one that the certificate names',
      },
    ],
    [
      { migrations: undefined },
      {
        part: 'migrations',
        kind: 'unknown',
        message: 'nobody looked at the migrations that are about to run',
      },
    ],
    [
      { migrations: [] },
      { part: 'migrations', kind: 'differs', message: 'the migration folder db/migrations is not there' },
    ],
    [
      { migrations: [{ ...FOLDER!, digest: other }] },
      {
        part: 'migrations',
        kind: 'differs',
        message: 'the migrations in db/migrations are not those that were judged',
      },
    ],
    [
      { migrations: [{ ...FOLDER!, folder: 'more', digest: other }, FOLDER!] },
      {
        part: 'migrations',
        kind: 'left-out',
        message: 'the migration folder more is about to run, and was not judged',
      },
    ],
  ])('%j', (change, difference) => {
    expect(differencesOf(CANDIDATE, { ...CANDIDATE, ...change })).toEqual([difference])
  })

  it('of a folder that none of several is', () => {
    const certified = { ...CANDIDATE, migrations: [FOLDER!, { ...FOLDER!, folder: 'two' }] }
    expect(differencesOf(certified, certified)).toEqual([])
  })
})

describe('a precondition', () => {
  const kind: Kind<readonly (readonly [string, unknown])[]> = {
    name: 'rows',
    version: 1,
    parse: () => Promise.reject(new Error('not from outside')),
  }
  const of = (...rows: readonly (readonly [string, unknown])[]) =>
    preconditionsOf('folder', new Observations([observed(kind, 'db', rows)]), [
      { kind, parts: (observations) => observations.need(kind) },
    ])[0]!
  const short = (content: unknown): string => sha256(canonicalJson(content)).slice(0, 32)

  it('has a short digest of each part, by name and then by digest, and one of all as they are', () => {
    const contents = [1, 2, 3, 4].toSorted((a, b) => (short(a) < short(b) ? -1 : 1))
    const rows = contents.map((content) => ['a', content] as const)
    const parts = contents.map((content) => ({ name: 'a', digest: short(content) }))
    const all = digestOf([1, 2, 3, 4].map((content) => ['a', content]))
    const expected = { kind: 'rows', subject: 'folder', witness: 'db', digest: all, parts }
    expect(of(...rows)).toEqual(expected)
    expect(of(...rows.toReversed())).toEqual(expected)
    expect(of(...rows.slice(2), ...rows.slice(0, 2))).toEqual(expected)
    expect(of(['b', 1], ['c', 1], ['a', 1]).parts.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })

  it('that moved on is told by what is new, gone and another', () => {
    const before = of(['a', 1], ['b', 1], ['c', 1])
    expect(movedSince(before, of(['a', 1], ['b', 2], ['d', 1], ['e', 1]))).toEqual({
      added: ['d', 'e'],
      removed: ['c'],
      changed: ['b'],
    })
    const twice = of(['a', 1], ['a', 2])
    expect(movedSince(twice, of(['a', 1], ['a', 2], ['b', 1]))).toEqual({ added: ['b'], removed: [], changed: [] })
  })
})

it('an identity is at the end of a witness', () => {
  const identity = `sha256:${'a'.repeat(64)}`
  expect(identityIn(`db of ${identity}`)).toBe(identity)
  for (const other of [`db of ${identity}0`, `db of ${identity} and more`, identity, `db of ${identity.slice(0, -1)}`])
    expect(identityIn(other)).toBeNull()
})

describe('why an envelope is not to be believed', () => {
  const sealed = sealEnvelope(IN_TOTO, '{}', signer.privateKey)
  const other = keyId(stranger.publicKey)

  it.each<[string, string, string, string]>([
    ['{}', 'a', 'not-an-envelope', 'it is no DSSE envelope with one signature'],
    [`${sealed} `, IN_TOTO, 'not-canonical', 'it is not written in the one form that Seaworthy writes'],
    [sealed, 'text/x', 'other-type', `its payload is of type ${IN_TOTO}, not text/x`],
    [
      sealEnvelope(IN_TOTO, '{}', stranger.privateKey),
      IN_TOTO,
      'other-key',
      `it says that another key signed it: ${other}`,
    ],
    [
      sealed.replace(keyId(signer.publicKey), 'ü\u009b'.padEnd(200, 'x')),
      IN_TOTO,
      'other-key',
      `it says that another key signed it: ??${'x'.repeat(98)}`,
    ],
    [
      sealEnvelope(IN_TOTO, '[]', signer.privateKey).replace(btoa('[]'), btoa('{}')),
      IN_TOTO,
      'bad-signature',
      'its signature is not of this key over this content',
    ],
  ])('%s as %s', (text, type, problem, message) => {
    expect(openEnvelope(text, type, signer.publicKey)).toEqual({ problem, message })
  })

  it('only shown, it is opened without a key', () => {
    expect(unverified(sealed, IN_TOTO)).toEqual({ payload: '{}', keyId: keyId(signer.publicKey) })
    expect(unverified('{}', IN_TOTO)).toMatchObject({ problem: 'not-an-envelope' })
    expect(JSON.parse(sealed)).toMatchObject({ payloadType: 'application/vnd.in-toto+json' })
  })
})

it('a text is parsed up to 64 KiB; beyond that only with at most 100 members, and up to 16 MiB', () => {
  const parse = vi.spyOn(JSON, 'parse')
  const isParsed = (text: string): boolean => {
    parse.mockClear()
    expect(openEnvelope(text, IN_TOTO, signer.publicKey)).toMatchObject({ problem: 'not-an-envelope' })
    return parse.mock.calls.length > 0
  }
  try {
    for (const one of [',', '[', '{']) {
      expect(isParsed(one.repeat(65_536))).toBe(true)
      expect(isParsed(one.repeat(65_537))).toBe(false)
      expect(isParsed('a'.repeat(70_000) + one.repeat(100))).toBe(true)
      expect(isParsed('a'.repeat(70_000) + one.repeat(101))).toBe(false)
      expect(isParsed(one.repeat(101) + 'a'.repeat(70_000))).toBe(false)
    }
    expect(isParsed('a'.repeat(16_777_216))).toBe(true)
    expect(isParsed('a'.repeat(16_777_217))).toBe(false)
  } finally {
    parse.mockRestore()
  }
})
