import { describe, expect, it } from 'vitest'
import { couldNotLook, judgeClaim, type Looked, seenBy } from '../../../src/gate/cold/claim.ts'
import { commitClaims } from '../../../src/gate/cold/commit-claims.ts'
import type { CommitSeen, LookedAgain, ToldRun } from '../../../src/gate/cold/looked-again.ts'
import { AGAIN, BLOCKING, CANDIDATE, commitSeen, EVALUATED, KNOWN, RUN } from './scene.ts'

const common = { ...BLOCKING, kind: 'repository', witness: 'bundle' }
const IDS = ['commit', 'content', 'branch', 'migrations db', 'format db', 'folders', 'configuration'].map(
  (one) => `repository/${one}`,
)
const BARE: Partial<ToldRun> = { candidate: { ...CANDIDATE, commit: null, tree: null, isDirty: null } }
const DIRTY: Partial<ToldRun> = { candidate: { ...CANDIDATE, isDirty: true } }

const claim = (id: string, run: Partial<ToldRun> = {}) =>
  commitClaims({ ...RUN, ...run }).find((one) => one.claim.id === id)
const look = (id: string, again: Partial<LookedAgain> = {}, run: Partial<ToldRun> = {}): Looked | undefined =>
  claim(id, run)?.look({ ...AGAIN, ...again })
/** What is not confirmed, and what becomes of it. */
const open = (again: Partial<LookedAgain>): Record<string, string> =>
  Object.fromEntries(
    commitClaims(RUN)
      .map((one) => [one.claim.id, judgeClaim(one.claim, one.look({ ...AGAIN, ...again })).outcome] as const)
      .filter(([, outcome]) => outcome !== 'confirmed'),
  )

describe('what is claimed of a commit', () => {
  it('word for word', () => {
    const needs = 'Get the commit: git fetch origin c1, in your own clone. Then run again.'
    expect(commitClaims(RUN).map((one) => one.claim)).toEqual([
      {
        ...common,
        id: 'repository/commit',
        says: 'what was judged is commit c1, with the tree t1',
        expected: { commit: 'c1', tree: 't1' },
        needs,
      },
      {
        ...common,
        id: 'repository/content',
        says: 'its folders and files have the content that the id of the commit stands for',
        expected: [],
        needs,
      },
      {
        ...common,
        ...KNOWN,
        id: 'repository/branch',
        says: 'that commit is in the history of a branch or a tag',
        expected: 'a commit of a branch or a tag',
        needs,
      },
      {
        ...common,
        id: 'repository/migrations db',
        says: 'at that commit db holds the migrations with the digest sha256:d (numbered)',
        expected: { format: 'numbered', digest: 'sha256:d' },
        needs,
      },
      {
        ...common,
        id: 'repository/format db',
        says: 'whoever looks at db at that commit without being told a format finds numbered',
        expected: 'numbered',
        needs,
      },
      {
        ...common,
        ...KNOWN,
        id: 'repository/folders',
        says: 'no other migration folder is found at that commit',
        expected: [],
        needs,
      },
      {
        ...common,
        id: 'repository/configuration',
        says: 'no configuration came with the release',
        expected: [],
        needs,
      },
      {
        ...common,
        id: 'order/commit evaluated',
        kind: 'order',
        comparison: 'order',
        says: 'the commit was made before it was judged',
        expected: { before: { event: 'commit made', at: null }, after: { event: 'evaluated', at: EVALUATED } },
        needs,
      },
    ])
  })

  it('outside of git, and of a dirty tree', () => {
    expect(claim('repository/commit', BARE)?.claim).toMatchObject({
      says: 'what was judged is commit of no repository, with the tree of none',
      needs: 'Make the bundle again inside of a git repository, so that others can find what was judged.',
    })
    for (const run of [BARE, DIRTY])
      expect(claim('repository/clean', run)?.claim).toEqual({
        ...common,
        id: 'repository/clean',
        says: 'what was judged is that commit and nothing else',
        expected: true,
        needs: 'Make the bundle again from a clean checkout of the commit.',
      })
    expect(look('repository/clean', {}, BARE)).toEqual(couldNotLook('it was judged outside of git'))
    expect(look('repository/clean', {}, DIRTY)).toEqual(
      couldNotLook('the working tree had uncommitted changes, which are in no commit'),
    )
  })
})

