import type { Client, ClientConfig } from 'pg'

export interface ConnectOptions {
  /** How long to wait for the server, in milliseconds; 10 s by default. */
  readonly connectTimeoutMs?: number
  readonly password?: string
  /** Server settings of the session; `RESET ALL` and `DISCARD ALL` come back to them. Names and values without spaces. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Types that `pg` turns into objects with a time zone or a precision of their own, by OID (pg_type.dat). */
const KEPT_AS_TEXT: ReadonlySet<number> = new Set([
  600,
  718, // point, circle
  1082,
  1083,
  1114,
  1184,
  1186,
  1266, // date, time, timestamp, timestamptz, interval, timetz
  1115,
  1182,
  1183,
  1185,
  1187,
  1270, // arrays of them
])

/**
 * Connects as a role to a database. A `URL` keeps its own host, port and parameters. Dates, times and intervals come
 * back as PostgreSQL's text; int8 and numeric are text as well; booleans, small numbers, JSON and arrays are JavaScript's.
 * A lost connection rejects the next query and never stops the process. The caller ends the client.
 * @throws what `pg` throws: an error with an SQLSTATE in `code`, or a system error.
 */
export async function connect(
  server: { readonly socketDir: string; readonly port: number } | URL,
  role: string,
  database: string,
  options: ConnectOptions = {},
): Promise<Client> {
  const { default: pg } = await import('pg')
  const place: ClientConfig =
    server instanceof URL ? { connectionString: urlFor(server, role, database, options) } : localPlace(server, options)
  const client = new pg.Client({
    ...place,
    ...(server instanceof URL ? {} : { user: role, database }),
    application_name: 'seaworthy',
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    types: {
      getTypeParser: (oid, format) =>
        KEPT_AS_TEXT.has(oid) ? (value: string) => value : pg.types.getTypeParser(oid, format),
    },
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
  return client
}

/** `pg` falls back to the user's PG… variables wherever a value is missing or empty, so none is. */
function localPlace(
  server: { readonly socketDir: string; readonly port: number },
  options: ConnectOptions,
): ClientConfig {
  return {
    host: server.socketDir,
    port: server.port,
    password: 'none',
    ssl: false,
    client_encoding: 'UTF8',
    options: `-c client_encoding=UTF8 ${startOptions(options)}`,
  }
}

const startOptions = ({ settings = {} }: ConnectOptions): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')

/** Who a URL logs in as: `?user=` wins over its user part, as it does for the client. */
export const loginOf = (url: URL): string => url.searchParams.get('user') ?? decodeURIComponent(url.username)

/** Values in a connection string win over those beside it, and its parameters over its user part (which a URL without a host cannot have). */
function urlFor(server: URL, role: string, database: string, options: ConnectOptions): string {
  const url = new URL(server)
  url.searchParams.set('user', role)
  if (options.password !== undefined) url.searchParams.set('password', options.password)
  url.searchParams.set('application_name', 'seaworthy')
  if (options.settings !== undefined) {
    url.searchParams.set('options', `${url.searchParams.get('options') ?? ''} ${startOptions(options)}`.trim())
  }
  url.pathname = `/${encodeURIComponent(database)}`
  return url.href
}
