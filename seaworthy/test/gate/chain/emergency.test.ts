import { describe, expect, it, test } from 'vitest'
import type { Entry, EntryInput, Json } from '../../../src/gate/chain/chain.ts'
import { emergenciesIn, isByHand, isClosing, openEmergencies, textIn } from '../../../src/gate/chain/emergency.ts'
import { chain, input } from './entries.ts'

/** What went past, and what was judged of it. */
const past = (folder: string, digest = `of ${folder}`) => ({ folder, digest })
const judged = (folder: string, change: { readonly [key: string]: Json } = {}): Json => ({
  ...past(folder),
  pending: 1,
  isLeftOut: false,
  ...change,
})
const emergency = (candidate: string, action = 'deploy', folders: Json = [past('db')]): EntryInput =>
  input({ kind: 'emergency', candidate, content: { reason: 'the court is shut', action, candidate, folders } })

/** What closes the emergency of `a`, but for what is changed. */
const PASS = { verdict: 'pass', action: 'deploy', pending: 1, folders: [judged('db')] }
const certificate = (change: { readonly [key: string]: Json } = {}, candidate: string | null = 'a'): EntryInput =>
  input({ kind: 'certificate', candidate, content: { ...PASS, ...change } })
const admission = (change: { readonly [key: string]: Json } = {}, candidate: string | null = 'a'): EntryInput =>
  input({ kind: 'admission', candidate, content: { ...PASS, outcome: 'admitted', ...change } })
const byHand = (seq: Json): EntryInput =>
  input({ kind: 'acceptance', candidate: null, content: { emergency: seq, reason: 'rolled back, Ada has looked' } })

const open = (...inputs: EntryInput[]): string[] =>
  openEmergencies(chain(inputs)).map(({ entry, candidate }) => `${entry.seq} ${candidate}`)
const closedBy = (...inputs: EntryInput[]): (Entry['seq'] | null)[] =>
  emergenciesIn(chain(inputs)).map((one) => one.closedBy?.seq ?? null)

describe('an emergency stays open', () => {
  test.each<[string, EntryInput]>([
    ['a certificate that failed', certificate({ verdict: 'fail' })],
    ['an unproven one', certificate({ verdict: 'unproven' })],
    ['a verdict that cannot be understood', certificate({ verdict: 'PASS' })],
    ['a verdict that is no text', certificate({ verdict: true })],
    ['one of another candidate', certificate({}, 'b')],
    ['one of no candidate', certificate({}, null)],
    ['one for a pull request', certificate({ action: 'pull-request' })],
    ['one for an action that it does not say', certificate({ action: null })],
    ['one that judged another folder', certificate({ folders: [judged('other')] })],
    ['one that judged the same in another folder', certificate({ folders: [judged('other', { digest: 'of db' })] })],
    ['one that judged other migrations of that folder', certificate({ folders: [judged('db', { digest: 'x' })] })],
    ['one that judged nothing', certificate({ folders: [judged('db', { pending: 0 })] })],
    ['one that judged something elsewhere only', certificate({ folders: [judged('db', { pending: 0 }), judged('x')] })],
    ['one that leaves the newest out', certificate({ folders: [judged('db', { isLeftOut: true })] })],
    ['one that does not say whether it does', certificate({ folders: [judged('db', { isLeftOut: null })] })],
    ['one that does not say how much it judged', certificate({ folders: [judged('db', { pending: null })] })],
    ['one whose count is no number', certificate({ folders: [judged('db', { pending: '1' })] })],
    ['one of a folder without a name', certificate({ folders: [judged('db', { folder: null })] })],
    ['one of a folder without a digest', certificate({ folders: [judged('db', { digest: null })] })],
    ['one that judged no folder', certificate({ folders: [] })],
    ['one from before folders were entered', certificate({ folders: null })],
    ['one whose folders are no list', certificate({ folders: judged('db') })],
    ['one whose folders are no objects', certificate({ folders: ['db', null] })],
    ['an admission that was refused', admission({ outcome: 'refused' })],
    ['the admission of the emergency itself', admission({ outcome: 'admitted in an emergency' })],
    ['an admission without a pass', admission({ verdict: 'unproven' })],
    ['an admission of another candidate', admission({}, 'b')],
    ['an admission of another action', admission({ action: 'pull-request' })],
    ['an admission on a certificate that judged nothing', admission({ folders: [judged('db', { pending: 0 })] })],
    ['an admission on a certificate of which nobody knows', admission({ folders: null })],
    ['a run that passed', input({ kind: 'run', candidate: 'a', content: PASS })],
    [
      'a run that calls itself an admission',
      input({ kind: 'run', candidate: 'a', content: { ...PASS, outcome: 'admitted' } }),
    ],
    ['a review', input({ kind: 'review', candidate: 'a', content: PASS })],
    ['an acceptance that is about a finding', input({ kind: 'acceptance', candidate: 'a', content: PASS })],
    ['the word about another one', byHand(2)],
    ['a word that is no number', byHand('1')],
    ['content that is no object', input({ kind: 'certificate', candidate: 'a', content: ['pass'] })],
    ['content that is nothing', input({ kind: 'certificate', candidate: 'a', content: null })],
  ])('%s', (_what, later) => {
    expect(open(emergency('a'), later)).toEqual(['1 a'])
  })

  it('whatever was there before it', () => {
    expect(open(certificate(), admission(), byHand(4), emergency('a'))).toEqual(['4 a'])
  })
})

