import type { Client } from 'pg'

const MARK = '/* seaworthy */'

/**
 * A statement of ours with a mark behind its first word, where pg_stat_statements keeps it: the server cuts off what stands
 * before a statement (PostgreSQL 18) and keeps comments inside of it.
 */
export function marked(sql: string): string {
  const text = sql.trimStart()
  const end = firstWordEnd(text)
  return end === 0 ? sql : `${text.slice(0, end)} ${MARK}${text.slice(end)}`
}

/** Whether a statement, as pg_stat_statements has it, was sent by us. A mark anywhere else is a text of somebody else. */
export function isMarked(statement: string): boolean {
  const text = statement.trimStart()
  return text.slice(firstWordEnd(text)).startsWith(` ${MARK}`)
}

/** From now on every statement of this connection is marked. */
export function markAll(client: Client): void {
  const send = client.query.bind(client)
  const query = (first: unknown, ...rest: unknown[]): unknown =>
    Reflect.apply(send, client, [markedConfig(first), ...rest])
  Reflect.set(client, 'query', query)
}

function markedConfig(first: unknown): unknown {
  if (typeof first === 'string') return marked(first)
  if (typeof first !== 'object' || first === null || !('text' in first) || typeof first.text !== 'string') return first
  return { ...first, text: marked(first.text) }
}

function firstWordEnd(text: string): number {
  let end = 0
  while (end < text.length && isLetter(text.charCodeAt(end))) end += 1
  return end
}

const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
