import { numberFrom } from './chance.ts'

/** The most characters of a long text: enough for any limit that a narrower type may set. */
const LONGEST_TEXT = 4_000
const LONG_TEXT = 300

/** The limit of varchar(n), char(n); null without one. Source: VARHDRSZ is in the modifier. */
const charactersOf = (typmod: number): number | null => (typmod < 4 ? null : typmod - 4)

/** Words that a column of such a name usually holds, so that conditions of real statements match some of them. */
const BY_NAME: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /e_?mail/i,
    ['ann@example.com', 'Bob.Smith@Example.org', 'info@example.net', 'zoë@example.com', 'ann+2@example.com'],
  ],
  [/url|uri|link|href|website/i, ['https://example.com/a?b=1', 'http://example.org', '/relative/path']],
  [/phone|mobile|fax/i, ['+41 44 668 18 00', '0446681800', '+15550100']],
  [
    /status|state|phase|stage/i,
    ['active', 'pending', 'inactive', 'deleted', 'archived', 'draft', 'published', 'failed', 'Active'],
  ],
  [/role|kind|type|level|plan|tier/i, ['user', 'admin', 'guest', 'default', 'basic', 'User']],
  [/country/i, ['CH', 'DE', 'US', 'ch']],
  [/currency/i, ['CHF', 'EUR', 'USD', 'eur']],
  [/locale|lang/i, ['en', 'de-CH', 'fr', 'EN']],
  [/time_?zone|\btz/i, ['UTC', 'Europe/Zurich', 'America/New_York']],
  [/slug|handle|username|login/i, ['a-slug', 'some_name', 'Some.Name', 'x1']],
]

function texts(name: string, limit: number | null): string[] {
  const long = 'long Text '.repeat(LONGEST_TEXT / 10).slice(0, Math.min(limit ?? LONG_TEXT, LONGEST_TEXT))
  const named = BY_NAME.filter(([pattern]) => pattern.test(name)).flatMap(([, words]) => words)
  const any = ['Alpha', long, 'mixed Case', '', ' leading', 'trailing ', 'naïve Ünïcode 漢字', '007', `it's a \\ and "`]
  return [...new Set([...named, ...any].map((text) => cut(text, limit)))]
}

const cut = (text: string, limit: number | null): string =>
  limit === null ? text : Array.from(text).slice(0, limit).join('')

/** Precision and scale of numeric(p, s); null without them. Source: numeric_typmod_precision in numeric.c. */
function numericLimits(typmod: number): { whole: number; scale: number } | null {
  if (typmod < 4) return null
  const [precision, scale] = [((typmod - 4) >> 16) & 0xffff, (((typmod - 4) & 0x7ff) ^ 1024) - 1024]
  return { whole: precision - scale, scale }
}

const DIGITS = '123456789012345678901234567890123456789'

function numerics(typmod: number): string[] {
  const limits = numericLimits(typmod)
  if (limits === null) return ['1', '0', '-2.5', '19.99', '100', '12345678901234567890.123456789', '-0.000000001', '50']
  const fraction = limits.scale > 0 ? `.${DIGITS.slice(0, Math.min(limits.scale, 30))}` : ''
  const widest = `${limits.whole > 0 ? DIGITS.slice(0, Math.min(limits.whole, 38)) : '0'}${fraction}`
  // A scale below zero rounds to tens; one above the precision leaves only small fractions. Zero is in all of them.
  if (limits.scale < 0 || limits.whole < 0) return ['0']
  const small = limits.whole > 0 ? [`1${fraction}`, `7`, `-1${fraction}`, '1'] : [`0${fraction}`]
  return [...new Set([...small, widest, '0', `-${widest}`, ...(limits.whole > 2 ? ['100', `19${fraction}`] : [])])]
}

const DATES = ['2020-02-29', '1970-01-01', '2038-01-19', '2001-09-09', '1900-01-01', '2999-12-31', '2024-06-15']
const TIMES = ['12:34:56.789012', '00:00:00', '03:14:08', '01:46:40', '08:00:00.5', '23:59:59.999999', '18:30:00']
const MOMENTS = DATES.map((date, index) => `${date} ${TIMES[index] ?? ''}`)

