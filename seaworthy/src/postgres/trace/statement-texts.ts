import type { Client } from 'pg'
import { SeaworthyError } from '../../gate/error.ts'

const LONGEST_TEXT = 400
/** Half of what the server keeps: with more, it may have forgotten some. */
const MOST_TEXTS = 5_000

/** Texts of nested statements since the last look; then everything is forgotten. */
const TAKE_SQL = `
  SELECT pg_catalog.array_agg(DISTINCT s.query ORDER BY s.query) AS texts, pg_stat_statements_reset()
    FROM (SELECT query FROM pg_stat_statements
           WHERE dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = $1) AND NOT toplevel
           LIMIT ${MOST_TEXTS + 1}) s`

/** What pg_stat_statements keeps of statements that ran inside of others. It is read from another database than the one it watches. */
export class StatementTexts {
  readonly #client: Client
  readonly #database: string

  private constructor(client: Client, database: string) {
    this.#client = client
    this.#database = database
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
    const { rows } = await this.#client.query<{ texts: string[] | null }>({
      name: 'seaworthy_take',
      text: TAKE_SQL,
      values: [this.#database],
    })
    const texts = rows[0]?.texts ?? []
    if (texts.length > MOST_TEXTS) {
      throw new SeaworthyError('limit', `a migration runs more than ${MOST_TEXTS} nested statements, too many to trace`)
    }
    return texts
  }

  async end(): Promise<void> {
    await this.#client.end().catch(() => undefined)
  }
}

/** As they stand in a trace. */
export const shown = (texts: readonly string[]): string[] => [
  ...new Set(texts.map((text) => text.slice(0, LONGEST_TEXT))),
]
