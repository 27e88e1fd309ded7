import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commandLine } from '../../src/commands/ledger/command-line.ts'
import { listText } from '../../src/commands/ledger/output.ts'
import { recordEntry } from '../../src/commands/ledger/place.ts'
import { said } from '../../src/commands/ledger/said.ts'
import { parseSince, parseUntil } from '../../src/commands/ledger/time.ts'
import { IN_TOTO, sealEnvelope } from '../../src/gate/certificate/dsse.ts'
import type { EntryInput, Head } from '../../src/gate/chain/chain.ts'
import { statePlace } from '../../src/state/place.ts'
import { chain, input } from '../gate/chain/entries.ts'
import { open } from '../state/ledgers.ts'
import { Project, type Ran, seaworthy } from './cli.ts'

/** A project with a ledger `state.db`, and the command on it. */
async function withLedger(inputs: readonly EntryInput[]): Promise<{
  project: Project
  heads: Head[]
  ledger: (...args: string[]) => Promise<Ran>
}> {
  const project = new Project()
  const store = await open(project.at('state.db'))
  const heads: Head[] = []
  for (const one of inputs) heads.push(await store.append(one))
  await store.close()
  const ledger = (...args: string[]): Promise<Ran> =>
    seaworthy(['ledger', ...args], project.root, { SEAWORTHY_STATE: 'state.db' })
  return { project, heads, ledger }
}

const COMMIT = 'f00dfeedf00dfeedf00dfeedf00dfeedf00dfeed'
const day = (number: number): string => `2026-11-0${number}T12:00:00.000Z`
const emergency = { reason: 'the court is\u001b[31m shut', action: 'deploy', candidate: COMMIT }
const HISTORY = [
  input({ at: day(1), candidate: COMMIT, content: { verdict: 'fail' } }),
  input({ at: day(2), kind: 'emergency', candidate: COMMIT, content: emergency }),
  input({ at: day(3), kind: 'admission', candidate: 'sha256:abc', content: { outcome: 'refused', action: 'deploy' } }),
]

describe('ledger', () => {
  it('lists the newest first, with what is open on top, and lets nothing steer the terminal', async () => {
    const { project, ledger } = await withLedger(HISTORY)
    using _ = project
    const { code, stdout } = await ledger()
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      'OPEN EMERGENCY #2: deploy of f00dfeedf00d, by judge at 2026-11-02 12:00:00: the court is shut',
      '#  when (UTC)           what       candidate     who          said',
      '3  2026-11-03 12:00:00  admission  sha256:abc    judge@court  refused, deploy',
      '2  2026-11-02 12:00:00  emergency  f00dfeedf00d  judge@court  deploy, the court is shut',
      '1  2026-11-01 12:00:00  run        f00dfeedf00d  judge@court  fail',
      '',
    ])
  })

  it('filters, and prints one document', async () => {
    const { project, ledger } = await withLedger(HISTORY)
    using _ = project
    const found = async (...args: string[]): Promise<unknown> => {
      const { entries, hasMore } = JSON.parse((await ledger(...args, '--json')).stdout)
      return [entries.map(({ seq }: { seq: number }) => seq), hasMore]
    }
    expect(await found('--kind', 'run', '--kind', 'admission')).toEqual([[3, 1], false])
    expect(await found('--since', '2026-11-02', '--until', '2026-11-02')).toEqual([[2], false])
    expect(await found('--candidate', 'f00d')).toEqual([[2, 1], false])
    expect(await found('--limit', '2')).toEqual([[3, 2], true])
    const { stdout } = await ledger('list', '--json', '--limit', '1')
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      command: 'ledger',
      exitCode: 0,
      file: project.at('state.db'),
      entries: [{ seq: 3, content: { outcome: 'refused' } }],
      emergencies: [{ seq: 2, by: 'judge', candidate: COMMIT, action: 'deploy' }],
      version: expect.stringMatching(/^\d/),
    })
    expect((await ledger('--kind', 'review')).stdout).toContain('no entry fits')
    expect(await ledger('--kind', 'song')).toMatchObject({ code: 2, stderr: expect.stringContaining('admission') })
    expect(await ledger('--limit', '0')).toMatchObject({ code: 2 })
  })

  it('says where it looked when there is none, and makes none', async () => {
    using project = new Project()
    const env = { XDG_STATE_HOME: project.at('xdg') }
    const listed = await seaworthy(['ledger'], project.root, env)
    expect(listed).toMatchObject({ code: 4, stderr: expect.stringContaining('xdg/seaworthy/state.db') })
    expect(await seaworthy(['ledger', 'verify'], project.root, env)).toMatchObject({ code: 3 })
    expect(await seaworthy(['ledger', 'export'], project.root, env)).toMatchObject({ code: 4, stdout: '' })
    expect(existsSync(project.at('xdg'))).toBe(false)
    expect(await seaworthy(['ledger', 'init'], project.root, env)).toMatchObject({ code: 0 })
    // An empty ledger proves nothing.
    const verified = await seaworthy(['ledger', 'verify'], project.root, env)
    expect(verified).toMatchObject({ code: 4, stdout: expect.stringContaining('the ledger is empty') })
  })

  it('lies where the configuration says, unless somebody says otherwise', async () => {
    const config = "export default { state: 'audit/own.db' }\n"
    using project = new Project({ 'seaworthy.config.js': config, 'package.json': '{"type":"module"}', 'sub/x': '' })
    const init = (cwd: string, args: string[] = [], env = {}): Promise<Ran> =>
      seaworthy(['ledger', 'init', ...args], project.at(cwd), env)
    expect(await init('.')).toMatchObject({ code: 0, stdout: expect.stringContaining('audit/own.db: an empty ledger') })
    expect(await init('sub', ['--config', '../seaworthy.config.js'])).toMatchObject({ code: 0 })
    expect(existsSync(project.at('sub/audit'))).toBe(false)
    expect(await init('.', [], { SEAWORTHY_STATE: 'env.db' })).toMatchObject({ code: 0 })
    expect(await init('.', ['--state', 'flag.db'], { SEAWORTHY_STATE: 'no.db' })).toMatchObject({ code: 0 })
    expect(['audit/own.db', 'env.db', 'flag.db', 'no.db'].map((name) => existsSync(project.at(name)))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })
})

