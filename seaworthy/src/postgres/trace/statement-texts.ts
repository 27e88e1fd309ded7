import type { Client } from 'pg'
import { SeaworthyError } from '../../gate/error.ts'
import type { Place } from '../host.ts'
import { tokensOf } from '../../sql/tokens.ts'
import { TEXTS_KEPT } from '../scratch-server.ts'

const LONGEST_TEXT = 4_000
/** With more, the server may have forgotten some: when it is full, it throws a twentieth of them away. */
const MOST_TEXTS = Math.floor(TEXTS_KEPT * 0.9)

/** Texts of nested statements since the last look; then everything is forgotten. */
const TAKE_SQL = `
  SELECT (SELECT pg_catalog.count(*)::pg_catalog.int4 FROM pg_stat_statements(false)) AS kept, pg_catalog.array_agg(DISTINCT s.query ORDER BY s.query) AS texts,
      pg_stat_statements_reset()
    FROM (SELECT query FROM pg_stat_statements
           WHERE dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = $1) AND NOT toplevel
           LIMIT ${MOST_TEXTS + 1}) s`

/** What pg_stat_statements keeps of statements that ran inside of others. It is read from another database than the one it watches. */
export class StatementTexts {
  readonly #client: Client
  readonly #database: string
  /** Since `all` was asked. */
  #taken = new Set<string>()

  private constructor(client: Client, database: string) {
    this.#client = client
    this.#database = database
  }

  /** Null where the server of a place keeps none. */
  static async of(place: Place): Promise<StatementTexts | null> {
    const client = await place.watchStatements()
    return client === null ? null : await StatementTexts.open(client, place.database)
  }

  static async open(client: Client, database: string): Promise<StatementTexts> {
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public')
    await client.query('SET search_path = public; SET pg_stat_statements.track = none')
    return new StatementTexts(client, database)
  }

  /**
   * Whole texts since the last look, with constants as `$1` where the server parsed them just now, sorted.
   * @throws SeaworthyError('limit') if there are more than the server can be trusted to have kept.
   */
  async take(): Promise<readonly string[]> {
    const { rows } = await this.#client.query<{ kept: number; texts: string[] | null }>({
      name: 'seaworthy_take',
      text: TAKE_SQL,
      values: [this.#database],
    })
    const texts = rows[0]?.texts ?? []
    if ((rows[0]?.kept ?? 0) > MOST_TEXTS) {
      throw new SeaworthyError(
        'limit',
        `a migration runs more than ${MOST_TEXTS} different statements, too many to trace`,
      )
    }
    for (const text of texts) this.#taken.add(text)
    return texts
  }

  /** Everything since this was last asked, also what was taken in between. Throws as `take` does. */
  async all(): Promise<readonly string[]> {
    await this.take()
    const all = [...this.#taken]
    this.#taken = new Set()
    return all
  }

  async end(): Promise<void> {
    await this.#client.end().catch(() => undefined)
  }
}

/** As they stand in a trace. */
export const shown = (texts: readonly string[]): string[] => [
  ...new Set(texts.map((text) => (text.length <= LONGEST_TEXT ? text : withoutComments(text).slice(0, LONGEST_TEXT)))),
]

/** A comment may be as long as somebody likes, and the statement behind it is what counts. */
const withoutComments = (text: string): string =>
  tokensOf(text)
    ?.map((token) => token.text)
    .join(' ') ?? text
