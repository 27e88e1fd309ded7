import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { VerifyDocument } from '../../src/commands/verify/output.ts'
import { canonicalJson } from '../../src/gate/canonical.ts'
import { startCatalogueServer } from '../postgres/catalogue-server.ts'
import { Project, seaworthy } from './cli.ts'
import { emergencyIn } from './entered.ts'

const SCHEMA = 'CREATE TABLE users (id bigint PRIMARY KEY, handle text, mail text);'
const LIVE = { 'migrations/001_users.up.sql': SCHEMA, 'migrations/001_users.down.sql': 'DROP TABLE users;' }

/** Real runs of every verdict, with all that a run can be given. */
const RUNS: Readonly<Record<string, { files: Record<string, string>; args: readonly string[]; exit: number }>> = {
  pass: {
    files: {
      ...LIVE,
      'migrations/002_x.up.sql': `-- seaworthy:allow lock/create-index reason="nobody signs up at night"
CREATE INDEX users_mail ON users (mail);
CREATE INDEX users_handle ON users (handle);
`,
      'migrations/002_x.down.sql': 'DROP INDEX users_mail, users_handle;',
      'seaworthy.config.json': JSON.stringify({
        policy: {
          accept: [
            {
              code: 'lock/create-index',
              reason: 'tried on a copy of production',
              author: 'Ada',
              expires: '2099-01-01',
            },
          ],
        },
      }),
      'queries.sql': 'SELECT mail FROM users WHERE id = $1;',
    },
    args: ['--baseline', '001', '--workload', 'queries.sql'],
    exit: 0,
  },
  fail: {
    files: { ...LIVE, 'migrations/002_x.up.sql': 'ALTER TABLE users DROP COLUMN mail;' },
    args: ['--baseline', '001'],
    exit: 1,
  },
  // Nobody could look at the branches: there is no git.
  unproven: {
    files: { ...LIVE, 'migrations/002_x.up.sql': 'ALTER TABLE users ADD COLUMN age int;' },
    args: ['--baseline', '001', '--branches', '--profile', 'additive'],
    exit: 3,
  },
}

let home: Project
beforeAll(async () => {
  home = new Project()
  await seaworthy(['keys', 'create', '--out', 'gate.key'], home.root)
  for (const [name, { files, args, exit }] of Object.entries(RUNS)) {
    const dir = `${name}/`
    home.write(Object.fromEntries(Object.entries(files).map(([file, text]) => [dir + file, text])))
    const ran = await seaworthy(['check', ...args, '--evidence', 'e', '--sign', home.at('gate.key')], home.at(name))
    if (ran.code !== exit) throw new Error(`${name}: ${ran.code}\n${ran.stdout}${ran.stderr}`)
  }
})
afterAll(() => home[Symbol.dispose]())

/** A place that has nothing but a bundle, a key and a policy. */
function elsewhere(name: string): Project {
  const place = new Project()
  cpSync(home.at(`${name}/e`), place.at('bundle'), { recursive: true })
  cpSync(home.at(`${name}/e/policy.json`), place.at('policy.json'))
  cpSync(home.at('gate.key.pub'), place.at('gate.pub'))
  return place
}

const ARGS = ['verify', 'bundle', '--key', 'gate.pub', '--policy', 'policy.json']

async function verifyJson(place: Project, ...more: readonly string[]): Promise<VerifyDocument> {
  const { stdout, stderr, code } = await seaworthy([...ARGS, '--json', ...more], place.root, { PATH: '/nowhere' })
  if (stdout === '') throw new Error(stderr)
  const document: VerifyDocument = JSON.parse(stdout)
  expect(document.exitCode).toBe(code)
  return document
}

