import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CsvField, parseCsv } from '../../../src/observers/ledger/csv.ts'

/** As COPY … WITH (FORMAT csv) writes: NULL is empty, an empty string is "", quotes are doubled. */
const written = (field: CsvField): string =>
  field === null ? '' : field === '' || /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field

const field = fc.oneof(
  fc.constant(null),
  fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\r\n', 'ü', '\\', ' ') }),
)

test('reads back whatever COPY writes, with either line ending and with or without the last one', () => {
  const table = fc
    .integer({ min: 2, max: 5 })
    .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }))
  fc.assert(
    fc.property(table, fc.constantFrom('\n', '\r\n'), fc.boolean(), (rows, ending, isEnded) => {
      const text = rows.map((row) => row.map(written).join(',')).join(ending) + (isEnded ? ending : '')
      expect(parseCsv(text)).toEqual(rows)
    }),
  )
})

test('one column: an empty line is a NULL', () => {
  expect(parseCsv('a\n\n""\n')).toEqual([['a'], [null], ['']])
  expect(parseCsv('')).toEqual([])
})

test.each([
  ['a quote that is never closed', 'a,b\n"x,y\n', /line 2 .* never closed/],
  ['a quote in the middle', 'a,b\nx"y,z\n', /line 2 .* middle of a field/],
  ['text behind a closing quote', 'a,b\n"x"y,z\n', /line 2 .* behind a closing quote/],
  ['too few fields', 'a,b\nx\n', /line 2 .* 1 fields, and the first line has 2/],
  ['too many fields', 'a,b\n"l\nm",2\nx,y,z\n', /line 4 .* 3 fields/],
])('refused, with the line: %s', (_name, text, message) => {
  expect(() => parseCsv(text)).toThrow(
    expect.objectContaining({ code: 'unreadable', message: expect.stringMatching(message) }),
  )
})
