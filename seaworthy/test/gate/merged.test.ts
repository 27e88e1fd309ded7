import { describe, expect, it } from 'vitest'
import { cannotProve, type Finding, note, refuse, warn } from '../../src/gate/finding.ts'
import { isSameHarm, merge, objectOf } from '../../src/gate/merge.ts'

const at = (line: number, column = 1, file = 'a.sql') => ({ file, line, column })
const input = { code: 'lock/a', message: 'locks', where: at(3), endLine: 5, subject: 'table public.t' }
const found = (change: Partial<Parameters<typeof refuse>[0]> = {}): Finding => refuse({ ...input, ...change })
const seen = (change: Partial<Parameters<typeof refuse>[0]> = {}): Finding => found({ proof: 'seen', ...change })

/** The findings of each list after merging the lists of checks `a`, `b`, …; what was lowered is given beside them. */
const told = (lists: readonly (readonly Finding[])[], lowered: readonly Finding[] = []) =>
  merge(
    lists.map((findings, index) => ({ check: 'abcdef'.charAt(index), findings })),
    new Set(lowered),
  )
const left = (lists: readonly (readonly Finding[])[], lowered: readonly Finding[] = []): number[] =>
  told(lists, lowered).map((one) => one.findings.length)

describe('one object', () => {
  it.each([
    ['table public.users', 'table users'],
    ['materialized view public.a.b', 'materialized view a.b'],
    ['table billing.users', 'table billing.users'],
    ['a table public.users', 'a table users'],
    ['public.users', 'public.users'],
    ['table Public public.x', 'table Public public.x'],
    [null, null],
  ])('%j is %j', (subject, object) => expect(objectOf(subject)).toBe(object))
})

describe('two findings are about one harm', () => {
  const computed = found({ subject: 'sequence (computed at run time)' })
  const failure = seen({ code: 'apply/migration-fails', subject: 'migration 2' })
  const foreseen = found({ code: 'apply/dropped-column' })
  it.each<[string, Finding, Finding]>([
    ['the same words', found(), found()],
    ['one with the default schema', found(), found({ subject: 'table t' })],
    ['one begins within the other', found(), seen({ where: at(4), endLine: 4 })],
    ['one begins on the last line of the other', found(), seen({ where: at(5, 9), endLine: null })],
    ['no end is known, and they begin on one line', found({ endLine: null }), found({ endLine: null })],
    ['neither has an object', found({ subject: null }), seen({ subject: null })],
    ['a name that nobody could read, and one that was seen', computed, seen({ subject: 'sequence public.s' })],
    ['what was foreseen, and what the server said', foreseen, failure],
    ['one cause, wherever', found({ cause: 'no server' }), seen({ cause: 'no server', where: null, subject: 'x' })],
  ])('%s', (_, a, b) => {
    expect(isSameHarm(a, b)).toBe(true)
    expect(isSameHarm(b, a)).toBe(true)
  })

  it.each<[string, Finding, Finding]>([
    ['another code', found(), found({ code: 'lock/b' })],
    ['another object', found(), found({ subject: 'table other.t' })],
    ['an object and none', found(), found({ subject: null })],
    ['another file', found(), found({ where: at(3, 1, 'b.sql') })],
    ['it begins behind the other', found(), found({ where: at(6), endLine: 6 })],
    ['it ends before the other', found(), found({ where: at(2), endLine: 2 })],
    ['no end is known, and they begin on two lines', found({ endLine: null }), found({ endLine: null, where: at(4) })],
    ['one has no place', found(), found({ where: null })],
    ['neither has a place', found({ where: null }), found({ where: null })],
    ['another cause', found({ cause: 'no server' }), found({ cause: 'no file' })],
    ['one cause, another code', found({ cause: 'c' }), found({ cause: 'c', code: 'lock/b' })],
    ['a name that nobody could read, and one that nobody saw', computed, found({ subject: 'sequence public.s' })],
    ['a name that nobody could read, and one of another sort', computed, seen({ subject: 'table public.s' })],
    ['a name that nobody could read, and no object', computed, seen({ subject: null })],
    ['two names that nobody could read', computed, seen({ subject: 'sequence (computed at run time).?' })],
    ['two names that were read', found({ subject: 'sequence a' }), seen({ subject: 'sequence b' })],
    ['what only warned, and what the server said', warn({ ...foreseen }), failure],
    ['another family, and what the server said', found({ code: 'compat/x' }), failure],
    ['what was foreseen elsewhere, and what the server said', found({ code: 'apply/x', where: at(9) }), failure],
    ['two words of the server about two objects', failure, { ...failure, subject: 'migration 3' }],
  ])('not: %s', (_, a, b) => {
    expect(isSameHarm(a, b)).toBe(false)
    expect(isSameHarm(b, a)).toBe(false)
  })
})

