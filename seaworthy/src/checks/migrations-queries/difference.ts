import type { QueryChange } from '../../observers/queries/kind.ts'

type Working = QueryChange['before']
type Column = Working['columns'][number]

/** How two answers of a query differ. */
export interface AnswerDifference {
  /** What the result does, in words; null if it is the same to every client. */
  readonly result: string | null
  /** Whether old programs read the result as before: it only gains columns, or a type only its length. */
  readonly isResultReadable: boolean
  /** What the parameters do, in words; null if every client may send what it sent. */
  readonly parameters: string | null
  /** Names of the columns that it is about. */
  readonly names: readonly string[]
}

/** A length or precision is no other type to a program, and neither is varchar for text. */
export const looseType = (type: string): string =>
  type
    .replace(/\(\d+(?:,-?\d+)?\)/, '')
    .replace(/^character varying/, 'text')
    .trim()

const isAlike = (a: Column | undefined, b: Column | undefined): boolean =>
  a !== undefined && b !== undefined && a.name === b.name && looseType(a.type) === looseType(b.type)

export function differenceOfAnswers(before: Working, after: Working): AnswerDifference {
  const { words, names } = resultWords(before.columns, after.columns)
  const known = new Set(before.columns.map((column) => column.name))
  const gained = after.columns.slice(before.columns.length)
  const isResultReadable =
    before.columns.length > 0 &&
    before.columns.every((column, index) => isAlike(column, after.columns[index])) &&
    gained.every((column) => !known.has(column.name))
  return {
    result: words.length === 0 ? null : words.join(', '),
    isResultReadable,
    parameters: parameterWords(before.parameters, after.parameters),
    names,
  }
}

function resultWords(
  before: readonly Column[],
  after: readonly Column[],
): { words: readonly string[]; names: readonly string[] } {
  const count = (columns: readonly Column[], name: string): number => columns.filter((one) => one.name === name).length
  const distinct = (columns: readonly Column[]): string[] => [...new Set(columns.map((one) => one.name))]
  const lost = distinct(before).filter((name) => count(after, name) < count(before, name))
  const gained = distinct(after).filter((name) => count(after, name) > count(before, name))
  const kept = before.filter((one) => count(before, one.name) === 1 && count(after, one.name) === 1)
  const typed = kept.flatMap((one) => {
    const now = after.find((other) => other.name === one.name)
    return now === undefined || now.type === one.type ? [] : [{ name: one.name, text: `${one.type} to ${now.type}` }]
  })
  const isMoved = positions(before, kept) !== positions(after, kept)
  const words = [
    ...(lost.length > 0 ? [`no longer returns ${lost.join(', ')}`] : []),
    ...(gained.length > 0 ? [`returns ${gained.join(', ')} as well`] : []),
    ...typed.map(({ name, text }) => `changes the type of ${name} from ${text}`),
    ...(isMoved ? ['returns its columns at other places'] : []),
  ]
  const isOtherwise = JSON.stringify(before) !== JSON.stringify(after)
  return {
    words: words.length === 0 && isOtherwise ? ['returns columns of other types'] : words,
    names: [...lost, ...typed.map((one) => one.name), ...gained],
  }
}

const positions = (columns: readonly Column[], kept: readonly Column[]): string =>
  JSON.stringify(kept.map((one) => columns.findIndex((other) => other.name === one.name)))

function parameterWords(before: readonly string[], after: readonly string[]): string | null {
  const changed = before.flatMap((type, index) => {
    const now = after[index]
    return now === undefined || looseType(type) === looseType(now) ? [] : [`$${index + 1} from ${type} to ${now}`]
  })
  if (before.length !== after.length) return `takes ${after.length} parameters instead of ${before.length}`
  return changed.length === 0 ? null : `changes the type of ${changed.join(', ')}`
}
