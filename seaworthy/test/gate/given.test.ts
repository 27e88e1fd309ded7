import { expect, it } from 'vitest'
import { type GivenFile, judgeGiven } from '../../src/gate/given.ts'

const edited: GivenFile = { as: 'shape', file: 'shape.json', change: 'edited', base: '1a2b3c4d5e', why: null }
const unknown: GivenFile = { ...edited, change: 'unknown', base: null, why: 'this is a shallow clone' }
const told = (one: GivenFile, changedInputs?: 'warn' | 'refuse'): string[] =>
  judgeGiven([one], changedInputs === undefined ? {} : { changedInputs }).map(
    ({ code, severity, outcome }) => `${code} ${severity} ${outcome}`,
  )

it('what came with the release warns, and refuses where the policy says so', () => {
  expect(told(edited)).toEqual(['policy/input-changed warning none'])
  expect(told(edited, 'warn')).toEqual(['policy/input-changed warning none'])
  expect(told({ ...edited, change: 'new' }, 'refuse')).toEqual(['policy/input-changed error fail'])
  expect(judgeGiven([edited], {})[0]?.message).toBe(
    'shape.json, which says what production is like, was changed since 1a2b3c4, in the release that it helps to judge',
  )
})

it('what could not be compared is a note, and never a pass where it matters', () => {
  expect(told(unknown)).toEqual(['policy/input-not-compared note none'])
  expect(told(unknown, 'refuse')).toEqual(['policy/input-not-compared error unproven'])
})

it('what did not come with the release is not spoken of', () => expect(judgeGiven([], {})).toEqual([]))
