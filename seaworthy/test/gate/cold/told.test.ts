import { describe, expect, it } from 'vitest'
import { couldNotLook, seenBy } from '../../../src/gate/cold/claim.ts'
import { askedLines } from '../../../src/gate/cold/asked.ts'
import { commitClaims } from '../../../src/gate/cold/commit-claims.ts'
import { datedClaim } from '../../../src/gate/cold/dated.ts'
import { lookAt } from '../../../src/gate/cold/looked-again.ts'
import { Observations, observed } from '../../../src/gate/observation.ts'
import { CANDIDATE, EVALUATED, RUN, COMMIT, AGAIN, BLOCKING, KNOWN, about, look, shape } from './scene.ts'

describe('what is claimed of a commit', () => {
  const common = { ...BLOCKING, kind: 'repository', witness: 'bundle' }

  it('word for word', () => {
    const needs = 'Get the commit: git fetch origin c1, in your own clone. Then run again.'
    expect(commitClaims(RUN).map(({ claim }) => claim)).toEqual([
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
        ...KNOWN,
        id: 'repository/folders',
        says: 'no other migration folder is found at that commit',
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
    const bare = { candidate: { ...CANDIDATE, commit: null, tree: null, isDirty: null } }
    const needs = 'Make the bundle again inside of a git repository, so that others can find what was judged.'
    expect(about(bare, 'repository/commit')).toMatchObject([
      { says: 'what was judged is commit of no repository, with the tree of none', needs },
    ])
    expect(about(bare, 'repository/clean')).toEqual([
      {
        ...common,
        id: 'repository/clean',
        says: 'what was judged is that commit and nothing else',
        expected: true,
        needs: 'Make the bundle again from a clean checkout of the commit.',
      },
    ])
    const dirty = { candidate: { ...CANDIDATE, isDirty: true } }
    expect(look(dirty, 'repository/clean')).toEqual(
      couldNotLook('the working tree had uncommitted changes, which are in no commit'),
    )
  })

  it('is read off what was seen of it', () => {
    expect(look({}, 'repository/branch')).toEqual(seenBy('clone', 'one of neither'))
    const none = { format: 'none', digest: 'no migrations there' }
    expect(look({}, 'repository/migrations db')).toEqual(seenBy('clone', none))
    const done = { ...COMMIT, exchanged: ['a file'] }
    expect(look({}, 'repository/migrations db', { commit: { done, witness: 'clone' } })).toEqual(
      couldNotLook('the files that were looked at are not those of the commit'),
    )
  })
})

describe('what says itself when it was made', () => {
  const dated = {
    kind: shape,
    source: 'a-check',
    event: 'shape captured',
    says: 'it was captured before',
    at: () => EVALUATED,
  }
  const { claim, look: looking } = datedClaim(dated, {}, { subject: 'db', evaluatedAt: EVALUATED, witness: 'bundle' })

  it('word for word', () => {
    expect(claim).toEqual({
      id: 'order/shape evaluated db',
      kind: 'order',
      says: 'it was captured before',
      source: 'a-check',
      severity: 'blocking',
      unchecked: 'discrepancy',
      comparison: 'order',
      expected: { before: { event: 'shape captured', at: EVALUATED }, after: { event: 'evaluated', at: EVALUATED } },
      witness: 'bundle',
      needs: 'Get that file from where it is kept, not from the builder, and run again with --shape FILE.',
    })
    expect(looking(AGAIN)).toEqual(seenBy('bundle', {}))
    const brought = new Map([['db', new Observations([observed(shape, 'w', {})])]])
    expect(looking({ ...AGAIN, brought })).toEqual(seenBy('w', { 'shape captured': EVALUATED }))
    const silent = datedClaim({ ...dated, at: () => null }, {}, { subject: 'db', evaluatedAt: EVALUATED, witness: 'b' })
    expect(silent.look({ ...AGAIN, brought })).toEqual(
      couldNotLook('that file does not say when: shape captured', 'Nothing: no time is in that file.'),
    )
  })
})

it('what was tried is read, or it is said why not', () => {
  expect(lookAt({ failed: 'no' }, () => 1)).toEqual(couldNotLook('no'))
  expect(lookAt({ done: 2, witness: 'w' }, (done) => done + 1)).toEqual(seenBy('w', 3))
  expect(lookAt({ done: 2, witness: 'w' }, () => ({ unseen: 'why' }))).toEqual(couldNotLook('why'))
  for (const seen of [null, 'unseen', { unseen: 7 }, {}, []])
    expect(lookAt({ done: 2, witness: 'w' }, () => seen)).toEqual(seenBy('w', seen))
})

it('an input that is no shape decides no roles', () => {
  const inputs = [{ as: 'answers', file: null, sha256: 'a' }]
  const roles = { mode: 'single', isConfigured: false }
  expect(askedLines({ ...RUN.request, inputs, roles })).toEqual([
    'one role owns everything; PostgreSQL of the default version on a scratch server; downs: pending',
  ])
})
