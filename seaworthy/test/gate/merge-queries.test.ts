import { describe, expect, it } from 'vitest'
import { type Finding, refuse, warn } from '../../src/gate/finding.ts'
import { merge } from '../../src/gate/merge.ts'

const at = (line: number) => ({ where: { file: 'migrations/2.sql', line, column: 1 }, endLine: line })
const drop = refuse({
  code: 'data-loss/drop-column',
  message: 'drops column t',
  subject: 'column public.o.t',
  proof: 'gone: column public.o.t',
  ...at(3),
})
const query = (subject: string, line = 3): Finding =>
  refuse({ code: 'compat/query-stops-working', message: `a query: ${subject}`, subject, ...at(line) })

const merged = (harm: Finding, queries: readonly Finding[], lowered: readonly Finding[] = []) =>
  merge(
    [
      { check: 'effects', findings: [harm] },
      { check: 'queries', findings: queries },
    ],
    new Set(lowered),
  )

describe('a query that stops working', () => {
  it('is the proof of what it misses', () => {
    const [effects, queries] = merged(drop, [query('42703 t'), query('42703 o.t')])
    const proof = 'gone: column public.o.t; a query: 42703 t; a query: 42703 o.t'
    expect(effects?.findings).toMatchObject([{ code: 'data-loss/drop-column', proof }])
    expect(queries).toMatchObject({
      findings: [],
      carried: [
        { code: 'compat/query-stops-working', outcome: 'fail', by: 'effects', under: 'data-loss/drop-column' },
        { by: 'effects' },
      ],
    })
  })

  it('is told of a value by the name that the message quotes', () => {
    const message = "renames value 'new' of type public.st to 'fresh'"
    const rename = refuse({ code: 'compat/rename-enum-value', message, subject: 'type public.st', ...at(3) })
    expect(merged(rename, [query('22P02 new')])[1]?.findings).toEqual([])
  })

  it.each([
    ['it misses another thing', drop, query('42703 other')],
    ['it is another statement', drop, query('42703 t', 4)],
    ['nobody knows what it misses', drop, query('42703')],
    ['the other one only warns', warn({ ...drop, subject: 'column public.o.t' }), query('42703 t')],
    ['the other one is a lock', refuse({ ...drop, code: 'lock/drop', subject: 'column public.o.t' }), query('42703 t')],
  ])('stands for itself where %s', (_why, harm, one) => {
    expect(merged(harm, [one])[1]?.findings).toEqual([one])
  })

  it('stands for itself where the other harm was answered for', () => {
    expect(merged(drop, [query('42703 t')], [drop])[1]?.findings).toHaveLength(1)
  })
})
