import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { readStatement } from '../../src/evidence/statement.ts'
import { digestOf, sha256 } from '../../src/gate/canonical.ts'
import { IN_TOTO, keyId, openEnvelope } from '../../src/gate/certificate/dsse.ts'
import type { Statement } from '../../src/gate/certificate/statement.ts'
import { openState } from '../../src/state/store.ts'
import { input } from '../gate/chain/entries.ts'
import { encryptedPem } from '../../src/signing/encrypted-key.ts'
import { Project, type Ran, seaworthy } from './cli.ts'

const PASSPHRASE = 'correct horse canary staple'
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const encrypted = encryptedPem(privateKey, PASSPHRASE)
const IMAGE = `registry.example/app@sha256:${'a'.repeat(64)}`

const HARMLESS = {
  'db/001_courts.up.sql': 'CREATE TABLE courts (id bigint PRIMARY KEY);\n',
  'db/002_judges.up.sql': 'CREATE TABLE judges (id bigint PRIMARY KEY);\n',
}

const ACCEPTED = {
  code: 'data-loss/drop-table',
  subject: 'table public.old',
  reason: 'nobody has read it since 2019',
  author: 'ada@example.org',
  expires: '2099-12-31',
}

/** A repository with one migration in it. */
function repository(files: Record<string, string> = HARMLESS): { project: Project; commit: string } {
  const project = new Project(files)
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
      cwd: project.root,
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    }).trim()
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'x')
  return { project, commit: git('rev-parse', 'HEAD') }
}

function statementIn(file: string): Statement {
  const opened = openEnvelope(readFileSync(file, 'utf8'), IN_TOTO, publicKey)
  if ('problem' in opened) throw new Error(opened.message)
  const read = readStatement(opened.payload)
  if ('problem' in read) throw new Error(read.problem)
  return read.statement
}

/** Nothing of the key or its passphrase may be in what was said, or in any file that was written. */
function expectNoSecret(rans: readonly Ran[], dirs: readonly string[]): void {
  const files = dirs.flatMap((dir) =>
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name)),
  )
  const texts = [
    ...rans.flatMap(({ stdout, stderr }) => [stdout, stderr]),
    ...files.map((one) => readFileSync(one, 'latin1')),
  ]
  const body = (text: string): string => text.split('\n')[1] ?? ''
  for (const secret of [PASSPHRASE, body(pem), body(encrypted)]) {
    expect(secret.length).toBeGreaterThan(20)
    expect(texts.filter((text) => text.includes(secret))).toEqual([])
  }
}