describe('the verdict of a replay is that of the run', () => {
  it.each(Object.entries(RUNS))('%s', async (name, { exit }) => {
    using place = elsewhere(name)
    const document = await verifyJson(place)
    expect(document.steps.filter((one) => one.outcome !== 'holds')).toEqual([])
    expect(document).toMatchObject({ exitCode: exit, isGenuine: true, verdict: name, replayedVerdict: name })
    expect(document.claims).toMatchObject({ isSigned: true, verdict: name, action: 'pull-request' })
  })

  it('of a deploy with production’s shape, ledger and answers', async () => {
    using project = new Project({
      'migrations/001_users.up.sql': SCHEMA,
      'migrations/001_users.down.sql': 'DROP TABLE users;',
      'migrations/002_handle.up.sql': 'CREATE UNIQUE INDEX CONCURRENTLY users_handle ON users (handle);',
      'migrations/002_handle.down.sql': 'DROP INDEX users_handle;',
    })
    await using server = await startCatalogueServer(null)
    const client = await server.database()
    await client.query('CREATE ROLE shop LOGIN; GRANT CREATE ON SCHEMA public TO shop')
    await client.query(`ALTER DATABASE ${client.database} OWNER TO shop; SET ROLE shop; ${SCHEMA}
      CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
      INSERT INTO schema_migrations VALUES (1, false); RESET ROLE`)
    const { superuser, socketDir, port } = server.server
    const url = `postgresql://${superuser}@${encodeURIComponent(socketDir)}:${port}/${client.database}`
    await client.end()
    const run = async (...args: string[]) => await seaworthy(args, project.root)
    await run('capture', url, '-o', 'shape.json')
    await run('prove', '--against', url, '--baseline', '1', '--out', 'answers.json')
    await run('keys', 'create', '--out', 'gate.key')
    const given = ['--action', 'deploy', '--shape', 'shape.json', '--answers', 'answers.json']
    const checked = await run('check', ...given, '--evidence', 'bundle', '--sign', 'gate.key')
    const verified = await run('verify', 'bundle', '--key', 'gate.key.pub', '--policy', 'embedded', '--json')
    if (verified.stdout === '') throw new Error(checked.stderr + verified.stderr)
    const document: VerifyDocument = JSON.parse(verified.stdout)
    expect(document.steps.filter((one) => one.outcome !== 'holds')).toEqual([])
    expect(document.exitCode).toBe(checked.code)
    expect(document.claims?.action).toBe('deploy')
    const kinds = readFileSync(project.at('bundle/manifest.json'), 'utf8').match(
      /observations\/1\/[a-z-]+(?=\.json","sha)/g,
    )
    expect(kinds?.map((one) => one.slice(15))).toEqual(expect.arrayContaining(['shape', 'ledger', 'answers']))
  })
})

