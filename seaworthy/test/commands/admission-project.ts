import { execFileSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Client } from 'pg'
import { admit, type AdmitReport, type AdmitRequest } from '../../src/commands/admit/admit.ts'
import { readStatement } from '../../src/evidence/statement.ts'
import { canonicalJson } from '../../src/gate/canonical.ts'
import { IN_TOTO, openEnvelope, sealEnvelope } from '../../src/gate/certificate/dsse.ts'
import type { Release, Statement } from '../../src/gate/certificate/statement.ts'
import { type CatalogueServer, startCatalogueServer } from '../postgres/catalogue-server.ts'
import { Project, type Ran, seaworthy } from './cli.ts'

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, handle text);\n'

const PRODUCTION = `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO app', current_database()); END $$;
  SET ROLE app; ${USERS} CREATE TABLE applied (version text PRIMARY KEY, name text);
  INSERT INTO applied VALUES ('001', 'users'); INSERT INTO users VALUES (1, 'ada'); RESET ROLE; ANALYZE`

/** A project with a release for a production that is there, in git, judged for a deploy and signed. */
export class AdmissionProject implements AsyncDisposable {
  readonly project: Project
  readonly production: Client
  /** Of production, with what must never be told in it. */
  readonly url: string
  readonly #server: CatalogueServer
  readonly #key: KeyObject

  private constructor(project: Project, server: CatalogueServer, production: Client, database: string) {
    this.project = project
    this.production = production
    this.#server = server
    this.url = this.urlOf(database)
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    this.#key = privateKey
    mkdirSync(project.at('out'))
    writeFileSync(project.at('out/k'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    writeFileSync(project.at('out/k.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  }

  static async make(): Promise<AdmissionProject> {
    const server = await startCatalogueServer(null)
    const production = await server.database()
    await production.query(`CREATE ROLE app LOGIN; ${PRODUCTION}`)
    const project = new Project({
      'migrations/001_users.sql': USERS,
      'migrations/002_handles.sql': 'ALTER TABLE users ADD CONSTRAINT users_handle_key UNIQUE (handle);\n',
      'seaworthy.config.ts': `export default { migrations: [{ dir: 'migrations', ledgerTable: 'public.applied' }] }\n`,
      '.gitignore': 'out/\n',
    })
    const made = new AdmissionProject(project, server, production, await nameOf(production))
    made.git('init', '-q', '-b', 'main')
    made.commit()
    await made.#judge()
    return made
  }

  /** The URL of a database of production's server. */
  urlOf(database: string): string {
    const { superuser, socketDir, port } = this.#server.server
    const host = encodeURIComponent(socketDir)
    return `postgresql://${superuser}:canary-hunter2@${host}:${port}/${database}?password=canary-query`
  }

  /** The URL of another database with the same content. */
  async staging(): Promise<string> {
    const copy = await this.#server.database()
    await copy.query(PRODUCTION)
    const name = await nameOf(copy)
    await copy.end()
    return this.urlOf(name)
  }

  async #judge(): Promise<void> {
    const shape = ['--shape', 'out/shape.json']
    await this.mustRun('capture', '-o', 'out/shape.json', '--ledger-table', 'public.applied')
    await this.mustRun('prove', '--out', 'out/answers.json', ...shape)
    await this.mustRun(...this.checkArgs())
    cpSync(this.project.at('out/e/policy.json'), this.project.at('out/policy.json'))
  }

  /** The arguments of the check that signs. */
  checkArgs(): string[] {
    const given = ['--shape', 'out/shape.json', '--answers', 'out/answers.json']
    return ['check', '--action', 'deploy', ...given, '--evidence', 'out/e', '--sign', 'out/k']
  }

  git(...args: string[]): string {
    const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.org']
    return execFileSync('git', [...who, ...args], { cwd: this.project.root, encoding: 'utf8', stdio: 'pipe' })
  }

  commit(): void {
    this.git('add', '-A')
    this.git('commit', '-q', '--allow-empty', '-m', 'a commit')
  }

  get env(): Record<string, string> {
    const { url } = this
    const state = this.project.at('out/state.db')
    return {
      SEAWORTHY_STATE: state,
      SEAWORTHY_LEDGER_URL: url,
      SEAWORTHY_CAPTURE_URL: url,
      SEAWORTHY_PROVE_URL: url,
    }
  }

  async run(...args: string[]): Promise<Ran> {
    return await seaworthy(args, this.project.root, this.env)
  }

  async mustRun(...args: string[]): Promise<Ran> {
    const ran = await this.run(...args)
    if (ran.code !== 0) throw new Error(`${args.join(' ')}: ${ran.code}\n${ran.stdout}${ran.stderr}`)
    return ran
  }

  /** Asks for the deploy, in this process; what is given stands in place of what is right. */
  async admit(given: Partial<AdmitRequest> = {}, env: NodeJS.ProcessEnv = this.env): Promise<AdmitReport> {
    const request = { certificate: 'out/e', key: 'out/k.pub', action: 'deploy', policy: 'out/policy.json' } as const
    return await admit(
      { ...request, ...given },
      {
        cwd: this.project.root,
        env: { ...env, PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
        version: '0.0.0',
        signal: new AbortController().signal,
        progress: () => undefined,
      },
    )
  }

  get envelope(): string {
    return readFileSync(this.project.at('out/e/certificate.json'), 'utf8')
  }

  get release(): Release {
    return this.#statement().predicate.seaworthy_release
  }

  #statement(): Statement {
    const opened = openEnvelope(this.envelope, IN_TOTO, createPublicKey(this.#key))
    const read = readStatement('payload' in opened ? opened.payload : '')
    if (!('statement' in read)) throw new Error(read.problem)
    return read.statement
  }

  /** Writes a certificate of another release, signed by the same key or another one. The path for `admit`. */
  signed(of: Partial<Release>, key = this.#key): string {
    const statement = this.#statement()
    const release = { ...statement.predicate.seaworthy_release, ...of }
    const payload = canonicalJson({ ...statement, predicate: { ...statement.predicate, seaworthy_release: release } })
    this.project.write({ 'out/other.json': sealEnvelope(IN_TOTO, payload, key) })
    return 'out/other.json'
  }

  /** Changes production for as long as something is asked. */
  async meanwhile<T>(change: string, back: string, ask: () => Promise<T>): Promise<T> {
    await this.production.query(change)
    try {
      return await ask()
    } finally {
      await this.production.query(back)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.production.end()
    await this.#server[Symbol.asyncDispose]()
    this.project[Symbol.dispose]()
  }
}

async function nameOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name')
  return rows[0]?.name ?? ''
}