describe('what one finding of two says', () => {
  const one = (a: Finding, b: Finding): Finding => {
    const [first, second] = told([[a], [b]])
    const both = [...first!.findings, ...second!.findings]
    expect(both).toHaveLength(1)
    return both[0]!
  }

  it('has the place, message and hint of the one without a proof, and the proof of the other', () => {
    const reading = found({ message: 'reads so', hint: 'do it so' })
    const traced = seen({ message: 'seen so', where: at(4), endLine: 4, hint: 'or so' })
    const expected = { ...reading, proof: 'seen' }
    expect(one(reading, traced)).toEqual(expected)
    expect(one(traced, reading)).toEqual(expected)
    expect(told([[traced], [reading]])[0]).toEqual({
      check: 'a',
      findings: [],
      carried: [{ code: 'lock/a', where: at(4), subject: input.subject, outcome: 'fail', by: 'b' }],
    })
  })

  it('has the hint, proof and cause of either, first its own', () => {
    const bare = found()
    const full = found({ hint: 'h', proof: 'p', cause: 'c' })
    expect(one(bare, full)).toEqual({ ...bare, hint: 'h', proof: 'p', cause: 'c' })
    const [mine, other] = [found({ hint: 'h', proof: 'p', cause: 'c' }), found({ hint: 'i', proof: 'q', cause: 'c' })]
    expect(one(mine, other)).toEqual(mine)
    expect(Object.keys(one(bare, bare)).toSorted()).toEqual(Object.keys(bare).toSorted())
  })

  const RANKED = [note(input), warn(input), cannotProve(input), refuse(input)]
  it('is the worse of the two, in either order', () => {
    for (const [i, a] of RANKED.entries()) {
      for (const [j, b] of RANKED.entries()) {
        const worse = RANKED[Math.max(i, j)]!
        expect(one(a, b)).toMatchObject({ severity: worse.severity, outcome: worse.outcome })
      }
    }
  })

  it('has the name that was seen instead of one that nobody could read', () => {
    const guess = found({ subject: 'sequence (computed at run time)', message: 'sets a sequence', hint: 'h' })
    const real = seen({ subject: 'sequence s', message: 'sets s' })
    const expected = { ...guess, subject: 'sequence s', message: 'sets s', proof: 'seen' }
    expect(one(guess, real)).toEqual(expected)
    expect(one(real, guess)).toEqual(expected)
    const proved = { ...guess, proof: 'guessed' }
    expect(one(real, proved)).toEqual({ ...real, hint: 'h' })
  })
})

