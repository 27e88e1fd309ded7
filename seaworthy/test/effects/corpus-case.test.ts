import { describe, expect, test } from 'vitest'
import { casesIn, liveFiles, parseCase } from './corpus-case.ts'

describe('a case of the corpus', () => {
  test('is a header and one pending migration', () => {
    const one = parseCase(
      'drop',
      '-- harm: it is gone\n-- family: data-loss, compat\n-- names: users\n\nDROP TABLE users;\n',
      'harmful',
    )
    expect(one).toMatchObject({ why: 'it is gone', families: ['data-loss', 'compat'], names: 'users', verdict: 'fail' })
    expect([one.given, one.pending]).toEqual([[], ['DROP TABLE users;\n']])
  })

  test('is a header and several parts', () => {
    const text =
      '-- good: why not\n-- format: sqlx\n\n-- given:\nSELECT 1;\n-- pending:\nSELECT 2;\n-- pending:\n-- no-transaction\nSELECT 3;\n'
    const one = parseCase('parts', text, 'harmless')
    expect([one.given, one.pending]).toEqual([['SELECT 1;\n'], ['SELECT 2;\n', '-- no-transaction\nSELECT 3;\n']])
    expect(one.format).toBe('sqlx')
  })

  test.each([
    ['lacks "names"', '-- harm: x\n-- family: lock\n\nSELECT 1;'],
    ['not understood', '-- harm: x\n-- famly: lock\n-- names: x\n\nSELECT 1;'],
    ['lacks "because"', '-- harm: x\n-- family: lock\n-- names: x\n-- verdict: unproven\n\nSELECT 1;'],
    ['no format rails', '-- harm: x\n-- family: lock\n-- names: x\n-- format: rails\n\nSELECT 1;'],
  ])('is refused: %s', (message, text) => {
    expect(() => parseCase('bad', text, 'harmful')).toThrow(message)
  })

  test('each file of the corpus is understood and says something else', () => {
    const all = [...casesIn('harmful'), ...casesIn('harmless')]
    expect(liveFiles().length).toBeGreaterThan(4)
    expect(all.filter((one) => one.pending.join('').trim() === '')).toEqual([])
    const texts = all.map((one) => JSON.stringify([one.given, one.pending, one.format, one.profile, one.roles]))
    expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([])
  })
})