describe('ledger verify', () => {
  const [signer, stranger] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')]
  const certificate = (ledgerHead: Head | null, key = signer.privateKey): string =>
    sealEnvelope(IN_TOTO, JSON.stringify({ predicate: { seaworthy_release: { ledgerHead } } }), key)
  const pub = signer.publicKey.export({ type: 'spki', format: 'pem' }).toString()

  it('holds a ledger against what certificates countersigned', async () => {
    const { project, heads, ledger } = await withLedger(HISTORY)
    using _ = project
    const [, second, third = { seq: 0, digest: '' }] = heads
    project.write({
      'pub.pem': pub,
      'second.json': certificate(second === undefined ? null : { seq: second.seq, digest: second.digest }),
      'none.json': certificate(null),
      'later.json': certificate({ seq: 9, digest: third.digest }),
      'other.json': certificate({ seq: 3, digest: `sha256:${'0'.repeat(64)}` }),
      'stranger.json': certificate({ seq: 3, digest: third.digest }, stranger.privateKey),
      'text.json': 'no envelope',
    })
    const verify = (...names: string[]): Promise<Ran> =>
      ledger('verify', '--key', 'pub.pem', ...names.flatMap((name) => ['--certificate', `${name}.json`]))
    expect(await ledger('verify')).toMatchObject({ code: 0, stdout: expect.stringContaining('only a certificate') })
    expect(await verify('second', 'none')).toMatchObject({ code: 0, stdout: expect.stringContaining('countersigned') })
    expect(await verify('later')).toMatchObject({ code: 1, stdout: expect.stringContaining('cut off') })
    expect(await verify('second', 'other')).toMatchObject({ code: 1, stdout: expect.stringMatching(/row 3 is not/) })
    expect(await verify('none')).toMatchObject({ code: 3, stdout: '' })
    expect(await verify('second', 'stranger')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('another key'),
    })
    expect(await verify('text')).toMatchObject({ code: 3 })
    // The folder of a bundle is taken for its certificate; one that is large for a certificate is read as well.
    project.write({
      'bundle/certificate.json': certificate(second === undefined ? null : { seq: second.seq, digest: second.digest }),
      'empty/x': '',
    })
    const bundle = await ledger('verify', '--key', 'pub.pem', '--certificate', 'bundle')
    expect(bundle).toMatchObject({ code: 0, stdout: expect.stringContaining('bundle countersigns row 2') })
    const empty = await ledger('verify', '--key', 'pub.pem', '--certificate', 'empty')
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no certificate in empty') })
    const long = JSON.stringify({
      predicate: { seaworthy_release: { ledgerHead: { seq: 3, digest: third.digest } } },
      more: 'x'.repeat(11_000_000),
    })
    project.write({ 'long.json': sealEnvelope(IN_TOTO, long, signer.privateKey) })
    expect(await verify('long')).toMatchObject({ code: 0, stdout: expect.stringContaining('row 3') })
    const withoutKey = await ledger('verify', '--certificate', 'second.json')
    expect(withoutKey).toMatchObject({ code: 2, stderr: expect.stringContaining('--key') })
  })

  it('names every break of an export, and says so to machines', async () => {
    const { project, ledger } = await withLedger(HISTORY)
    using _ = project
    expect(await ledger('export', 'all.jsonl')).toMatchObject({ code: 0, stdout: '' })
    const { stdout } = await ledger('export')
    expect(stdout).toBe(readFileSync(project.at('all.jsonl'), 'utf8'))
    expect(stdout.trimEnd().split('\n')).toHaveLength(3)
    expect(await ledger('verify', '--export', 'all.jsonl')).toMatchObject({ code: 0 })
    const broken = stdout.replace('refused', 'granted')
    writeFileSync(project.at('broken.jsonl'), broken)
    const told = await ledger('verify', '--export', 'broken.jsonl', '--json')
    expect(told.code).toBe(1)
    expect(JSON.parse(told.stdout)).toMatchObject({
      command: 'ledger verify',
      exitCode: 1,
      verdict: 'fail',
      isWhole: false,
      rows: 3,
      breaks: [{ kind: 'changed', seq: 3 }],
    })
    writeFileSync(project.at('bytes.jsonl'), Buffer.concat([Buffer.from(stdout), Buffer.from([0xff, 0x0a])]))
    const bytes = await ledger('verify', '--export', 'bytes.jsonl')
    expect(bytes).toMatchObject({ code: 1, stdout: expect.stringContaining('row 4 is not a JSON object') })
    writeFileSync(project.at('long.jsonl'), Buffer.alloc(3_000_000, 'x'))
    expect(await ledger('verify', '--export', 'long.jsonl')).toMatchObject({ code: 3 })
    expect(await ledger('verify', '--export', 'gone.jsonl')).toMatchObject({ code: 3 })
    expect(await ledger('export', 'all.jsonl')).toMatchObject({ code: 2 })
  })
})

