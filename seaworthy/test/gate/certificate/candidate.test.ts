import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Candidate,
  candidateName,
  differencesOf,
  resourceUri,
  type Running,
  subjectsOf,
} from '../../../src/gate/certificate/candidate.ts'
import { identityIn, placeIn, witnessIn } from '../../../src/gate/certificate/identity.ts'
import { movedSince, preconditionsOf } from '../../../src/gate/certificate/precondition.ts'
import { type Kind, notObserved, Observations, observed } from '../../../src/gate/observation.ts'
import { CANDIDATE } from './made.ts'

const other = (letter: string): string => `sha256:${letter.repeat(64)}`
const told = (running: Running, certified: Candidate = CANDIDATE): string[] =>
  differencesOf(certified, running).map(({ part, kind }) => `${part} ${kind}`)

describe('what is about to run', () => {
  it('is the candidate if it is in everything that the certificate names', () => {
    expect(told(CANDIDATE)).toEqual([])
    expect(told({ ...CANDIDATE, images: [...CANDIDATE.images, { name: 'beside', digest: other('9') }] })).toEqual([])
  })

  it('is not known to be it where nobody looked', () => {
    expect(told({})).toEqual([
      'commit unknown',
      'tree unknown',
      'images unknown',
      'migrations unknown',
      'build-info unknown',
    ])
    expect(told({ ...CANDIDATE, commit: null, tree: null, buildInfo: null, images: [] })).toEqual([
      'commit unknown',
      'tree unknown',
      'images unknown',
      'build-info unknown',
    ])
  })

  it.each<[string, Partial<Candidate>, string[]]>([
    ['another commit', { commit: '9'.repeat(40) }, ['commit differs']],
    ['another tree', { tree: '9'.repeat(40) }, ['tree differs']],
    ['changed files', { isDirty: true }, ['dirty differs']],
    ['another image', { images: [{ name: 'registry.example/app', digest: other('9') }] }, ['images differs']],
    ['an image of another name', { images: [{ name: 'other', digest: other('c') }] }, ['images unknown']],
    ['another build', { buildInfo: { digest: other('9'), commit: 'a'.repeat(40) } }, ['build-info differs']],
    ['no folder', { migrations: [] }, ['migrations differs']],
  ])('%s is another candidate', (_, change, expected) => {
    expect(told({ ...CANDIDATE, ...change })).toEqual(expected)
  })

  it('other migrations, another format and a folder more are another candidate', () => {
    const [folder] = CANDIDATE.migrations
    const changed = [{ ...folder!, digest: other('9') }]
    expect(told({ ...CANDIDATE, migrations: changed })).toEqual(['migrations differs'])
    expect(told({ ...CANDIDATE, migrations: [{ ...folder!, format: 'sqlx' }] })).toEqual(['migrations differs'])
    const more = differencesOf(CANDIDATE, { ...CANDIDATE, migrations: [folder!, { ...folder!, folder: 'more' }] })
    expect(more).toMatchObject([
      { kind: 'left-out', message: 'the migration folder more is about to run, and was not judged' },
    ])
  })

  it.each([
    ['another commit', { commit: 'f'.repeat(40) }],
    ['another tree', { tree: 'f'.repeat(40) }],
    ['a dirty tree', { isDirty: true }],
    ['no commit', { commit: null }],
    ['a tree at which nobody looked', { isDirty: undefined }],
  ] satisfies [string, Running][])('with %s, a folder more was not there when the rest was judged', (_, change) => {
    const [folder] = CANDIDATE.migrations
    const running = { ...CANDIDATE, ...change, migrations: [folder!, { ...folder!, folder: 'more' }] }
    expect(differencesOf(CANDIDATE, running)).toContainEqual(
      expect.objectContaining({ part: 'migrations', kind: 'differs' }),
    )
  })

  it('a dirty candidate may have had other files', () => {
    const [folder] = CANDIDATE.migrations
    const more = { ...CANDIDATE, migrations: [folder!, { ...folder!, folder: 'more' }] }
    expect(told(more, { ...CANDIDATE, isDirty: true })).toContain('migrations differs')
    expect(told(more, { ...CANDIDATE, commit: null })).toContain('migrations differs')
    // Nobody knows of either which commit it is: that both know none makes them no one commit.
    expect(told({ ...more, commit: null }, { ...CANDIDATE, commit: null })).toEqual(['migrations differs'])
  })

  it('is not asked for what the certificate does not name', () => {
    const bare: Candidate = { ...CANDIDATE, commit: null, tree: null, isDirty: null, images: [], buildInfo: null }
    expect(told({ migrations: CANDIDATE.migrations }, bare)).toEqual([])
    expect(told({ ...CANDIDATE, isDirty: true }, { ...CANDIDATE, isDirty: true })).toEqual([])
  })

  it('is never the candidate once anything of it differs', () => {
    const text = fc.stringMatching(/^[0-9a-f]{40}$/)
    fc.assert(
      fc.property(text, text, fc.constantFrom('commit' as const, 'tree' as const), (ours, theirs, part) => {
        expect(told({ ...CANDIDATE, [part]: theirs }, { ...CANDIDATE, [part]: ours }).length === 0).toBe(
          ours === theirs,
        )
      }),
    )
  })
})

