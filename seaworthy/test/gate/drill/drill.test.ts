import { describe, expect, it } from 'vitest'
import {
  type DrillRow,
  isMainUntried,
  isNotHere,
  MUST_BE_TRIED,
  notHere,
  untriedFamilies,
} from '../../../src/gate/drill/drill.ts'

const row = (family: string | null, outcome: DrillRow['outcome'], subject = 'db'): DrillRow => ({
  tier: 'world',
  check: 'a-check',
  world: 'w',
  title: 't',
  family,
  subject,
  outcome,
  by: [],
  why: null,
})

describe('a family of harm', () => {
  it('is untried in a folder where none of its worlds could be made', () => {
    const rows = [row('lock', 'not-here'), row('data-loss', 'not-here'), row('data-loss', 'not-here')]
    expect(untriedFamilies(rows)).toEqual([
      { family: 'lock', subject: 'db' },
      { family: 'data-loss', subject: 'db' },
    ])
    expect(untriedFamilies([])).toEqual([])
    expect(untriedFamilies([row(null, 'not-here')])).toEqual([])
  })

  it.each(['refused', 'survived', 'unproven'] as const)(
    'is tried by one that was %s, wherever it stands',
    (outcome) => {
      const [missing, tried] = [row('lock', 'not-here'), row('lock', outcome)]
      expect(untriedFamilies([missing, tried])).toEqual([])
      expect(untriedFamilies([tried, missing])).toEqual([])
    },
  )

  it('is tried in each folder for itself', () => {
    const rows = [row('lock', 'refused', 'one'), row('lock', 'not-here', 'two')]
    expect(untriedFamilies(rows)).toEqual([{ family: 'lock', subject: 'two' }])
  })

  it('is tried by mutants alone in each folder in which one was refused for it', () => {
    const mutant = (subject: string, ...by: string[]): DrillRow => ({
      ...row(null, 'refused', subject),
      tier: 'judge',
      by,
    })
    const rows = [mutant('one', 'lock/create-index'), mutant('one', 'data-loss/drop-table'), mutant('two', 'lock/add')]
    expect(untriedFamilies(rows)).toEqual([{ family: 'data-loss', subject: 'two' }])
    expect(untriedFamilies(rows.slice(0, 2))).toEqual([])
    expect(untriedFamilies(rows.slice(2))).toEqual([{ family: 'data-loss', subject: 'two' }])
    // One that was refused by no finding was refused for none, and of several findings one is enough.
    expect(untriedFamilies([mutant('one')])).toEqual([{ family: 'data-loss', subject: 'one' }])
    expect(untriedFamilies([mutant('one', 'lock/add', 'data-loss/drop-table')])).toEqual([])
    // Worlds tell it better.
    expect(untriedFamilies([...rows, row('data-loss', 'refused', 'two')])).toEqual([])
  })

  it('must be tried if it is the loss of data', () => {
    expect(MUST_BE_TRIED).toBe('data-loss')
    expect(isMainUntried([row('lock', 'not-here')])).toBe(false)
    expect(isMainUntried([row('lock', 'not-here'), row('data-loss', 'not-here')])).toBe(true)
    expect(isMainUntried([row('data-loss', 'refused')])).toBe(false)
  })
})

it('what cannot be made here says why', () => {
  expect(notHere('no table')).toEqual({ notHere: 'no table' })
  expect(isNotHere(notHere('no table'))).toBe(true)
  expect(isNotHere({ files: [] })).toBe(false)
})
