import { readFileSync, statSync, writeFileSync } from 'node:fs'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CatalogueServer, startCatalogueServer } from '../postgres/catalogue-server.ts'
import { usePrivateCache } from '../postgres/private-places.ts'
import { Project, seaworthy } from './cli.ts'
import { emergencyIn } from './entered.ts'

const places = usePrivateCache()
afterAll(() => places.remove())

const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, handle text, email text);\n'
const FILES = {
  'migrations/001_users.sql': USERS,
  'migrations/002_handles.sql': 'ALTER TABLE users ADD CONSTRAINT users_handle_key UNIQUE (handle);\n',
}
const LIVE = ['--baseline', '001']
const ONLY = ['--only', 'migrations-obligations']

describe.each([18, 15])('from a pull request to a deploy, with production on PostgreSQL %i', (major) => {
  let server: CatalogueServer
  beforeAll(async () => {
    server = await startCatalogueServer(major)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  const production = async (sql: string): Promise<{ client: Client; url: string }> => {
    const client = await server.database()
    await client.query(sql)
    const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name')
    const { superuser, socketDir, port } = server.server
    return {
      client,
      url: `postgresql://${superuser}:canary-hunter2@${encodeURIComponent(socketDir)}:${port}/${rows[0]?.name}`,
    }
  }

  it('a note, a question, an answer, a deploy; and a refusal once the rows stand in the way', async () => {
    using project = new Project(FILES)
    const { client, url } = await production(`${USERS} INSERT INTO users VALUES (1, 'canary-ada'), (2, 'canary-bob')`)
    const env = { SEAWORTHY_PROVE_URL: url }
    const check = async (...args: string[]) =>
      await seaworthy(['check', ...LIVE, ...ONLY, '--pg', String(major), ...args], project.root)

    const request = await check()
    expect(request.stdout).toContain('1 question for production')
    expect(request.stdout).toContain('no duplicates in users.handle')
    expect(request.code).toBe(0)
    const early = await check('--action', 'deploy')
    expect(early.code).toBe(3)
    expect(early.stdout).toContain('obligation/unanswered')

    const prove = async (...args: string[]) =>
      await seaworthy(['prove', ...LIVE, '--pg', String(major), ...args], project.root, env)
    const proved = await prove()
    expect(proved.stdout).toMatch(/yes {8}no duplicates in users.handle \(migrations\/002_handles.sql:1\)/)
    expect(proved.stdout).toContain('next: seaworthy check --action deploy --answers seaworthy-answers.json\n')
    expect(proved.code).toBe(0)
    const file = project.at('seaworthy-answers.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const answered = await check('--action', 'deploy', '--answers', 'seaworthy-answers.json')
    expect(answered.stdout).toContain('answered')
    expect(answered.code).toBe(0)

    await client.query(`INSERT INTO users VALUES (3, 'canary-bob')`)
    const violated = await prove('--json')
    expect(violated.code).toBe(1)
    expect(JSON.parse(violated.stdout)).toMatchObject({
      command: 'prove',
      verdict: 'fail',
      obligations: [{ state: 'violated', answer: { rows: 1 } }],
    })
    const refused = await check('--action', 'deploy', '--answers', 'seaworthy-answers.json')
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain('obligation/unique')
    expect((await check('--answers', 'seaworthy-answers.json')).code).toBe(1)

    const stored = readFileSync(file, 'utf8')
    const yesterday = new Date(Date.now() - 25 * 3_600_000).toISOString()
    writeFileSync(file, stored.replace(/"answeredAt": "[^"]+"/, `"answeredAt": "${yesterday}"`))
    const stale = await check('--action', 'deploy', '--answers', 'seaworthy-answers.json')
    expect(stale.code).toBe(3)
    expect(stale.stdout).toContain('obligation/stale-answer')
    writeFileSync(file, '{"kind":"answers"}')
    const broken = await check('--answers', 'seaworthy-answers.json')
    expect(broken.code).toBe(2)
    expect(broken.stderr).toContain('holds no answers of production')

    await client.end()
    for (const ran of [request, early, proved, answered, violated, refused, stale]) {
      expect(ran.stdout + ran.stderr).not.toContain('canary')
    }
    expect(stored).not.toContain('canary')
  })

  it('answers of staging do not count for production', async () => {
    using project = new Project(FILES)
    const owned = `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO app_owner', current_database()); END $$;
      SET ROLE app_owner; ${USERS} RESET ROLE;`
    const live = await production(`CREATE ROLE app_owner LOGIN; ${owned}`)
    const staging = await production(owned)
    await Promise.all([live.client.end(), staging.client.end()])
    await seaworthy(['capture', live.url, '-o', 'shape.json'], project.root)
    const shape = ['--shape', 'shape.json']
    const atOnce = await seaworthy(['prove', ...LIVE, ...shape, '--against', staging.url], project.root)
    expect(atOnce).toMatchObject({ code: 2, stdout: '', stderr: expect.not.stringContaining('rehears') })
    expect(atOnce.stderr).toContain('--against is another database')
    await seaworthy(['check', ...LIVE, ...ONLY, ...shape, '--pg', String(major), '--evidence', 'e'], project.root)
    const bundled = await seaworthy(['prove', '--evidence', 'e', '--against', staging.url], project.root)
    expect(bundled).toMatchObject({ code: 2, stderr: expect.stringContaining('--against is another database') })
    const good = await seaworthy(['prove', '--evidence', 'e', '--against', live.url, '--json'], project.root)
    expect(JSON.parse(good.stdout)).toMatchObject({ exitCode: 0, isShapes: true })
    const deploy = async (url: string) => {
      const proved = await seaworthy(['prove', ...LIVE, '--against', url], project.root)
      expect(proved.stdout).toContain('no shape says that this is production')
      const args = ['check', ...LIVE, ...ONLY, '--pg', String(major), '--shape', 'shape.json']
      return await seaworthy(
        [...args, '--action', 'deploy', '--answers', 'seaworthy-answers.json', '--json'],
        project.root,
      )
    }
    const wrong = await deploy(staging.url)
    expect({ code: wrong.code, stderr: wrong.stderr }).toEqual({
      code: 3,
      stderr: expect.not.stringContaining('canary'),
    })
    expect(wrong.stdout).toContain('obligation/other-database')
    expect(JSON.parse(wrong.stdout).obligations).toMatchObject([{ state: 'open' }])
    expect(wrong.stdout).not.toContain('canary')
    const right = await deploy(live.url)
    expect(right.code).toBe(0)
    expect(right.stdout).toMatch(/production \(sha256:[0-9a-f]{12}…\) answered 1 of 1 well/)
  })

  it('asks what the evidence of an earlier check has, and refuses evidence that was changed', async () => {
    using project = new Project(FILES)
    const { client, url } = await production(USERS)
    await client.end()
    await seaworthy(['check', ...LIVE, ...ONLY, '--pg', String(major), '--evidence', 'evidence'], project.root)
    const args = ['prove', '--evidence', 'evidence', '--against', url, '--out', 'a.json']
    const proved = await seaworthy(args, project.root)
    expect(proved.stdout).toContain('1 question to PostgreSQL')
    expect(proved.code).toBe(0)
    const observation = project.at('evidence/observations/1/effects.json')
    writeFileSync(observation, readFileSync(observation, 'utf8').replaceAll('handle', 'email'))
    const changed = await seaworthy(args, project.root)
    expect(changed.code).toBe(2)
    expect(changed.stderr).toContain('[bundle/size]')
  })

  it('a production that is not what the migrations build cannot answer', async () => {
    using project = new Project(FILES)
    const { client, url } = await production('CREATE TABLE users (id bigint PRIMARY KEY)')
    await client.end()
    const { code, stdout } = await seaworthy(['prove', ...LIVE, '--against', url], project.root)
    expect(stdout).toContain('production is not what the migrations build')
    expect(code).toBe(3)
  })

  it('the server that was rehearsed on may not answer for production', async () => {
    using project = new Project(FILES)
    const { client, url } = await production(USERS)
    await client.end()
    const ran = await seaworthy(['prove', ...LIVE, '--server', url, '--against', url], project.root)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('--against is the server that the release was rehearsed on')
    expect(ran.stdout + ran.stderr).not.toContain('canary')
  })

  it('nothing to ask is said, and is no failure', async () => {
    using project = new Project({
      ...FILES,
      'migrations/002_handles.sql': 'CREATE TABLE rooms (id int PRIMARY KEY);\n',
    })
    const { client, url } = await production(USERS)
    await client.end()
    await emergencyIn(project.at('state.db'))
    const { code, stdout } = await seaworthy(['prove', ...LIVE, '--against', url], project.root, {
      SEAWORTHY_STATE: project.at('state.db'),
    })
    expect(stdout).toContain('nothing to ask')
    expect(stdout).toContain('by ada: login is down')
    expect(code).toBe(0)
  })

  it('what could not be found out is not answered, whatever production says', async () => {
    using project = new Project({ ...FILES, 'migrations/003_bad.sql': 'ALTER TABLE gone ADD COLUMN x int;\n' })
    const { client, url } = await production(USERS)
    await client.end()
    const { code, stdout } = await seaworthy(['prove', ...LIVE, '--against', url], project.root)
    expect(stdout).toContain('unknown')
    expect(code).toBe(3)
  })
})

it('usage: no URL, a wrong one, nobody there', async () => {
  using project = new Project(FILES)
  const none = await seaworthy(['prove'], project.root)
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('SEAWORTHY_PROVE_URL') })
  const wrong = await seaworthy(['prove', '--against', 'mysql://me:canary@h/d'], project.root)
  expect(wrong).toMatchObject({ code: 2, stderr: expect.not.stringContaining('canary') })
  const nobody = await seaworthy(['prove', ...LIVE, '--against', 'postgresql://me:canary@127.0.0.1:1/d'], project.root)
  expect(nobody).toMatchObject({ code: 3, stderr: expect.stringContaining('cannot be reached') })
  expect(nobody.stderr + nobody.stdout).not.toContain('canary')
})
