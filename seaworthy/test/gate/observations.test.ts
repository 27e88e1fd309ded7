import { describe, expect, it } from 'vitest'
import { type Kind, Observations, notObserved, observed } from '../../src/gate/observation.ts'

const kind = (name: string, version = 2): Kind<string> => ({
  name,
  version,
  parse: () => Promise.reject(new Error('not from outside')),
})
const [tree, ledger, shape] = [kind('tree'), kind('ledger'), kind('shape')]
const seen = observed(tree, 'folder', 'data')
const failed = notObserved(ledger, 'file', 'no such file', 'give another')
const set = new Observations([seen, failed])

describe('the observations of one subject', () => {
  it('say who looked, at what, in which version', () => {
    expect(seen).toEqual({ kind: 'tree', version: 2, witness: 'folder', status: 'observed', data: 'data' })
    expect(failed).toEqual({
      kind: 'ledger',
      version: 2,
      witness: 'file',
      status: 'failed',
      reason: 'no such file',
      hint: 'give another',
    })
    expect(notObserved(ledger, 'file', 'no').hint).toBeNull()
  })

  it('are one of a kind', () => {
    expect(() => new Observations([seen, failed, observed(tree, 'other', 'x')])).toThrow(
      new Error('two observations of kind tree'),
    )
    expect([...set]).toEqual([seen, failed])
  })

  it('are found whatever became of them; their data only where somebody looked, in this version', () => {
    expect(set.find(tree)).toBe(seen)
    expect(set.find(ledger)).toBe(failed)
    expect(set.find(shape)).toBeUndefined()
    expect(set.maybe(tree)).toBe('data')
    expect(set.maybe(ledger)).toBeUndefined()
    expect(set.maybe(shape)).toBeUndefined()
    expect(set.maybe(kind('tree', 3))).toBeUndefined()
    expect(set.maybe(kind('tree', 1))).toBeUndefined()
  })

  it('that are needed and not there are a mistake of the check', () => {
    expect(set.need(tree)).toBe('data')
    for (const one of [ledger, shape]) {
      expect(() => set.need(one)).toThrow(
        new Error(`a judge asked for ${one.name}, which its check does not list as needed`),
      )
    }
  })

  it('can be replaced, added and left out, in a set of their own', () => {
    const other = observed(tree, 'other', 'new')
    const more = observed(shape, 'file', 's')
    const replaced = set.with(other, more)
    expect([...replaced]).toEqual([other, failed, more])
    expect([...set.without(tree)]).toEqual([failed])
    expect([...set.without(shape)]).toEqual([seen, failed])
    expect([...set]).toEqual([seen, failed])
  })
})