describe('what becomes of it', () => {
  it('is confirmed by the same commit', () => expect(open({})).toEqual({}))

  it.each<[string, Partial<CommitSeen>, Record<string, string>]>([
    ['another commit', { commit: 'c2' }, { 'repository/commit': 'contradicted' }],
    ['another tree', { tree: 't2' }, { 'repository/commit': 'contradicted' }],
    [
      'other content',
      { exchanged: ['the file db/1.sql'] },
      {
        'repository/content': 'contradicted',
        'repository/migrations db': 'cannot-be-checked',
        'repository/format db': 'cannot-be-checked',
      },
    ],
    ['a commit of no branch', { isOnBranch: false }, { 'repository/branch': 'contradicted' }],
    ['no migrations', { migrations: new Map() }, { 'repository/migrations db': 'contradicted' }],
    [
      'other migrations',
      { migrations: new Map([['db', { format: 'numbered', digest: 'sha256:e' }]]) },
      { 'repository/migrations db': 'contradicted' },
    ],
    [
      'the same of another tool',
      { migrations: new Map([['db', { format: 'flyway', digest: 'sha256:d' }]]) },
      { 'repository/migrations db': 'contradicted' },
    ],
    [
      'a folder of another tool, read as the builder said',
      { formats: new Map([['db', 'diesel']]) },
      { 'repository/format db': 'contradicted' },
    ],
    ['a folder that nobody takes for one', { formats: new Map() }, { 'repository/format db': 'contradicted' }],
    ['a folder more', { otherFolders: ['hidden'] }, { 'repository/folders': 'contradicted' }],
    ['a configuration', { configurations: ['seaworthy.config.ts'] }, { 'repository/configuration': 'contradicted' }],
    ['a later commit', { committedAt: '2026-11-22T11:00:00Z' }, { 'order/commit evaluated': 'contradicted' }],
  ])('is not confirmed by %s', (_, change, expected) => expect(open(commitSeen(change))).toEqual(expected))

  it('is contradicted by a configuration that came with the release, but for the one that the run was given', () => {
    const input = (as: string, file: string) => ({ as, file, sha256: 'a' })
    const run = (...inputs: (typeof RUN.request.inputs)[number][]) => ({ request: { ...RUN.request, inputs } })
    const seen = commitSeen({ configurations: ['a.ts', 'b.ts'] })
    const [a, b] = [input('configuration', 'a.ts'), input('configuration', 'b.ts')]
    expect(claim('repository/configuration', run(a))?.claim.says).toBe('no other configuration came with the release')
    expect(look('repository/configuration', seen, run(a))).toEqual(seenBy('clone', ['b.ts']))
    // A run is given one: naming more hides none.
    expect(look('repository/configuration', seen, run(b, a))).toEqual(seenBy('clone', ['a.ts']))
    expect(look('repository/configuration', seen, run(input('shape', 'a.ts')))).toEqual(
      seenBy('clone', ['a.ts', 'b.ts']),
    )
  })

  it('cannot be checked without the commit', () => {
    const commit = { failed: 'the clone has no commit c1' }
    for (const id of [...IDS, 'order/commit evaluated'])
      expect(look(id, { commit })).toEqual(couldNotLook('the clone has no commit c1'))
  })

  it('is read off what was seen of it', () => {
    expect(look('repository/commit', commitSeen({ tree: 't2' }))).toEqual(seenBy('clone', { commit: 'c1', tree: 't2' }))
    expect(look('repository/branch')).toEqual(seenBy('clone', 'a commit of a branch or a tag'))
    expect(look('repository/branch', commitSeen({ isOnBranch: false }))).toEqual(seenBy('clone', 'one of neither'))
    const none = { format: 'none', digest: 'no migrations there' }
    expect(look('repository/migrations db', commitSeen({ migrations: new Map() }))).toEqual(seenBy('clone', none))
    expect(look('repository/format db', commitSeen({ formats: new Map() }))).toEqual(
      seenBy('clone', 'no format at all'),
    )
    expect(look('repository/migrations db', commitSeen({ exchanged: ['a file'] }))).toEqual(
      couldNotLook('the files that were looked at are not those of the commit'),
    )
  })
})