describe('which two are put together', () => {
  it('not two of one check, unless they are the same words', () => {
    expect(left([[found(), found({ message: 'again' })]])).toEqual([2])
    expect(left([[found(), found()]])).toEqual([1])
    expect(left([[found(), found({ where: at(3, 2) })]])).toEqual([2])
    expect(left([[found({ cause: 'c' }), found({ cause: 'c', message: 'other', where: null })]])).toEqual([1])
    expect(left([[found({ cause: 'c' }), found({ cause: 'd' })]])).toEqual([2])
    expect(left([[found(), found({ code: 'lock/b' })]])).toEqual([2])
  })

  it('each with one of every other check', () => {
    expect(left([[found()], [seen()], [seen()]])).toEqual([1, 0, 0])
    expect(left([[found(), found({ message: 'again' })], [seen()]])).toEqual([2, 0])
    expect(left([[found()], [seen({ message: 'x' }), seen({ message: 'y' })]])).toEqual([1, 1])
  })

  it.each([
    ['the same place', at(3, 7)],
    ['the same line', at(3, 9)],
  ])('the nearest one: %s', (_, near) => {
    const home = found({ where: at(3, 7) })
    const far = seen({ where: at(4), proof: 'far', message: 'far' })
    const close = seen({ where: near, proof: 'close', message: 'close' })
    for (const others of [
      [far, close],
      [close, far],
    ]) {
      expect(told([[home], others])[0]?.findings).toMatchObject([{ proof: 'close' }])
    }
  })

  it('the same place before the same line', () => {
    const home = found({ where: at(3, 7) })
    const [line, place] = [seen({ where: at(3, 1), proof: 'line' }), seen({ where: at(3, 7), proof: 'place' })]
    expect(told([[home], [line, place]])[0]?.findings).toMatchObject([{ proof: 'place' }])
  })

  it('places are told apart where there are some', () => {
    const home = found({ cause: 'c', where: null })
    const others = [found({ cause: 'c', where: at(3) }), found({ code: 'lock/b', cause: 'c', where: null })]
    expect(left([[home], others])).toEqual([1, 1])
  })

  it('one that somebody answered for and one that stands stay two, unless both are notes', () => {
    const [a, b] = [note(input), note({ ...input, message: 'other' })]
    expect(left([[a], [b]], [a])).toEqual([1, 0])
    expect(left([[a], [b]], [a, b])).toEqual([1, 0])
    expect(left([[a], [warn(input)]], [a])).toEqual([1, 1])
    const open = { ...b, outcome: 'unproven' as const }
    expect(left([[a], [open]], [a])).toEqual([1, 1])
    expect(left([[open], [a]], [a])).toEqual([1, 1])
  })
})

describe('what followed from another finding', () => {
  const cause = 'migration 2 does not apply'
  const said = refuse({ ...input, code: 'apply/migration-fails', cause })
  const cut = (change: Partial<Parameters<typeof refuse>[0]> = {}): Finding =>
    cannotProve({ code: 'unproven/not-observed', message: 'm', cause: `${cause}, so nothing was seen`, ...change })

  it.each<[string, Finding]>([
    ['with more words', cut()],
    ['with the same words', cut({ cause })],
    ['which only warns', warn({ ...cut() })],
    ['which has a place itself', cut({ where: at(9) })],
  ])('is told by that: %s', (_, one) => {
    expect(told([[one], [said]])).toEqual([
      {
        check: 'a',
        findings: [],
        carried: [
          {
            code: one.code,
            where: one.where,
            subject: null,
            outcome: one.outcome,
            by: 'b',
            under: 'apply/migration-fails',
          },
        ],
      },
      { check: 'b', findings: [said], carried: [] },
    ])
  })

  it.each<[string, Finding, Finding]>([
    ['it refuses itself', refuse({ ...cut() }), said],
    ['it is of another family', cut({ code: 'lock/x' }), said],
    ['it has another cause', cut({ cause: 'no server' }), said],
    ['its cause only begins alike', cut({ cause: `${cause} here` }), said],
    ['it has no cause', cannotProve({ code: 'unproven/x', message: 'm' }), said],
    ['the other one has no cause', cut(), refuse({ ...input, code: 'apply/migration-fails' })],
    ['the other one only warns', cut(), warn({ ...said })],
    [
      'neither refuses, and both have a place',
      cut({ where: at(9) }),
      cannotProve({ ...said, code: 'unproven/rights' }),
    ],
    ['neither refuses, and none has a place', cut(), cannotProve({ ...said, code: 'unproven/rights', where: null })],
  ])('but not where %s', (_, one, other) => {
    expect(left([[one], [other]])).toEqual([1, 1])
  })

  it('nor by its own check, nor where one of the two was answered for', () => {
    expect(left([[cut(), said]])).toEqual([2])
    expect(left([[cut()], [said]], [said])).toEqual([1, 1])
    const answered = warn({ ...cut() })
    expect(left([[answered], [said]], [answered])).toEqual([1, 1])
    expect(left([[answered], [said]], [answered, said])).toEqual([1, 1])
  })

  it('is told by one that has a place, where neither refuses', () => {
    const rights = cannotProve({ ...said, code: 'unproven/rights' })
    expect(left([[cut()], [rights]])).toEqual([0, 1])
    expect(left([[warn({ ...cut() })], [rights]])).toEqual([0, 1])
    expect(left([[cut()], [warn({ ...rights })]])).toEqual([1, 1])
  })

  it('is told where its home is told in turn', () => {
    const foreseen = found({ code: 'apply/dropped-column' })
    const [a] = told([[cut()], [{ ...said, proof: 'p' }], [foreseen]])
    expect(a?.carried).toMatchObject([{ by: 'c', under: 'apply/dropped-column' }])
  })
})

