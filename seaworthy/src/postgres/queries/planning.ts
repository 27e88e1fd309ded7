import type { Client, Connection, FieldDef, Submittable } from 'pg'

/** What the server tells of a statement that it has prepared. Types by OID. */
export interface Described {
  readonly parameters: readonly number[]
  readonly columns: readonly Pick<FieldDef, 'name' | 'dataTypeID' | 'dataTypeModifier'>[]
  /** The statement as the server read it, in the notation of its nodes; null if it did not tell. */
  readonly tree: string | null
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

interface Told {
  readonly message?: string
  readonly detail?: string
}

/** Notices of every level come, trees unbroken by indents. */
export const TREES_COME = 'SET client_min_messages = log; SET debug_pretty_print = off'
/** The title under which the server sends the tree of a statement; it is not translated. */
const TREE_TITLE = 'parse tree:'

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
  #tree: string | null = null

  constructor(text: string, explain: string, settle: Settle) {
    this.#text = text
    this.#explain = explain
    this.#settle = settle
  }

  submit(connection: Connection): void {
    this.#connection = connection
    connection.on('parameterDescription', this.#onParameters)
    connection.on('notice', this.#onNotice)
    connection.stream.cork()
    send(connection, 'ROLLBACK')
    connection.close({ type: 'S', name: NAME }, true)
    send(connection, 'BEGIN READ ONLY')
    send(connection, 'SET LOCAL debug_print_parse = on')
    connection.parse({ name: NAME, text: this.#text, types: [] }, true)
    connection.describe({ type: 'S', name: NAME }, true)
    send(connection, 'SET LOCAL debug_print_parse = off')
    send(connection, this.#explain)
    send(connection, 'ROLLBACK')
    connection.sync()
    connection.stream.uncork()
  }

  readonly #onParameters = ({ dataTypeIDs }: ParameterDescription): void => {
    this.#parameters = [...dataTypeIDs]
  }

  /** The first tree is that of the query: nothing else is read between the switch and it. */
  readonly #onNotice = ({ message, detail }: Told): void => {
    if (message === TREE_TITLE) this.#tree ??= detail ?? null
  }

  cut(): void {
    this.#connection?.stream.destroy()
  }

  #end(): void {
    this.#connection?.off('parameterDescription', this.#onParameters)
    this.#connection?.off('notice', this.#onNotice)
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
    this.#settle.resolve({ parameters: this.#parameters, columns: this.#columns, tree: this.#tree })
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
