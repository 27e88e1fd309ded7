import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  cut,
  displayWidth,
  head,
  plainLine,
  plainLines,
  withoutCiCommands,
  wrap,
} from '../../src/reports/plain-text.ts'

test('terminal sequences go, other controls and marks that turn text around show', () => {
  expect(plainLine('\u001B[31mDROP\u001B[0m TABLE \u001B]8;;https://evil.example\u0007x\u001B]8;;\u0007')).toBe(
    'DROP TABLE x',
  )
  expect(plainLine('a\u0000b\u0085c\u202Ed\uD800')).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFD')
  expect(plainLine(' a\r\n\tb ')).toBe('a b')
  expect(plainLines('a\r\n  b\rc')).toBe('a\n  b\uFFFDc')
})

test('no line is a command for a CI server', () => {
  expect(withoutCiCommands('  ::error::x\na ##[group]b ##vso[x]y ##teamcity[z')).toBe(
    '  : :error::x\na ## [group]b ## vso[x]y ## teamcity[z',
  )
  expect(withoutCiCommands('SELECT 1::int; ## heading')).toBe('SELECT 1::int; ## heading')
})

test('width counts columns, not characters', () => {
  expect(displayWidth('drop')).toBe(4)
  expect(displayWidth('表🚢e\u0301')).toBe(5)
  expect(head('表を消す', 5)).toBe('表を')
  expect(cut('abcdef', 6)).toBe('abcdef')
  expect(cut('abcdefg', 6)).toBe('abc...')
})

test('wrapping keeps the words and the indentation, and no line is too wide', () => {
  expect(wrap('one two three', 8)).toEqual(['one two', 'three'])
  expect(wrap('one two three', 20, 5)).toEqual(['one', 'two three'])
  expect(wrap('  ALTER TABLE x', 10)).toEqual(['  ALTER', 'TABLE x'])
  expect(wrap('abcdefghij k', 4)).toEqual(['abcd', 'efgh', 'ij k'])
  fc.assert(
    fc.property(
      fc.oneof(fc.lorem(), fc.string({ unit: 'grapheme' })),
      fc.integer({ min: 2, max: 40 }),
      (raw, width) => {
        const text = plainLine(raw)
        const lines = wrap(text, width)
        expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width)
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
      },
    ),
  )
})