describe('check --sign', () => {
  it('writes the certificate with the bundle, and enters it in the ledger: key and passphrase from the environment', async () => {
    const { project, commit } = repository()
    using _ = project
    project.write({ 'ledger.json': '[{"version":1,"dirty":false}]' })
    project.write({ 'build.json': JSON.stringify({ commit, ref: 'main', image: 'app' }) })
    const env = {
      SEAWORTHY_SIGN_KEY: encrypted,
      SEAWORTHY_KEY_PASSPHRASE: PASSPHRASE,
      SEAWORTHY_STATE: project.at('state/own.db'),
    }
    const args = [
      'check',
      'db',
      '--ledger',
      'ledger.json',
      '--action',
      'deploy',
      '--json',
      '--evidence',
      'ev',
      '--image',
      IMAGE,
      '--build-info',
      'build.json',
      '--sign',
    ]
    const ran = await seaworthy(args, project.root, env)
    expect(ran.stderr).not.toContain('seaworthy:')
    expect(ran.code).toBe(0)
    const report = JSON.parse(ran.stdout)
    const file = project.at('ev/certificate.json')
    const { predicate } = statementIn(file)
    const { seaworthy_release: release } = predicate
    expect(report.evidence).toEqual({
      dir: project.at('ev'),
      certificate: { file, keyId: keyId(publicKey), expiresAt: release.expiresAt },
    })
    expect(predicate).toMatchObject({ verificationResult: 'PASSED', verifiedLevels: ['SEAWORTHY_DEPLOY'] })
    const [name = '', digest = ''] = IMAGE.split('@')
    const buildInfo = { digest: digestOf({ commit, ref: 'main', image: 'app' }), commit }
    expect(release.candidate).toMatchObject({ commit, isDirty: true, images: [{ name, digest }], buildInfo })
    expect(report.candidate).toEqual(release.candidate)
    expect(release.manifest).toBe(`sha256:${sha256(readFileSync(project.at('ev/manifest.json')))}`)
    expect(release.ledgerHead).toMatchObject({ seq: 1 })
    expect(release.preconditions).toMatchObject([{ kind: 'ledger', subject: 'db', parts: [{ name: '1' }] }])

    const listed = await seaworthy(['ledger', '--json'], project.root, env)
    expect(JSON.parse(listed.stdout).entries).toMatchObject([
      {
        seq: 2,
        kind: 'certificate',
        content: { verdict: 'pass', keyId: keyId(publicKey), manifest: release.manifest },
      },
      { seq: 1, kind: 'run', digest: release.ledgerHead?.digest, content: { verdict: 'pass', action: 'deploy' } },
    ])

    const shown = await seaworthy(['certificate', 'show', 'ev'], project.root)
    expect(shown.code).toBe(0)
    expect(shown.stdout.split('NOT VERIFIED')).toHaveLength(3)
    for (const told of [
      'PASS, for the action deploy',
      commit,
      keyId(publicKey),
      IMAGE,
      release.expiresAt,
      'uncommitted',
    ])
      expect(shown.stdout).toContain(told)
    const asJson = JSON.parse((await seaworthy(['certificate', 'show', file, '--json'], project.root)).stdout)
    expect(asJson).toMatchObject({ isVerified: false, keyId: keyId(publicKey), statement: { predicate } })
    expectNoSecret([ran, listed, shown], [project.at('ev'), project.at('state')])
  })

  it('signs a refusal as well, with the key of a secret manager; a ledger that was there is countersigned', async () => {
    const { project } = repository({
      'db/001_courts.up.sql': 'CREATE TABLE courts (id bigint PRIMARY KEY);\nCREATE TABLE old (id bigint);\n',
      'db/002_gone.up.sql': 'DROP TABLE courts;\nDROP TABLE old;\n',
      'print.mjs': "import { readFileSync } from 'node:fs'\nprocess.stdout.write(readFileSync(process.argv[2]))\n",
      'seaworthy.config.json': JSON.stringify({
        evidence: 'ev',
        state: 'own.db',
        policy: { accept: [ACCEPTED] },
        signing: { command: [process.execPath, 'print.mjs', 'secret'] },
      }),
    })
    using _ = project
    project.write({ secret: pem })
    const store = await openState(project.at('own.db'), { isCreating: true })
    await store?.append(input({ content: { note: 'an earlier one' } }))
    await store?.close()
    const ran = await seaworthy(['check', 'db', '--baseline', '001', '--sign'], project.root)
    expect(ran.code).toBe(1)
    expect(ran.stdout).toContain(`signed by key ${keyId(publicKey).slice(0, 16)}`)
    expect(statementIn(project.at('ev/certificate.json')).predicate).toMatchObject({
      verificationResult: 'FAILED',
      seaworthy_release: { verdict: 'fail', ledgerHead: { seq: 3 } },
    })
    const listed = await seaworthy(['ledger', '--json'], project.root)
    expect(JSON.parse(listed.stdout).entries).toMatchObject([
      { seq: 4, kind: 'certificate', content: { verdict: 'fail' } },
      { seq: 3, kind: 'acceptance', content: { ...ACCEPTED, verdict: 'fail' } },
      { seq: 2, kind: 'run', content: { verdict: 'fail', action: 'pull-request', isPartial: false } },
      { seq: 1 },
    ])
    expectNoSecret([ran], [project.at('ev')])
  })
})

