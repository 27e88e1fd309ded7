import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { certificateInput } from '../../src/commands/check/certify.ts'
import { type Verification, verifyBundle } from '../../src/commands/verify/verify.ts'
import { questionOfBundle } from '../../src/evidence/question.ts'
import { readBundle } from '../../src/evidence/read.ts'
import { canonicalJson, sha256 } from '../../src/gate/canonical.ts'
import { IN_TOTO, sealEnvelope } from '../../src/gate/certificate/dsse.ts'
import { statementOf } from '../../src/gate/certificate/statement.ts'
import { type Evaluation, evaluate, type Question } from '../../src/gate/evaluate.ts'
import { bundle, type BundleAbout, digestsOf } from '../../src/gate/evidence.ts'
import type { Policy } from '../../src/gate/policy.ts'
import { ownVersion } from '../../src/version.ts'
import { Project, seaworthy } from '../commands/cli.ts'

export const TOOL_VERSION = ownVersion()

/** Two folders with one release each; one finding is accepted by the policy, another one by a comment. */
const PROJECT = {
  'seaworthy.config.json': JSON.stringify({
    action: 'deploy',
    migrations: [
      { dir: 'courts/migrations', baseline: '1' },
      { dir: 'users/migrations', baseline: '1' },
    ],
    policy: {
      accept: [
        {
          code: 'lock/create-index',
          file: 'courts/migrations/002_rooms.up.sql',
          reason: 'the table of courts is tiny',
          author: 'Ada',
          expires: '2099-01-01',
        },
      ],
    },
  }),
  'courts/migrations/001_courts.up.sql': 'CREATE TABLE courts (id bigint PRIMARY KEY, name text);\n',
  'courts/migrations/001_courts.down.sql': 'DROP TABLE courts;\n',
  'courts/migrations/002_rooms.up.sql': `CREATE INDEX courts_name ON courts (name);\nALTER TABLE courts ADD COLUMN rooms integer;\n`,
  'courts/migrations/002_rooms.down.sql': 'ALTER TABLE courts DROP COLUMN rooms;\nDROP INDEX courts_name;\n',
  'users/migrations/001_users.up.sql': 'CREATE TABLE users (id bigint PRIMARY KEY, email text);\n',
  'users/migrations/001_users.down.sql': 'DROP TABLE users;\n',
  'users/migrations/002_email.up.sql': `-- seaworthy:allow lock/create-index reason="nobody signs up at night"\nCREATE INDEX users_email ON users (email);\n`,
  'users/migrations/002_email.down.sql': 'DROP INDEX users_email;\n',
}

/** A bundle that `check --sign` made, and everything that a verifier needs. */
export class SignedBundle implements Disposable {
  readonly project: Project
  readonly dir: string
  readonly key: KeyObject
  readonly privateKey: KeyObject
  readonly policy: Policy

  private constructor(project: Project) {
    this.project = project
    this.dir = project.at('evidence')
    this.privateKey = createPrivateKey(readFileSync(project.at('gate.key')))
    this.key = publicHalf(this.privateKey)
    const policy: Policy = JSON.parse(this.read('policy.json'))
    this.policy = policy
  }

  /** A real run of the gate. */
  static async make(): Promise<SignedBundle> {
    const project = new Project(PROJECT)
    await seaworthy(['keys', 'create', '--out', 'gate.key'], project.root)
    const { code, stdout, stderr } = await seaworthy(
      ['check', '--evidence', 'evidence', '--sign', 'gate.key'],
      project.root,
    )
    if (code !== 0) throw new Error(`${stdout}${stderr}`)
    return new SignedBundle(project)
  }

  read(file: string): string {
    return readFileSync(path.join(this.dir, file), 'utf8')
  }

  /** Every file of it, by its path with forward slashes. */
  get files(): string[] {
    return readdirSync(this.dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.dir, path.join(entry.parentPath, entry.name)))
      .toSorted()
  }

  /** A copy that may be damaged. */
  copy(): Damaged {
    return new Damaged(this.dir)
  }

  /** As its verifier would, with the gate's key and policy unless said otherwise. */
  async verify(dir: string, wish: { policy?: Policy | 'embedded'; key?: KeyObject; now?: Date } = {}) {
    return await verified(dir, { policy: this.policy, key: this.key, ...wish })
  }

  [Symbol.dispose](): void {
    this.project[Symbol.dispose]()
  }
}

/** Verifies, and says what becomes of it in short: the exit code, and each step that does not hold with its code. */
export async function verified(
  dir: string,
  wish: { readonly policy: Policy | 'embedded'; readonly key: KeyObject; readonly now?: Date },
): Promise<{ exitCode: number; problems: Record<string, string>; isGenuine: boolean; verification: Verification }> {
  const verification = await verifyBundle({ dir, now: new Date(), toolVersion: TOOL_VERSION, ...wish })
  const { steps, exitCode, isGenuine } = verification.result
  const bad = steps.filter((one) => one.outcome !== 'holds' && one.code !== 'verify/not-reached')
  return {
    exitCode,
    problems: Object.fromEntries(bad.map((one) => [one.step, one.code ?? 'none'])),
    isGenuine,
    verification,
  }
}