const bits = (typmod: number): string[] => {
  const length = typmod > 0 ? Math.min(typmod, 2_000) : 1
  return [...new Set(['0'.repeat(length), '1'.repeat(length), '10'.repeat(length).slice(0, length)])]
}

/** Values of the server's own types that exercise them, by the type's name, as text. */
const BY_TYPE: Readonly<Record<string, (typmod: number, name: string) => readonly string[]>> = {
  int2: () => ['1', '0', '2', '7', '-3', '100', '31999'],
  // Beyond smallint and what a real holds exactly, yet a hundredfold still fits: migrations multiply.
  int4: () => ['1', '0', '2', '42', '-3', '100', '16777217', '7', '70001'],
  int8: () => ['1', '0', '2', '42', '-3', '100', '9007199254740993', '5000000000', '16777217'],
  numeric: (typmod) => numerics(typmod),
  float4: () => ['1', '0', '-2.5', '0.1', '1234.5', '100', '1e+15'],
  float8: () => ['1', '0', '-2.5', '0.1', '16777217.125', '100', '123456789.12345679', '1e+15'],
  money: () => ['1.00', '0', '-2.50', '1234.56'],
  bool: () => ['true', 'false'],
  text: (_, name) => texts(name, null),
  varchar: (typmod, name) => texts(name, charactersOf(typmod)),
  bpchar: (typmod, name) => texts(name, charactersOf(typmod)),
  name: (_, name) => texts(name, 63),
  char: () => ['a', 'B', '1'],
  date: () => DATES,
  time: () => TIMES,
  timetz: () => TIMES.map((time) => `${time}+00`),
  timestamp: () => MOMENTS,
  timestamptz: () => MOMENTS.map((moment) => `${moment}+00`),
  interval: () => ['1 day', '00:00:00', '1 mon', '-2 days', '1 year 2 mons 3 days 04:05:06.789', '01:30:00'],
  json: () => ['{}', '{"a": 1, "b": [true, null], "c": "x"}', '[]', '[1, 2]', '{"name": "Ünï", "n": 1.50}'],
  jsonb: () => ['{}', '{"a": 1, "b": [true, null], "c": "x"}', '[]', '[1, 2]', '{"name": "Ünï", "n": 1.50}'],
  jsonpath: () => ['$', '$.a'],
  xml: () => ['<a/>', '<a b="1">text</a>'],
  bytea: () => ['\\x', '\\x00ff10', '\\xdeadbeef'],
  inet: () => ['10.0.0.1', '192.168.1.0/24', '::1', '2001:db8::1'],
  cidr: () => ['10.0.0.0/8', '192.168.1.0/24', '2001:db8::/32'],
  macaddr: () => ['08:00:2b:01:02:03', 'ff:ff:ff:ff:ff:ff'],
  macaddr8: () => ['08:00:2b:01:02:03:04:05'],
  bit: bits,
  varbit: bits,
  tsvector: () => ["'cat':1 'dog':2", '', "'unicode':3A"],
  tsquery: () => ["'cat' & 'dog'", "'cat'"],
  point: () => ['(1,2)', '(0,0)'],
  line: () => ['{1,2,3}'],
  lseg: () => ['[(0,0),(1,1)]'],
  box: () => ['(1,1),(0,0)'],
  path: () => ['[(0,0),(1,1)]', '((0,0),(1,1))'],
  polygon: () => ['((0,0),(1,1),(1,0))'],
  circle: () => ['<(0,0),1>'],
  // Zero is no object, and fails wherever one is read.
  oid: () => ['1', '2', '16384'],
  xid: () => ['1'],
  xid8: () => ['1'],
  pg_lsn: () => ['0/0', '16/B374D848'],
  txid_snapshot: () => ['1:1:'],
  pg_snapshot: () => ['1:1:'],
  citext: (_, name) => texts(name, null),
  hstore: () => ['"a"=>"1"', '', '"a"=>NULL, "B"=>"2"'],
  ltree: () => ['Top', 'Top.Science', 'a.b.c'],
  lquery: () => ['*.Science'],
  cube: () => ['(1, 2, 3)'],
  geometry: () => ['POINT(0 0)', 'POINT(8.55 47.37)'],
  geography: () => ['POINT(0 0)', 'POINT(8.55 47.37)'],
  vector: (typmod) => [`[${Array.from({ length: Math.max(typmod, 3) }, (_, index) => index + 1).join(',')}]`],
}