describe('ledger backup and restore', () => {
  it('bring back what was there, keep what is replaced, and tell what went', async () => {
    const { project, ledger } = await withLedger(HISTORY)
    using _ = project
    expect(await ledger('backup', 'backup.db')).toMatchObject({
      code: 0,
      stdout: 'backup.db: 3 rows, verified\n',
    })
    expect(await ledger('backup', 'backup.db')).toMatchObject({ code: 2 })
    const store = await open(project.at('state.db'))
    await store.append(input())
    const later = { reason: 'flood', action: 'deploy', candidate: 'b' }
    await store.append(input({ at: day(5), kind: 'emergency', candidate: 'b', content: later }))
    await store.close()
    const refused = await ledger('restore', 'backup.db')
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/longer[^]*--replace/) })
    const restored = await ledger('restore', 'backup.db', '--replace')
    expect(restored.code).toBe(0)
    expect(restored.stdout.split('\n')).toEqual([
      'GONE: 2 rows that the backup lacks; row 4 says so',
      'GONE: the open emergency #5: deploy of b, by judge at 2026-11-05 12:00:00: flood',
      expect.stringContaining('state.db: 3 rows from backup.db, verified'),
      expect.stringContaining('state.db.before-restore-'),
      '',
    ])
    expect((await ledger('verify')).stdout).toContain('4 rows')
    const { stdout } = await ledger('--kind', 'restore')
    expect(stdout).toContain('2 rows gone, with 1 open emergency; kept as state.db.before-restore-')
    const again = await ledger('restore', 'backup.db', '--replace', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({
      command: 'ledger restore',
      exitCode: 0,
      outcome: 'restored',
      lost: { rows: 1, emergencies: [], entry: { seq: 4 } },
    })
  })

  it('say which file cannot be written, and nothing of --state', async () => {
    const { project, ledger } = await withLedger(HISTORY)
    using _ = project
    project.write({ 'shape.json': '{"formatVersion":1}'.repeat(300) })
    for (const what of ['backup', 'export']) {
      const { code, stderr } = await ledger(what, 'no/such/x.db')
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/^seaworthy: no\/such\/x\.db cannot be written: there is no/),
      ])
      expect(stderr).not.toContain('--state')
    }
    const { code, stderr } = await ledger('restore', 'shape.json')
    expect([code, stderr]).toEqual([3, expect.stringContaining('shape.json is no backup of a ledger')])
    expect(stderr).not.toContain('--state')
    const backup = JSON.parse((await ledger('backup', 'b.db', '--json')).stdout)
    expect(backup).toMatchObject({
      command: 'ledger backup',
      exitCode: 0,
      backup: project.at('b.db'),
      file: project.at('state.db'),
      rows: 3,
      isWhole: true,
    })
  })
})