export const publicHalf = (privateKey: KeyObject): KeyObject => createPublicKey(privateKey)

/** A copy of a bundle in a folder of its own. */
export class Damaged implements Disposable {
  readonly root = mkdtempSync(path.join(tmpdir(), 'seaworthy-bundle-'))
  readonly dir = path.join(this.root, 'bundle')

  constructor(from: string) {
    cpSync(from, this.dir, { recursive: true })
  }

  at(file: string): string {
    return path.join(this.dir, file)
  }

  read(file: string): string {
    return readFileSync(this.at(file), 'utf8')
  }

  write(file: string, content: string | Uint8Array): void {
    mkdirSync(path.dirname(this.at(file)), { recursive: true })
    writeFileSync(this.at(file), content)
  }

  remove(file: string): void {
    rmSync(this.at(file), { recursive: true })
  }

  /** Changes the manifest as data; its own canonical form is kept, the certificate is left as it is. */
  editManifest(change: (manifest: ManifestData) => void): void {
    const manifest: ManifestData = JSON.parse(this.read('manifest.json'))
    change(manifest)
    this.write('manifest.json', canonicalJson(manifest))
  }

  /** Brings the entries of the manifest up to what its files are, as whoever changed them would. */
  digestAgain(): void {
    this.editManifest((manifest) => {
      for (const entry of manifest.files) {
        const text = this.read(entry.path)
        entry.sha256 = sha256(text)
        entry.bytes = Buffer.byteLength(text)
      }
    })
  }

  /** Signs what is there: the statement that was signed before, with the digests of now, and whatever else is changed in it. */
  signAgain(key: KeyObject, change: (statement: StatementData) => void = () => undefined): void {
    const envelope: { payload: string } = JSON.parse(this.read('certificate.json'))
    const statement: StatementData = JSON.parse(Buffer.from(envelope.payload, 'base64').toString())
    const manifest: ManifestData = JSON.parse(this.read('manifest.json'))
    const { predicate } = statement
    predicate.inputAttestations = manifest.files
      .filter((one) => one.path.startsWith('observations/') || one.path === 'given.json')
      .map((one) => ({ digest: { sha256: one.sha256 }, uri: one.path }))
    predicate.seaworthy_release.manifest = `sha256:${sha256(this.read('manifest.json'))}`
    predicate.policy.digest.sha256 = sha256(this.read('policy.json'))
    predicate.seaworthy_release.policy = `sha256:${sha256(this.read('policy.json'))}`
    change(statement)
    this.write('certificate.json', sealEnvelope(IN_TOTO, canonicalJson(statement), key))
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** What tests change of a manifest. */
export interface ManifestData {
  schemaVersion: unknown
  verdict: unknown
  evaluatedAt: string
  isPartial: unknown
  action: unknown
  toolVersion: string
  subjects: { name: string; observations: string[] }[]
  checks: { id: string; version: number }[]
  files: { path: string; sha256: string; bytes: number }[]
  candidate: { commit: unknown; migrations: { folder: string; digest: string }[] }
  request: Record<string, unknown>
}

/** What tests change of a statement. */
export interface StatementData {
  subject: unknown[]
  predicate: {
    inputAttestations: unknown
    verificationResult: unknown
    policy: { digest: { sha256: string } }
    seaworthy_release: {
      manifest: string
      policy: string
      verdict: unknown
      evaluatedAt: string
      expiresAt: string
      isPartial?: unknown
      obligations: unknown
      preconditions: unknown
      ledgerHead: unknown
    }
  }
}

export interface Told {
  readonly question: Question
  readonly evaluation: Evaluation
  readonly about: BundleAbout
}

/** What a bundle says, for a signer who wants to say something else. */
export async function toldBy(dir: string): Promise<Told> {
  const read = await readBundle(dir)
  const question = await questionOfBundle(read)
  return { question, evaluation: evaluate(question), about: read.manifest }
}

/** A bundle and its certificate as somebody makes them who holds a key, and writes down whatever he likes. */
export function writeSigned(dir: string, { question, evaluation, about }: Told, key: KeyObject): void {
  const files = bundle(question, evaluation, about)
  const { candidate, toolVersion } = about
  const input = certificateInput({
    question,
    evaluation,
    candidate,
    digests: digestsOf(files),
    toolVersion,
    ledgerHead: null,
  })
  rmSync(dir, { recursive: true, force: true })
  for (const [name, text] of files) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true })
    writeFileSync(path.join(dir, name), text)
  }
  const statement = statementOf({ ...input, question: { ...question, isPartial: false } })
  writeFileSync(path.join(dir, 'certificate.json'), sealEnvelope(IN_TOTO, canonicalJson(statement), key))
}

export const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey
