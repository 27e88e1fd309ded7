import { expect, it } from 'vitest'
import { partChanges } from '../../src/commands/admit/part-changes.ts'

const thing = (object: string, definition = object): unknown => ['table public.users', { object, definition }]

it('names what is new, gone and another one in a part', () => {
  const before = [['table public.users', [thing('column a'), thing('column b'), thing('index i')]]] as const
  const now = [['table public.users', [thing('column a'), thing('column c'), thing('index i', 'another one')]]] as const
  expect([...partChanges(before, now)]).toEqual([
    ['table public.users', 'new: column c; gone: column b; other: index i'],
  ])
  expect([...partChanges(before, before)]).toEqual([])
})

it('says nothing of a part that is new or gone as a whole: that is told by its name', () => {
  const part = [['table public.users', [thing('column a')]]] as const
  expect([...partChanges([], part)]).toEqual([])
  expect([...partChanges(part, [])]).toEqual([])
})

it('names the members of what has no definition, and nothing of a bare value, which may be a secret', () => {
  const role = (attributes: readonly string[]): [string, unknown] => [
    'role app',
    [['role app', { attributes, memberOf: [] }]],
  ]
  expect([...partChanges([role(['login'])], [role(['login', 'superuser'])])]).toEqual([
    ['role app', 'other: attributes[1]'],
  ])
  const setting = (value: string): [string, unknown] => ['setting x', [['setting x', value]]]
  expect([...partChanges([setting('a')], [setting('canary')])]).toEqual([])
  expect([...partChanges([['x', { a: 1 }]], [['x', { a: 2 }]])]).toEqual([['x', 'other: a']])
})

it('names five things of a part and counts the rest', () => {
  const now = [['t', Array.from({ length: 7 }, (_, index) => thing(`column ${index}`))]] as const
  expect(partChanges([['t', []]], now).get('t')).toBe(
    'new: column 0, column 1, column 2, column 3, column 4 and 2 more',
  )
})
