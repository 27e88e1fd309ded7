import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checksumsOf, withOtherEndings } from '../../src/migrations/checksums.ts'
import { FORMATS } from '../../src/migrations/formats.ts'
import { compareNumbers } from '../../src/migrations/naming.ts'
import { topLevelKeys } from '../../src/migrations/toml-lines.ts'

const version = fc.oneof(
  fc.bigInt({ min: 0n, max: 9_999_999_999_999_999_999n }).map(String),
  fc.integer({ min: 0, max: 200 }).map((number) => String(number).padStart(4, '0')),
  fc.string({ maxLength: 5 }),
)

describe.each(FORMATS)('$name', (format) => {
  test('the order of versions is total', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const { compareVersions: compare } = format
        expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0)
        expect(compare(a, a)).toBe(0)
        const [low = '', middle = '', high = ''] = [a, b, c].toSorted(compare)
        expect([compare(low, middle), compare(middle, high), compare(low, high)].every((one) => one <= 0)).toBe(true)
      }),
    )
  })
})

test('numbers are ordered as numbers, whatever their width and size', () => {
  const big = fc.bigInt({ min: 0n, max: 10n ** 30n })
  fc.assert(
    fc.property(big, big, fc.nat(5), fc.nat(5), (a, b, padA, padB) => {
      const compared = compareNumbers('0'.repeat(padA) + String(a), '0'.repeat(padB) + String(b))
      expect(Math.sign(compared)).toBe(a < b ? -1 : a > b ? 1 : 0)
    }),
  )
  expect(['10', '9', '0008', '100'].toSorted(compareNumbers)).toEqual(['0008', '9', '10', '100'])
})

describe('checksums', () => {
  test('are those of the published test values', () => {
    // SHA-256("hello") as prisma-engines' own test has it; SHA-384("abc") as FIPS 180-2 has it.
    expect(checksumsOf('hello', 'sha256').checksum).toBe(
      '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    )
    expect(checksumsOf('abc', 'sha384').checksum).toBe(
      'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    )
  })

  test('the second one is the first one of the text with the other line endings', () => {
    const text = fc.array(fc.constantFrom('a', 'ü', '\n', '\r\n', ' ')).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (content) => {
        const { checksumOtherEndings } = checksumsOf(content, 'sha256')
        const other = withOtherEndings(content)
        expect(checksumOtherEndings).toBe(content.includes('\n') ? checksumsOf(other, 'sha256').checksum : null)
        expect(other.replaceAll('\r\n', '\n')).toBe(content.replaceAll('\r\n', '\n'))
        expect(other === content).toBe(!content.includes('\n'))
      }),
    )
  })
})

describe('the simple TOML that tools write', () => {
  test.each([
    ['run_in_transaction = false', { run_in_transaction: 'false' }],
    ['# c\r\n\r\nrun_in_transaction=true # why\r\n', { run_in_transaction: 'true' }],
    ['provider = "postgresql"\n[table]\nprovider = "x"', { provider: '"postgresql"' }],
    ['"run_in_transaction" = false', { run_in_transaction: 'false' }],
    ['', {}],
  ])('%j', (text, expected) => {
    expect(Object.fromEntries(topLevelKeys(text) ?? [])).toEqual(expected)
  })

  test.each(['run_in_transaction: false', 'a = 1\na = 2', 'a =', '= 1', 'a = """\nx\n"""', 'a = "unclosed'])(
    '%j is not understood',
    (text) => {
      expect(topLevelKeys(text)).toBeNull()
    },
  )
})