/** What is tried for a type that nobody told us of. */
const GUESSES = ['1', 'a', '', '{}', '()', '[]', '0,0', '(0,0)', '[1,2,3]']

/** Values to try for a base type, as text; `isKnown` says whether they are sure to be taken. */
export function scalarsOf(
  type: { readonly schema: string; readonly name: string },
  typmod: number,
  columnName: string,
): { readonly values: readonly string[]; readonly isKnown: boolean } {
  const known = BY_TYPE[type.name]
  // A build without libxml refuses xml.
  const isKnown = type.schema === 'pg_catalog' && type.name !== 'xml' && known !== undefined
  return { values: known?.(typmod, columnName) ?? GUESSES, isKnown }
}

const TEXTUAL: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'name', 'citext'])

/** A text that differs from those of other rows in more than case, and is no text of a later migration. */
function distinctText(columnName: string, limit: number | null, index: number): string {
  const room = limit ?? LONGEST_TEXT
  const number = index.toString(36)
  if (room < 4) return room === 1 ? number : `s${number}`.slice(0, room)
  if (room < 14) return `sw${number}`
  if (/e_?mail/i.test(columnName) && room >= 30) return `Seaworthy.${index}@Example.com`
  const word = `seaworthy-${number}`
  if (index === 5) return `${word} ${'x'.repeat(LONG_TEXT)}`.slice(0, room)
  return index === 3 ? word.toUpperCase() : index === 7 ? `${word}é`.slice(0, room) : word
}

const day = (index: number): string => new Date(Date.UTC(2001, 1, 3 + index * 1_000)).toISOString().slice(0, 10)
const hex = (index: number): string => index.toString(16).padStart(2, '0')

/** Values of which each row has another one, by the type's name. `base` is where integers begin. */
const DISTINCT: Readonly<Record<string, (index: number, typmod: number, base: number) => string>> = {
  int2: (index, _, base) => String(base + index),
  int4: (index, _, base) => String(base + index),
  int8: (index, _, base) => String(base + index),
  oid: (index, _, base) => String(base + index),
  numeric: (index, typmod, base) => {
    const limits = numericLimits(typmod)
    return limits === null || limits.whole > 5 ? String(base + index) : String(index)
  },
  float4: (index) => String(index + 0.5),
  float8: (index) => String(index + 0.5),
  money: (index) => String(index),
  date: day,
  timestamp: (index) => `${day(index)} 12:34:56.789`,
  timestamptz: (index) => `${day(index)} 12:34:56.789+00`,
  time: (index) => `${String(index % 24).padStart(2, '0')}:30:00`,
  interval: (index) => `${index} days`,
  bytea: (index) => `\\x5ea0${hex(index)}`,
  inet: (index) => `10.1.2.${index % 256}`,
  cidr: (index) => `10.1.${index % 256}.0/24`,
  macaddr: (index) => `08:00:2b:01:02:${hex(index % 256)}`,
  jsonb: (index) => `{"seaworthy": ${index}}`,
  bit: (index, typmod) => index.toString(2).padStart(Math.max(typmod, 1), '0').slice(-Math.max(typmod, 1)),
  varbit: (index) => index.toString(2),
  ltree: (index) => `seaworthy.n${index}`,
}

/** A value for row `index` that no other row has; null where the type has too few. */
export function distinctScalar(
  type: { readonly name: string },
  typmod: number,
  column: { readonly name: string; readonly salt: string; readonly base: number },
  index: number,
): string | null {
  if (TEXTUAL.has(type.name)) {
    const limit =
      type.name === 'name' ? 63 : type.name === 'text' || type.name === 'citext' ? null : charactersOf(typmod)
    return distinctText(column.name, limit, index)
  }
  if (type.name === 'uuid') return uuidFrom(column.salt, index)
  return DISTINCT[type.name]?.(index, typmod, column.base) ?? null
}

/** A random-looking uuid of version 4 that is always the same. */
export function uuidFrom(salt: string, index: number): string {
  const [a, b, c, d] = [1, 2, 3, 4].map((part) => numberFrom(salt, index, part).toString(16).padStart(8, '0'))
  return `${a}-${b?.slice(0, 4)}-4${b?.slice(5)}-8${c?.slice(1, 4)}-${c?.slice(4)}${d}`
}
