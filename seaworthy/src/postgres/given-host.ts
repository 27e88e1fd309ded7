import { randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import { SeaworthyError } from '../gate/error.ts'
import { Redactor, secretOfUrl } from '../gate/redaction.ts'
import type { RehearsalRequest } from '../migrations/engine.ts'
import { connect, loginOf } from './connect.ts'
import { type Leftovers, type Territory, dropAll, findMade, startCleaner } from './given-cleaner.ts'
import type { Host, Place } from './host.ts'
import { postgresUrl } from './server-url.ts'
import { quotedName, quotedText } from '../sql/identifier.ts'

const LONGEST_NAME = 63

interface Login {
  readonly name: string
  readonly database: string
  readonly version: string
  readonly major: number
  readonly isSuperuser: boolean
  readonly canCreateDatabases: boolean
  readonly canCreateRoles: boolean
}

/** A login, and the roles that were there when it came. */
type Visitor = Login & { readonly knownRoles: readonly string[] }

const LOGIN_SQL = `
  SELECT r.rolname AS name, current_database() AS database, current_setting('server_version') AS version,
         current_setting('server_version_num')::int / 10000 AS major, r.rolsuper AS "isSuperuser",
         r.rolsuper OR r.rolcreatedb AS "canCreateDatabases", r.rolsuper OR r.rolcreaterole AS "canCreateRoles"
    FROM pg_roles r WHERE r.rolname = current_user`

/**
 * A server that the user gave. Works in databases and, where the login may make them, roles of its own with a random
 * name, and takes all of them away again: also when this process is killed, by a cleaner that outlives it.
 * Throws SeaworthyError('scratch-server') if it cannot be reached or the login may not create databases.
 */
export async function openGivenHost(serverUrl: string, request: RehearsalRequest): Promise<Host> {
  const url = parsedUrl(serverUrl)
  const redactor = new Redactor([secretOfUrl(serverUrl)])
  const admin = await reach(url, redactor)
  const { rows } = await admin.query<Login>(LOGIN_SQL)
  const login = rows[0]
  if (login === undefined || !login.canCreateDatabases) {
    await admin.end()
    throw new SeaworthyError('scratch-server', `the login of --server may not create databases on ${url.host}`, {
      hint: 'ALTER ROLE … CREATEDB, or give another login, or leave --server out.',
    })
  }
  const { rows: roles } = await admin.query<{ name: string }>('SELECT rolname AS name FROM pg_catalog.pg_roles')
  return new GivenHost(url, admin, { ...login, knownRoles: roles.map((role) => role.name) }, request).host()
}

function parsedUrl(serverUrl: string): URL {
  const url = postgresUrl(serverUrl)
  if (url !== null) return url
  // The text itself may hold a password and is not repeated.
  throw new SeaworthyError('usage', '--server is not a URL of the form postgresql://host:port/database?user=…', {
    hint: 'Keep the password out of it: PGPASSWORD, or SEAWORTHY_SERVER_URL in the environment.',
  })
}

async function reach(url: URL, redactor: Redactor): Promise<Client> {
  try {
    return await connect(url, loginOf(url), databaseOf(url))
  } catch (error) {
    const said = redactor.text(error instanceof Error ? error.message : String(error))
    throw new SeaworthyError('scratch-server', `the server ${url.host} could not be used: ${said}`, {
      hint: 'Look at host, port, user and password of --server; without it a scratch server of our own is used.',
    })
  }
}

const databaseOf = (url: URL): string => decodeURIComponent(url.pathname.slice(1)) || 'postgres'

class GivenHost {
  readonly #url: URL
  readonly #admin: Client
  readonly #login: Visitor
  readonly #request: RehearsalRequest
  readonly #prefix = `seaworthy_${randomBytes(6).toString('hex')}`
  readonly #password = randomBytes(24).toString('base64url')
  readonly #territory: Territory
  readonly #leftovers: Leftovers
  readonly #ownRoles = new Set<string>()
  /** What migrations made that a frozen state needs. */
  readonly #kept = new Set<string>()
  #made = 0
  #open = 0

  constructor(url: URL, admin: Client, login: Visitor, request: RehearsalRequest) {
    this.#url = url
    this.#admin = admin
    this.#login = login
    this.#request = request
    this.#territory = { prefix: `${this.#prefix}_`, knownRoles: login.knownRoles }
    this.#leftovers = startCleaner(url.href, this.#territory)
  }

  host(): Host {
    const login = this.#login
    return {
      server: {
        engine: 'postgres',
        version: login.version,
        major: login.major,
        origin: 'given',
        place: this.#url.host,
      },
      limits: this.#limits(),
      hasOwnRoles: login.canCreateRoles,
      loginSql: `PASSWORD ${quotedText(this.#password)}`,
      roleName: (name) => (login.canCreateRoles ? `${this.#prefix}_${name}`.slice(0, LONGEST_NAME) : login.name),
      fresh: async () => await this.#newPlace(null),
      find: () => Promise.resolve(null),
      [Symbol.asyncDispose]: async () => {
        await this.#leftovers.cleanUp(this.#admin)
        await this.#admin.end().catch(() => undefined)
      },
    }
  }

  #limits(): string[] {
    const { canCreateRoles, isSuperuser, name } = this.#login
    const limits: string[] = []
    if (!canCreateRoles) {
      limits.push(
        `the login of --server may not create roles, so the migrations ran as ${name} itself and ownership is not proved`,
      )
    }
    if (!canCreateRoles && isSuperuser) limits.push(`${name} is a superuser, to whom nothing is forbidden`)
    const { major, roles } = this.#request
    if (canCreateRoles && this.#login.major < 16 && roles.attributes.includes('createrole')) {
      limits.push(
        `CREATEROLE is power over every role of PostgreSQL ${this.#login.major}: on a server of others ${roles.deployRole} goes without it`,
      )
    }
    if (major !== null && major !== this.#login.major) {
      limits.push(`--pg ${major} was asked for, and the given server is PostgreSQL ${this.#login.version}`)
    }
    return limits
  }

  async #newPlace(template: string | null): Promise<Place> {
    this.#made += 1
    const database = `${this.#prefix}_${this.#made}`
    this.#leftovers.expect('database', database)
    const from = template === null ? 'TEMPLATE template0' : `TEMPLATE ${quotedName(template)}`
    await this.#admin.query(`CREATE DATABASE ${quotedName(database)} ${from}`)
    if (template !== null) await this.#takeOver(template, database)
    const admin = await connect(this.#url, this.#login.name, database)
    const sessions: Client[] = [admin]
    this.#open += 1
    const { lockTimeoutMs, statementTimeoutMs } = this.#request
    const settings = { lock_timeout: String(lockTimeoutMs), statement_timeout: String(statementTimeoutMs) }
    return {
      database,
      admin,
      isShared: true,
      connectAs: async (role) => {
        const own = role === this.#login.name ? {} : { password: this.#password }
        const client = await connect(this.#url, role, database, { ...own, settings })
        sessions.push(client)
        return client
      },
      expectRole: (role) => {
        this.#ownRoles.add(role)
        this.#leftovers.expect('role', role)
      },
      isOwnRole: (role) => this.#ownRoles.has(role),
      expectDatabase: (name) => this.#leftovers.expect('database', name),
      // Its statistics are of everybody's statements, and reset by nobody but its owner.
      watchStatements: async () => await Promise.resolve(null),
      // A database without sessions is a template for the next one.
      freeze: async (_key, note) => {
        await Promise.all(sessions.map(async (session) => await session.end().catch(() => undefined)))
        this.#open -= 1
        for (const { name } of await findMade(this.#admin, this.#territory)) this.#kept.add(name)
        return { note, thaw: async () => await this.#newPlace(database) }
      },
      [Symbol.asyncDispose]: async () => {
        await Promise.all(sessions.map(async (session) => await session.end().catch(() => undefined)))
        await this.#admin.query(`DROP DATABASE IF EXISTS ${quotedName(database)} WITH (FORCE)`)
        this.#open -= 1
        await this.#sweep()
      },
    }
  }

  /** Takes away what a run made on the server itself, so that the next one finds what this one found. */
  async #sweep(): Promise<void> {
    if (this.#open > 0) return
    const made = await findMade(this.#admin, this.#territory)
    await dropAll(
      this.#admin,
      made.filter(({ name }) => !this.#kept.has(name)),
    )
  }

  /** What belongs to a database and is not copied from its template: its owner and its settings. */
  async #takeOver(template: string, database: string): Promise<void> {
    const target = quotedName(database)
    const { rows } = await this.#admin.query<{ owner: string; settings: string[] }>(NOT_COPIED_SQL, [template])
    for (const setting of rows[0]?.settings ?? []) {
      const name = setting.slice(0, setting.indexOf('='))
      await this.#admin.query('SELECT set_config($1, $2, false)', [name, setting.slice(name.length + 1)])
      await this.#admin.query(`ALTER DATABASE ${target} SET ${quotedName(name)} FROM CURRENT`)
      await this.#admin.query(`RESET ${quotedName(name)}`)
    }
    if (rows[0] !== undefined) await this.#admin.query(`ALTER DATABASE ${target} OWNER TO ${quotedName(rows[0].owner)}`)
  }
}

const NOT_COPIED_SQL = `
  SELECT pg_get_userbyid(d.datdba) AS owner,
         coalesce((SELECT s.setconfig FROM pg_db_role_setting s WHERE s.setdatabase = d.oid AND s.setrole = 0), '{}') AS settings
    FROM pg_database d WHERE d.datname = $1`