describe('what it says, and how it ends', () => {
  it('emergencies that are open, which change nothing; so does a drill', async () => {
    using place = elsewhere('pass')
    await emergencyIn(place.at('state.db'))
    const env = { SEAWORTHY_STATE: place.at('state.db') }
    const told = /open emergency #1: deploy of 1{12} went past the gate at [^]*login is down/
    const verified = await seaworthy(ARGS, place.root, env)
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(told) })
    expect(await verifyJson(place, '--state', 'state.db')).toMatchObject({ emergencies: [{ seq: 1, by: 'ada' }] })
    expect((await verifyJson(place)).emergencies).toBeUndefined()
    mkdirSync(place.at('migrations'))
    const drill = ['drill', '--tier', 'judge', '--evidence', 'bundle', '--report', 'markdown=drill.md']
    const drilled = await seaworthy(drill, place.root, env)
    expect(drilled.stdout).toMatch(told)
    expect(readFileSync(place.at('drill.md'), 'utf8')).toContain('login is down')
    place.write({ 'state.db': 'no ledger' })
    expect((await verifyJson(place, '--state', 'state.db')).emergenciesUnread).toContain('state.db')
  })

  it('in words: each step, the claims, the end', async () => {
    using place = elsewhere('pass')
    const { code, stdout } = await seaworthy(ARGS, place.root)
    expect(code).toBe(0)
    for (const step of [
      'files',
      'signature',
      'statement',
      'judges',
      'candidate',
      'replay',
      'certificate',
      'time',
      'policy',
    ])
      expect(stdout).toContain(`✓ ${step}`)
    expect(stdout).toMatch(/candidate +no commit; migrations migrations \(sha256:[0-9a-f]{12}…\)/)
    expect(stdout).toContain('PASS  exit 0: genuine, and every judge says pass again')
    expect(stdout).not.toContain('the policy that it was judged by')
  })

  it('the policy in full where the bundle’s own is taken', async () => {
    using place = elsewhere('pass')
    const { code, stdout } = await seaworthy([...ARGS.slice(0, -1), 'embedded'], place.root)
    expect(code).toBe(0)
    expect(stdout).toContain('"reason": "tried on a copy of production"')
    const document = await verifyJson(place, '--policy', 'embedded')
    expect(document.policy?.accept).toHaveLength(1)
    expect(await verifyJson(place)).not.toHaveProperty('policy')
  })

  it('expired is refused and said plainly; as of the day it was made it holds', async () => {
    using place = elsewhere('pass')
    const late = new Date(Date.now() + 48 * 3_600_000).toISOString()
    const refused = await seaworthy([...ARGS, '--at', late], place.root)
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain('genuine, and expired')
    expect(refused.stdout.replaceAll(/\s+/g, ' ')).toContain(`as of ${late}`)
    const { claims } = await verifyJson(place)
    expect(await verifyJson(place, '--at', claims?.evaluatedAt ?? '')).toMatchObject({ exitCode: 0 })
  })

  it('unsigned: only its judgement can be looked at', async () => {
    using place = elsewhere('pass')
    cpSync(place.at('bundle'), place.at('unsigned'), {
      recursive: true,
      filter: (file) => !file.endsWith('certificate.json'),
    })
    const { code, stdout } = await seaworthy(['verify', 'unsigned', ...ARGS.slice(2)], place.root)
    expect(code).toBe(3)
    expect(stdout).toContain('nobody vouches for it')
    expect(stdout).toContain('unsigned: the judges say pass, and nothing says who made it')
  })

  it('tampered with: refused, and nothing that follows is looked at', async () => {
    using place = elsewhere('pass')
    place.write({ 'bundle/policy.json': readFileSync(place.at('policy.json'), 'utf8').replace('2099', '2098') })
    const document = await verifyJson(place)
    expect(document).toMatchObject({ exitCode: 1, isGenuine: false, replayedVerdict: null, claims: null })
    expect(document.steps[0]).toMatchObject({ step: 'files', code: 'bundle/digest' })
    expect(document.steps.slice(1).map((one) => one.outcome)).toEqual(Array.from({ length: 8 }, () => 'unproven'))
  })

  it('an archive is not unpacked, and the next thing to do is said', async () => {
    using place = elsewhere('pass')
    place.write({ 'bundle.tar': 'an archive' })
    const { code, stdout } = await seaworthy(['verify', 'bundle.tar', ...ARGS.slice(2)], place.root)
    expect(code).toBe(1)
    expect(stdout).toContain('[bundle/not-a-folder]')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('unpack an archive first')
    // What nobody came to is one line.
    expect(stdout.match(/verify\/not-reached/g)).toHaveLength(1)
    expect(stdout).toContain('? signature, statement, judges, candidate, replay, certificate, time, policy')
  })

  it.each([
    ['--key', ['verify', 'b', '--key', '', '--policy', 'p']],
    ['--policy', ['verify', 'b', '--key', 'k', '--policy', '']],
    ['bundle', ['verify', '', '--key', 'k', '--policy', 'p']],
    ['--key', ['admit', 'b', '--key', '', '--policy', 'p', '--action', 'deploy']],
    ['--policy', ['admit', 'b', '--key', 'k', '--policy', '', '--action', 'deploy']],
    ['certificate', ['admit', '', '--key', 'k', '--policy', 'p', '--action', 'deploy']],
    ['embedded is for verify alone', ['admit', 'b', '--key', 'k', '--policy', 'embedded', '--action', 'deploy']],
  ])('what is empty is named: %s', async (words, args) => {
    const { code, stdout, stderr } = await seaworthy(args, home.root)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr).toContain('is invalid')
  })

  it('without key, policy or bundle, or with a wrong time: usage', async () => {
    using place = elsewhere('pass')
    for (const args of [
      ['verify'],
      ['verify', 'bundle'],
      ['verify', 'nowhere', ...ARGS.slice(2)],
      ['verify', 'bundle', '--key', 'gate.pub'],
      ['verify', 'bundle', '--policy', 'policy.json'],
      [...ARGS, '--at', '2026-11-21'],
      [...ARGS, '--at', 'yesterday'],
      [...ARGS, '--at', '2026-02-30T10:00:00Z'],
      [...ARGS, '--at', '2026-04-31T23:59:59+02:00'],
      ['verify', 'bundle', '--key', 'policy.json', '--policy', 'policy.json'],
      ['verify', 'bundle', '--key', 'gate.pub', '--policy', 'nowhere.json'],
    ]) {
      const { code, stdout } = await seaworthy(args, place.root)
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
    }
  })

  it('what a stranger wrote down cannot steer a terminal in --json either, and is not lost', async () => {
    using place = elsewhere('pass')
    const strange = '1\u009B31m\u202E\u2066\u061C'
    const manifest: object = JSON.parse(readFileSync(place.at('bundle/manifest.json'), 'utf8'))
    writeFileSync(place.at('bundle/manifest.json'), canonicalJson({ ...manifest, toolVersion: strange }))
    const { code, stdout } = await seaworthy([...ARGS, '--json'], place.root)
    expect(code).toBe(1)
    // oxlint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u061C\u202A-\u202E\u2066-\u2069]/)
    expect(JSON.parse(stdout)).toMatchObject({ claims: { toolVersion: strange } })
  })

  it('names in a bundle cannot steer a terminal', async () => {
    using place = elsewhere('pass')
    mkdirSync(place.at('bundle/\u001B[31mred\u202E'))
    const { code, stdout } = await seaworthy(ARGS, place.root)
    expect(code).toBe(1)
    // oxlint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u001B\u202E]/)
  })
})
