import { SeaworthyError } from '../../gate/error.ts'
import type { SeededWorld } from '../../migrations/engine.ts'
import type { Migration } from '../../migrations/model.ts'
import { parseSql } from '../../sql/parse.ts'
import { type Token, tokensOf } from '../../sql/tokens.ts'
import type { PlainRun } from './plain-run.ts'
import type { TracedRun } from './traced-run.ts'

/** The statements that ran inside of others in a run. */
export interface NestedTexts {
  /** Null where nobody knows them. */
  readonly texts: readonly string[] | null
  /** Why, where there were more than can be kept; null also on a server that keeps none. */
  readonly tooMany: string | null
}

export const NO_TEXTS: NestedTexts = { texts: null, tooMany: null }

/** What ran inside of other statements in a world since it was last asked. */
export async function textsOf(world: SeededWorld): Promise<NestedTexts> {
  try {
    return { texts: await world.nestedTexts(), tooMany: null }
  } catch (error) {
    if (error instanceof SeaworthyError && error.code === 'limit') return { texts: null, tooMany: error.message }
    throw error
  }
}

/** How many statements are named; one is enough to refuse. */
const MOST_LINES = 5
const LONGEST_LINE = 160

/**
 * Statements that ran inside of others in the faithful run and not in the traced one, one line each: what nobody traced
 * may do harm that these rows do not show. What only the traced run did is in the trace. Without failures only: a run that
 * stopped did less. Of a file that is sent as one message, the server may keep all of it as the text of what ran inside of
 * one statement; the traced run sent its statements one by one, so such a text is compared statement by statement.
 */
export function onlyInFaithful(
  plain: Pick<PlainRun, 'texts' | 'failure' | 'before'>,
  traced: Pick<TracedRun, 'texts' | 'failure'>,
  pending: readonly Migration[],
): string[] {
  const [ran, told] = [plain.texts.texts, traced.texts.texts]
  if (ran === null || told === null || plain.failure !== null || traced.failure !== null) return []
  const names = new Set(plain.before.flatMap(({ object }) => object.split(/[^\p{L}\p{N}_$]+/u).map(withoutNumbers)))
  const shapeIn = (text: string): string => shapeOf(text, names)
  const known = new Set(told.map(shapeIn))
  const isKnown = (shape: string): boolean => known.has(shape)
  const suspects = ran.filter((text) => !isKnown(shapeIn(text)))
  if (suspects.length === 0) return []
  for (const text of [...told, ...pending.map(({ up }) => up.text)])
    for (const statement of statementsIn(text)) known.add(shapeIn(statement))
  const missing = new Set(suspects.flatMap((text) => piecesOf(text).map(shapeIn)).filter((shape) => !isKnown(shape)))
  return [...missing]
    .toSorted()
    .slice(0, MOST_LINES)
    .map((shape) => `only the faithful run ran ${shape.startsWith(UNREAD) ? UNREAD : shape.slice(0, LONGEST_LINE)}`)
}

/** As the grammar reads them: what stands in a body is a part of the statement that has it. */
function statementsIn(text: string): string[] {
  const parsed = parseSql(text)
  return parsed.ok ? parsed.statements.map(({ start, end }) => text.slice(start, end)) : []
}

/** Also of a text in which a mark for a constant stands where the grammar takes none; a body may go in pieces here. */
function piecesOf(text: string): readonly string[] {
  const parsed = statementsIn(text)
  const tokens = parsed.length > 0 ? null : tokensOf(text)
  if (tokens === null) return parsed.length > 0 ? parsed : [text]
  const ends = tokens.filter((token) => token.text === ';')
  const pieces = ends.map((end, at) => between(text, ends[at - 1], end))
  return [...pieces, between(text, ends.at(-1), undefined)].filter((piece) => piece.trim() !== '')
}

const between = (text: string, after: Token | undefined, before: Token | undefined): string =>
  text.slice(after?.end ?? 0, before?.start)

/** What stands in it may be a password. */
const UNREAD = 'a text that the grammar cannot read'
const CONSTANT = /^(?:[0-9$']|\.[0-9]|[ebxun]&?'|(?:true|false|null)$)/i
/** Numbers of sessions and transactions, times, digests: as names that are made up at run time have them. */
const AT_RANDOM = /[0-9a-f]*\d[0-9a-f]*/g
const withoutNumbers = (name: string): string => name.replaceAll(AT_RANDOM, '#')

/**
 * The tokens of a text with a mark for each constant, a list of constants counting as one, and for what may be at random
 * in a name, unless the database of before has one that is like it.
 */
function shapeOf(text: string, names: ReadonlySet<string>): string {
  const tokens = tokensOf(text)
  if (tokens === null) return `${UNREAD} ${text}`
  const found: string[] = []
  for (const { text: token } of tokens) {
    if (token === ';') continue
    if (CONSTANT.test(token)) {
      if (found.at(-1) === '-' || found.at(-1) === '+') found.pop()
      if (found.at(-1) === ',' && found.at(-2) === '?') found.pop()
      else found.push('?')
    } else {
      const bare = withoutNumbers(token.replaceAll('"', ''))
      found.push(names.has(bare) ? token : bare)
    }
  }
  return found.join(' ')
}