it('is not closed by an entry that is about something else', () => {
  const [one] = openEmergencies(chain([emergency('a')]))
  expect(
    one && [certificate(), certificate({}, 'b'), byHand(1), byHand(2)].map((later) => isClosing(later, one)),
  ).toEqual([true, false, true, false])
})

describe('an emergency is closed', () => {
  test.each<[string, EntryInput]>([
    ['by a passing certificate for the same candidate and action that judged something', certificate()],
    ['by an admission on such a certificate', admission()],
    ['by somebody who says why', byHand(1)],
  ])('%s', (_what, later) => {
    expect(open(emergency('a'), later)).toEqual([])
    expect(closedBy(emergency('a'), input({}), later, later)).toEqual([3])
  })

  it('each for itself, and each time anew', () => {
    expect(open(emergency('a'), emergency('b'), emergency('a'), certificate())).toEqual(['2 b'])
    expect(open(emergency('a'), certificate(), emergency('a'))).toEqual(['3 a'])
    expect(open(emergency('a'), emergency('a', 'pull-request'), certificate())).toEqual(['2 a'])
    expect(closedBy(emergency('a'), emergency('a'), byHand(2), certificate())).toEqual([4, 3])
  })
})

describe('an emergency of several folders', () => {
  const both = emergency('a', 'deploy', [past('db'), past('other')])
  const nothing = { pending: 0 }
  const db = certificate({ folders: [judged('db')] })
  const other = admission({ folders: [judged('other')] })

  it('is closed when the last of them was covered, by one entry or by several', () => {
    expect(closedBy(both, certificate({ folders: [judged('db'), judged('other')] }))).toEqual([2])
    expect(closedBy(both, db, db, other, db)).toEqual([4])
    expect(closedBy(both, other, db)).toEqual([3])
    expect(open(both, db)).toEqual(['1 a'])
    expect(open(both, other)).toEqual(['1 a'])
  })

  it('is closed by nothing that was there before, is of another candidate, or did not pass', () => {
    expect(open(db, both, other)).toEqual(['2 a'])
    for (const change of [{ verdict: 'fail' }, { action: 'pull-request' }])
      expect(open(both, certificate({ ...change, folders: [judged('db')] }), other)).toEqual(['1 a'])
    expect(open(both, certificate({ folders: [judged('db')] }, 'b'), other)).toEqual(['1 a'])
  })

  it('needs something pending in one of them at least', () => {
    const none = certificate({ folders: [judged('db', nothing), judged('other', nothing)] })
    expect(open(both, none, none)).toEqual(['1 a'])
    expect(closedBy(both, none, db)).toEqual([3])
    expect(closedBy(both, certificate({ folders: [judged('db', nothing)] }), other)).toEqual([3])
  })
})

test.each<[string, Json]>([
  ['did not enter them', null],
  ['knows of none', []],
  ['has no list of them', past('db')],
  ['has one without a name', [past('db'), { digest: 'of db' }]],
  ['has one without a digest', [past('db'), { folder: 'db' }]],
  ['has one that is no object', [past('db'), 'other']],
])('an emergency that %s is closed by hand only', (_what, folders) => {
  const silent = emergency('a', 'deploy', folders)
  expect(open(silent, certificate(), admission(), certificate({ folders }))).toEqual(['1 a'])
  expect(openEmergencies(chain([silent]))).toMatchObject([{ folders: null }])
  expect(open(silent, byHand(1))).toEqual([])
})

it('says what it was for; one that does not say it is closed by hand only', () => {
  const [one] = openEmergencies(chain([emergency('a')]))
  expect(one).toEqual({
    entry: chain([emergency('a')])[0],
    reason: 'the court is shut',
    action: 'deploy',
    candidate: 'a',
    folders: [past('db')],
    judged: [],
  })
  for (const content of [null, [], 'x', {}, { candidate: 1, action: 2, reason: 3 }]) {
    const silent = input({ kind: 'emergency', candidate: 'a', content })
    expect(
      openEmergencies(
        chain([silent, certificate({ action: '' }, ''), certificate({ action: '' }, null), certificate()]),
      ),
    ).toMatchObject([{ reason: '', action: '', candidate: null }])
    expect(open(silent, byHand(1))).toEqual([])
  }
})

it('tells a word about an emergency from other acceptances', () => {
  expect(isByHand(byHand(1))).toBe(true)
  for (const other of [byHand('1'), byHand(null), certificate({ emergency: 1 })]) expect(isByHand(other)).toBe(false)
  expect(textIn({ reason: 'why' }, 'reason')).toBe('why')
  expect(textIn({ reason: 1 }, 'reason')).toBeNull()
})
