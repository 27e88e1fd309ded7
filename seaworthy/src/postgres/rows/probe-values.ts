/** A value to be tried, as SQL text for its type; `label` is how it is told. */
export interface TriedValue {
  readonly label: string
  readonly text: string
}

const value = (text: string, label = text): TriedValue => ({ label, text })

const LONG = ` Long Text ${'of many words '.repeat(20)}`

const NUMBERS = [value('0'), value('-1')]
const TEXTS = [value('', 'an empty text'), value(LONG, 'a long text')]
const DATES = [value('0001-01-01'), value('9999-12-31')]

/** By pg_type.typname of the server's own types. */
const EDGES: Readonly<Record<string, readonly TriedValue[]>> = {
  int2: NUMBERS,
  int4: NUMBERS,
  int8: NUMBERS,
  numeric: NUMBERS,
  float4: NUMBERS,
  float8: NUMBERS,
  text: TEXTS,
  varchar: TEXTS,
  bpchar: TEXTS,
  date: DATES,
  timestamp: DATES,
  timestamptz: DATES,
  bool: [value('true'), value('false')],
  json: [value('{}')],
  jsonb: [value('{}')],
}

/** Values at the edges of a type, which rows at hand seldom have and a program may write. */
export const edgesOf = (typeName: string): readonly TriedValue[] => EDGES[typeName] ?? []

/** Values that no row has by chance, for keys. Of numbers the next one after the greatest is taken. */
const UNUSUAL: Readonly<Record<string, string>> = {
  text: 'tried by seaworthy',
  varchar: 'tried by seaworthy',
  bpchar: 'tried by seaworthy',
  uuid: '5ea30027-0000-4000-8000-5ea300270000',
  date: '7777-07-07',
  timestamp: '7777-07-07 07:07:07',
  timestamptz: '7777-07-07 07:07:07+00',
}

const COUNTED: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'numeric'])

export const unusualOf = (typeName: string): string | null => UNUSUAL[typeName] ?? null
export const isCounted = (typeName: string): boolean => COUNTED.has(typeName)
