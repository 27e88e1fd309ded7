import type { LocatedStatement, ServerError } from '../migrations/engine.ts'
import type { Script } from '../migrations/model.ts'
import { type Statement, parseSql, placeOf } from '../sql/parse.ts'
import { serverErrorOf } from './server-error.ts'
import type { Session } from './session.ts'

const LONGEST_EXCERPT = 400

export interface Located {
  readonly statement: LocatedStatement
  /** The parsed statement, for whoever asks what it was about. */
  readonly parsed: Statement
  readonly error: ServerError
}

/** The statements of a script with their text; null if the grammar cannot read it. */
export function statementsOf(script: Script): { parsed: Statement; text: string }[] | null {
  const result = parseSql(script.text)
  if (!result.ok) return null
  return result.statements.map((parsed) => ({ parsed, text: script.text.slice(parsed.start, parsed.end) }))
}

/**
 * A place in a script for a statement, with an excerpt: where the server pointed to (`offset` into the statement), else
 * where the statement begins. `index` counts from 1.
 */
export function locatedAt(
  script: Script,
  parsed: Statement,
  index: number,
  offset: number | null = null,
): LocatedStatement {
  const { line, column } = offset === null ? parsed : placeOf(script.text, parsed.start + offset)
  const text = script.text.slice(parsed.start, parsed.end)
  const excerpt = text.length > LONGEST_EXCERPT ? `${text.slice(0, LONGEST_EXCERPT)} …` : text
  return { index, line, column, text: excerpt }
}

/**
 * The second, instrumented run: sends the statements of a failed script one by one inside a transaction until one
 * fails; everything is rolled back. `before` are the scripts that share the tool's transaction and come first.
 * Null if none fails alone, or if the script cannot be parsed.
 */
export async function locate(session: Session, script: Script, before: readonly Script[]): Promise<Located | null> {
  const statements = statementsOf(script)
  if (statements === null) return null
  await session.send('ROLLBACK').catch(() => undefined)
  await session.send('BEGIN')
  try {
    for (const earlier of before) await session.send(earlier.text)
    for (const [index, { parsed, text }] of statements.entries()) {
      try {
        await session.send(text)
      } catch (error) {
        const said = serverErrorOf(error, text)
        return { statement: locatedAt(script, parsed, index + 1, said.offset), parsed, error: said }
      }
    }
    return await locateAtCommit(session, script, statements)
  } finally {
    await session.send('ROLLBACK').catch(() => undefined)
  }
}

/** A deferred constraint fails at COMMIT only: the last statement is named, since no other one is to blame more. */
async function locateAtCommit(
  session: Session,
  script: Script,
  statements: { parsed: Statement; text: string }[],
): Promise<Located | null> {
  const last = statements.at(-1)
  if (last === undefined) return null
  try {
    await session.send('SET CONSTRAINTS ALL IMMEDIATE')
    return null
  } catch (error) {
    return {
      statement: locatedAt(script, last.parsed, statements.length),
      parsed: last.parsed,
      error: serverErrorOf(error, ''),
    }
  }
}

/** A syntax error has no statement: the place that the server named, as one. */
export function placeOfSyntaxError(script: Script, error: ServerError): LocatedStatement | null {
  if (error.offset === null) return null
  const { line, column } = placeOf(script.text, error.offset)
  const endOfLine = script.text.indexOf('\n', error.offset)
  const text = script.text.slice(error.offset, endOfLine === -1 ? undefined : endOfLine).slice(0, LONGEST_EXCERPT)
  return { index: 1, line, column, text }
}