describe('a candidate', () => {
  const dirty = { ...CANDIDATE, isDirty: true }

  it('that is dirty is not its commit', () => {
    expect(subjectsOf(dirty).map(({ name }) => name)).toEqual([
      'image registry.example/app',
      'migrations db/migrations',
    ])
    expect(resourceUri(dirty)).toBe(`urn:seaworthy:migrations:${other('e')}`)
    expect(candidateName(dirty)).toBe(other('e'))
    expect(candidateName(CANDIDATE)).toBe('a'.repeat(40))
  })

  it('outside of git is its migrations', () => {
    const bare = { ...CANDIDATE, commit: null, tree: null, isDirty: null, images: [] }
    expect(subjectsOf(bare).map(({ name }) => name)).toEqual(['migrations db/migrations'])
    expect(resourceUri(bare)).toContain('urn:seaworthy:migrations:')
    expect(subjectsOf({ ...CANDIDATE, tree: null }).map(({ name }) => name)).not.toContain('tree')
  })

  it('of a repository with SHA-256 says so', () => {
    expect(resourceUri({ ...CANDIDATE, commit: 'f'.repeat(64) })).toBe(`gitoid:commit:sha256:${'f'.repeat(64)}`)
  })

  it('of several folders, or of none, has one name, whatever their order', () => {
    const [one] = CANDIDATE.migrations
    const two = [one!, { ...one!, folder: 'more', digest: other('1') }]
    const name = candidateName({ ...dirty, migrations: two })
    expect(name).toMatch(/^sha256:/)
    expect(candidateName({ ...dirty, migrations: two.toReversed() })).toBe(name)
    expect([other('e'), other('1')]).not.toContain(name)
    expect(candidateName({ ...dirty, migrations: [] })).toMatch(/^sha256:/)
  })
})

describe('preconditions', () => {
  const kind: Kind<readonly (readonly [string, unknown])[] | null> = {
    name: 'rows',
    version: 2,
    parse: () => Promise.reject(new Error('not from outside')),
  }
  const rules = [{ kind, parts: (observations: Observations) => observations.need(kind) }]
  const of = (rows: readonly (readonly [string, unknown])[] | null) =>
    preconditionsOf('folder', new Observations([observed(kind, 'db', rows)]), rules)

  it('hold parts in one order, whatever they were read in, and two of one name apart', () => {
    const rows = [
      ['b', 1],
      ['a', 2],
      ['a', 1],
      ['a', 1],
    ] as const
    const [one] = of(rows)
    expect(one!.parts.map(({ name }) => name)).toEqual(['a', 'a', 'a', 'b'])
    expect(of(rows.toReversed())).toEqual([one])
    expect(movedSince(one!, of(rows.slice(1))[0]!)).toEqual({ added: [], removed: ['b'], changed: [] })
    expect(movedSince(one!, of(rows.slice(0, 3))[0]!)).toEqual({ added: [], removed: [], changed: ['a'] })
    expect(movedSince(of(rows.slice(0, 3))[0]!, one!)).toEqual({ added: [], removed: [], changed: ['a'] })
    expect(movedSince(one!, one!)).toBeNull()
  })

  it('are none where nobody looked, another version was seen, or nothing can move on', () => {
    expect(of(null)).toEqual([])
    const failed = new Observations([notObserved(kind, 'db', 'no')])
    const old = new Observations([{ ...observed(kind, 'db', []), version: 1 }])
    for (const observations of [failed, old, new Observations([])])
      expect(preconditionsOf('folder', observations, rules)).toEqual([])
  })
})

describe('the witness of something seen in a database', () => {
  it('names where it was looked at, and the database', () => {
    expect(witnessIn('postgresql://db/app', other('a'))).toBe(`postgresql://db/app of ${other('a')}`)
    expect(identityIn(`postgresql://db/app of ${other('a')}`)).toBe(other('a'))
    expect(placeIn(`postgresql://db/app of ${other('a')}`)).toBe('postgresql://db/app')
    expect([witnessIn('file', null), identityIn('file'), placeIn('file')]).toEqual(['file', null, 'file'])
  })
})