describe('the table', () => {
  const list = {
    file: 'state.db',
    hasMore: false,
    emergencies: [],
    entries: chain([
      input({
        kind: 'admission',
        candidate: COMMIT,
        actor: { user: 'a-user-of-a-long-name', host: 'court.example.org', ci: null },
        content: { outcome: 'refused', action: 'deploy', reason: 'the certificate is of another commit than this one' },
      }),
    ]),
  }

  it('cuts nothing of what was said, however narrow the terminal', () => {
    for (const width of [40, 60, 80, 100, 120, 200]) {
      const text = listText(list, { color: false, width })
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width)
      expect(text.replaceAll(/\s+/g, ' ')).toContain(
        'refused, deploy, the certificate is of another commit than this one',
      )
    }
  })

  it('says of a review who answered and whether it counts', () => {
    const answer = { event: 'answered', finding: 'F4', by: 'ada' }
    expect(said({ kind: 'review', content: answer })).toBe('F4 answered by ada')
    expect(said({ kind: 'review', content: { ...answer, counts: true, objection: null } })).toBe(
      'F4 answered by ada, counts',
    )
    expect(said({ kind: 'review', content: { ...answer, counts: false, objection: 'it is not signed' } })).toBe(
      'F4 answered by ada, does not count: it is not signed',
    )
  })
})

describe('what commands enter', () => {
  const recorded = { kind: 'run', candidate: COMMIT, content: { verdict: 'pass' } } as const

  it('goes to a ledger that was named, or is there, or has to be; nowhere else', async () => {
    using project = new Project()
    const env = { XDG_STATE_HOME: project.at('xdg'), CI_JOB_URL: 'https://u:canary@ci/7?token=canary' }
    const usual = statePlace({ flag: undefined, env, configured: undefined })
    expect(usual).toEqual({ file: project.at('xdg/seaworthy/state.db'), isNamed: false })
    const context = { env, argv: ['check', '--server', 'postgresql://a:secret@b/c'] }
    expect(await recordEntry(usual, recorded, context)).toBeNull()
    expect(existsSync(project.at('xdg'))).toBe(false)
    const entry = await recordEntry(usual, recorded, { ...context, isCreating: true })
    expect(entry).toMatchObject({ seq: 1, actor: { ci: 'https://***@ci/7?***' }, candidate: COMMIT })
    expect(entry?.command).toBe('seaworthy check --server postgresql://***@b/c')
    expect(await recordEntry(usual, recorded, context)).toMatchObject({ seq: 2 })
    const named = statePlace({ flag: project.at('named.db'), env, configured: undefined })
    expect(await recordEntry(named, recorded, context)).toMatchObject({ seq: 1 })
  })
})

describe('the command that is entered', () => {
  const SECRETS = ['canary-user', 'canary-pass', 'canary%20pass', 'canary-query', 'canary two', 'canary-key']
  const URLS = [
    'postgresql://canary-user:canary-pass@db:5433/app?sslpassword=canary-query#canary-key',
    'postgresql://canary-user:canary-pass@db/app?password=canary two&user=canary-user',
    'postgresql://db/app?sslkey=canary-key&token=canary-query',
    'postgresql://canary-user:canary%20pass@one:1,two:2/app',
    'postgresql://canary-user:canary/pass?canary-pass@db/app',
    'host=db password=canary-pass user=canary-user',
    ' postgresql://canary-user:canary two@db/app',
  ]

  it('holds no user and no parameter of any URL, by whatever flag it was given', () => {
    for (const url of URLS) {
      for (const flag of ['--ledger-url', '--shape-url', '--server', '--against']) {
        const both = commandLine(['check', flag, url, 'db', `${flag}=${url}`, '--all'])
        for (const secret of SECRETS) expect(both).not.toContain(secret)
        expect(both).toMatch(/^seaworthy check --[^]* db --[^]* --all$/)
      }
    }
    expect(commandLine(['capture', URLS[0] ?? ''])).toBe('seaworthy capture postgresql://***@db:5433/app?***')
    expect(commandLine(['x', `because of ${URLS[2]} and more`])).toBe(
      'seaworthy x because of postgresql://db/app?*** and more',
    )
  })
})

describe('a time in a filter', () => {
  it('is a whole day, or a moment', () => {
    expect(parseSince('2026-11-21')).toBe('2026-11-21T00:00:00.000Z')
    expect(parseUntil('2026-11-21')).toBe('2026-11-21T23:59:59.999Z')
    expect(parseUntil('2026-11-21T15:00Z')).toBe('2026-11-21T15:00:00.000Z')
    expect(parseSince('2026-11-21T15:00:01.5+01:00')).toBe('2026-11-21T14:00:01.500Z')
    for (const text of ['', 'today', '2026', '2026-02-30', '2026-13-01', '2026-11-21T15:00', '2026-11-21T25:00Z']) {
      expect(() => parseSince(text)).toThrow(/such as/)
    }
  })
})
