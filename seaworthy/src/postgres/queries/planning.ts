import type { Client, Connection, FieldDef, Submittable } from 'pg'

/** What the server tells of a statement that it has prepared. Types by OID. */
export interface Described {
  readonly parameters: readonly number[]
  readonly columns: readonly Pick<FieldDef, 'name' | 'dataTypeID' | 'dataTypeModifier'>[]
}

/** The name under which a query is prepared; there is only one at a time. */
const NAME = 'seaworthy_query'

interface Settle {
  readonly resolve: (described: Described) => void
  readonly reject: (error: unknown) => void
}

interface ParameterDescription {
  readonly dataTypeIDs: readonly number[]
}

/**
 * One query in one round trip: its predecessor is closed, then within a read-only transaction it is parsed, described
 * and planned by EXPLAIN, and never run. Whatever a function did that was called while planning is rolled back.
 */
class Planning implements Submittable {
  readonly #text: string
  readonly #explain: string
  readonly #settle: Settle
  #connection: Connection | null = null
  #parameters: readonly number[] = []
  #columns: Described['columns'] = []

  constructor(text: string, explain: string, settle: Settle) {
    this.#text = text
    this.#explain = explain
    this.#settle = settle
  }

  submit(connection: Connection): void {
    this.#connection = connection
    connection.on('parameterDescription', this.#onParameters)
    connection.stream.cork()
    send(connection, 'ROLLBACK')
    connection.close({ type: 'S', name: NAME }, true)
    send(connection, 'BEGIN READ ONLY')
    connection.parse({ name: NAME, text: this.#text, types: [] }, true)
    connection.describe({ type: 'S', name: NAME }, true)
    send(connection, this.#explain)
    send(connection, 'ROLLBACK')
    connection.sync()
    connection.stream.uncork()
  }

  readonly #onParameters = ({ dataTypeIDs }: ParameterDescription): void => {
    this.#parameters = [...dataTypeIDs]
  }

  cut(): void {
    this.#connection?.stream.destroy()
  }

  #end(): void {
    this.#connection?.off('parameterDescription', this.#onParameters)
  }

  /** Only the query is described, so the description is the query's. */
  handleRowDescription({ fields }: { readonly fields: FieldDef[] }): void {
    this.#columns = fields.map(({ name, dataTypeID, dataTypeModifier }) => ({ name, dataTypeID, dataTypeModifier }))
  }

  handleError(error: unknown): void {
    this.#end()
    this.#settle.reject(error)
  }

  handleReadyForQuery(): void {
    this.#end()
    this.#settle.resolve({ parameters: this.#parameters, columns: this.#columns })
  }

  // The plan itself is of no interest: that there is one is the answer.
  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
}

function send(connection: Connection, text: string): void {
  connection.parse({ name: '', text, types: [] }, true)
  connection.bind({ portal: '', statement: '', values: [] }, true)
  connection.execute({ portal: '' }, true)
}

/** EXPLAIN of the prepared query with NULL for every parameter: a generic plan looks at none of them. */
export const explainPrepared = (parameters: number): string =>
  `EXPLAIN (COSTS OFF) EXECUTE ${NAME}${parameters === 0 ? '' : `(${Array.from({ length: parameters }, () => 'NULL').join(', ')})`}`

/**
 * Prepares, describes and plans a query on a connection of its own. Rejects with the driver's error. After the time limit
 * the connection is cut: what is called while planning may switch the server's own limit off.
 */
export async function planOne(client: Client, text: string, explain: string, limitMs: number): Promise<Described> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<Described>((resolve, reject) => {
      const planning = new Planning(text, explain, { resolve, reject })
      timer = setTimeout(() => {
        planning.cut()
        reject(new Error(`no plan from the server after ${limitMs} ms`))
      }, limitMs)
      client.query(planning)
    })
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The same where a parameter's type takes no NULL; from PostgreSQL 16 on. The server has just taken the text for one
 * statement, so that it is one here as well.
 */
export async function planGeneric(client: Client, text: string, limitMs: number): Promise<Described> {
  const described = await planOne(client, text, 'SELECT 1', limitMs)
  await client.query('BEGIN READ ONLY')
  await client.query(`EXPLAIN (GENERIC_PLAN, COSTS OFF) ${text}`)
  await client.query('ROLLBACK')
  return described
}