describe('a query that a statement breaks', () => {
  const QUERY = {
    code: 'compat/query-stops-working',
    message: 'a query',
    subject: '42703 t.handle',
    where: at(3),
    endLine: 3,
  }
  const query = refuse(QUERY)
  const harm = (change: Partial<Parameters<typeof refuse>[0]> = {}): Finding =>
    refuse({ ...input, code: 'data-loss/drop-column', subject: 'column public.t.handle', ...change })

  it.each<[string, Finding, Finding]>([
    ['loses data', harm(), query],
    ['breaks others', harm({ code: 'compat/x' }), query],
    ['takes a right away', harm({ code: 'security/x' }), refuse({ ...QUERY, code: 'compat/query-loses-privilege' })],
    ['quotes the name', harm({ subject: 'type st', message: "renames 'a' to 'handle' of 'b'" }), query],
    ['is about a name with a space', harm({ subject: 'table handle' }), query],
  ])('is its proof where it %s', (_, one, two) => {
    expect(told([[one], [two]])).toMatchObject([{ findings: [{ ...one, proof: 'a query' }] }, { findings: [] }])
    const own = { ...one, proof: 'gone' }
    expect(told([[own], [two]])).toMatchObject([{ findings: [{ ...own, proof: 'gone; a query' }] }, { findings: [] }])
  })

  it.each<[string, Finding, Finding]>([
    ['nothing is known of what it misses', harm({ subject: null }), refuse({ ...QUERY, subject: null })],
    ['it misses a name without words', harm({ subject: '' }), refuse({ ...QUERY, subject: '42703' })],
    ['the name stands between the quotes', harm({ subject: 'type st', message: "renames 'a' handle 'b'" }), query],
    ['the harm has no object', harm({ subject: null }), query],
    ['the harm is another query', refuse({ ...QUERY, code: 'compat/query-loses-privilege' }), query],
    ['the harm only warns', warn({ ...harm() }), query],
    ['the harm is a lock', harm({ code: 'lock/x' }), query],
    ['the harm is another statement', harm({ where: at(9), endLine: 9 }), query],
    ['the query only warns', harm(), warn(QUERY)],
    ['it is no query', harm(), refuse({ ...QUERY, code: 'compat/view-stops-working' })],
  ])('but stands for itself where %s', (_, one, two) => {
    expect(left([[one], [two]])).toEqual([1, 1])
  })

  it('nor is it told by its own check, or where only one of the two was answered for', () => {
    expect(left([[harm(), query]])).toEqual([2])
    expect(left([[harm()], [query]], [query])).toEqual([1, 1])
    expect(left([[harm()], [query]], [query, harm()])).toEqual([1, 1])
    const one = harm()
    expect(left([[one], [query]], [query, one])).toEqual([1, 0])
  })

  it('is told by what stands, not by what is told elsewhere', () => {
    const lists = [[harm({ proof: 'seen' })], [query], [harm({ message: 'reads so' })]]
    const [first, second, third] = told(lists)
    expect([first, second].map((one) => one?.carried[0]?.by)).toEqual(['c', 'c'])
    expect(third?.findings).toMatchObject([{ message: 'reads so', proof: 'seen; a query' }])
  })
})

it('keeps what else is said of each list', () => {
  expect(merge([{ check: 'a', findings: [], more: 7 }])).toEqual([{ check: 'a', findings: [], more: 7, carried: [] }])
})