it('a ledger that cannot be written hides no verdict, and stops whoever signs before the run', async () => {
  using project = new Project(HARMLESS)
  project.write({ 'own.db': 'no ledger' })
  const env = { SEAWORTHY_STATE: project.at('own.db'), SEAWORTHY_SIGN_KEY: pem }
  const only = ['check', 'db', '--all', '--only', 'migrations-ledger']
  const ran = await seaworthy(only, project.root, env)
  expect(ran.code).toBe(0)
  expect(ran.stderr).toContain('this run was not entered in the ledger')
  const signed = await seaworthy(['check', 'db', '--all', '--evidence', 'ev', '--sign'], project.root, env)
  expect(signed).toMatchObject({ code: 3, stdout: '' })
  expect(existsSync(project.at('ev'))).toBe(false)
})

describe('before anything is observed', () => {
  const evidence = ['--evidence', 'ev']
  const refused = async (
    args: readonly string[],
    project: Project,
    env: Record<string, string> = {},
  ): Promise<string> => {
    const ran = await seaworthy(['check', 'db', '--all', ...args], project.root, env)
    expect(ran.stdout).toBe('')
    expect(ran.code).toBe(2)
    expect(existsSync(project.at('ev'))).toBe(false)
    expectNoSecret([ran], [])
    return ran.stderr
  }

  it('--sign without evidence, with --only, without a key, or with a wrong one is refused', async () => {
    const { project } = repository()
    using _ = project
    project.write({ open: pem, closed: pem, locked: encrypted })
    chmodSync(project.at('open'), 0o644)
    for (const file of ['closed', 'locked']) chmodSync(project.at(file), 0o600)
    expect(await refused(['--sign', 'closed'], project)).toContain('--sign needs --evidence')
    expect(await refused(['--sign', 'closed', '--only', 'migrations-ledger', ...evidence], project)).toContain(
      'a partial answer cannot be certified',
    )
    expect(await refused([...evidence, '--sign'], project)).toContain('there is no key to sign with')
    expect(await refused(['--sign', 'open', ...evidence], project)).toContain('is open to others than its owner')
    expect(await refused(['--sign', 'db', ...evidence], project)).toContain('it is no file')
    expect(await refused(['--sign', 'locked', ...evidence], project, { SEAWORTHY_KEY_PASSPHRASE: 'wrong' })).toContain(
      'the passphrase does not open it',
    )
    expect(await refused(['--passphrase-file', 'closed', ...evidence], project)).toContain('without --sign')
  })

  it('an image without a digest, and build information of another commit or of none, are refused', async () => {
    const { project, commit } = repository()
    using _ = project
    const other = `${commit.startsWith('0') ? '1' : '0'}${commit.slice(1)}`
    project.write({
      'other.json': `{"commit":"${other}"}`,
      'none.json': '{"ref":"main"}',
      'short.json': `{"commit":"${commit.slice(0, 12)}"}`,
      'list.json': '[]',
      'large.json': ' '.repeat(2_000_000),
    })
    for (const image of ['app:latest', `App@sha256:${'a'.repeat(64)}`, ''])
      expect(await refused(['--image', image], project)).toContain('does not name an image by its digest')
    expect(await refused(['--image', IMAGE, '--image', IMAGE], project)).toContain('names one image twice')
    expect(await refused(['--build-info', 'other.json'], project)).toContain(
      `is of commit ${other}, and ${commit} is checked`,
    )
    expect(await refused(['--build-info', 'none.json'], project)).toContain('names no commit')
    expect(await refused(['--build-info', 'short.json'], project)).toContain('is not written as git writes a whole one')
    expect(await refused(['--build-info', 'list.json'], project)).toContain('holds no JSON object')
    expect(await refused(['--build-info', 'large.json'], project)).toContain('too large')
    expect(await refused(['--build-info', 'nowhere.json'], project)).toContain('cannot be read')
    using bare = new Project({ ...HARMLESS, 'build.json': `{"commit":"${commit}"}` })
    expect(await refused(['--build-info', 'build.json'], bare)).toContain('nothing here says which commit is checked')
  })
})
