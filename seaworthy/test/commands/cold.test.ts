import { createPrivateKey, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../../src/checks/migrations-drift/sample.ts'
import { migrationsDigest } from '../../src/commands/check/candidate.ts'
import { readReview } from '../../src/commands/review/file.ts'
import { digestOf, sha256 } from '../../src/gate/canonical.ts'
import type { Candidate } from '../../src/gate/certificate/candidate.ts'
import { evaluate, type Question } from '../../src/gate/evaluate.ts'
import { type Observation, observed } from '../../src/gate/observation.ts'
import type { ClaimResult, Review } from '../../src/gate/review/review.ts'
import { answers } from '../../src/observers/answers/kind.ts'
import { ledger } from '../../src/observers/ledger/kind.ts'
import { migrationTree } from '../../src/observers/migration-tree/kind.ts'
import { shape } from '../../src/observers/shape/kind.ts'
import { readTree } from '../../src/migrations/detect.ts'
import { rehearsal } from '../../src/observers/rehearsal/kind.ts'
import { ScratchRepository } from '../git/scratch-repository.ts'
import { type CatalogueServer, startCatalogueServer } from '../postgres/catalogue-server.ts'
import { type Told, toldBy, writeSigned } from '../evidence/signed-bundle.ts'
import { becomes, usePrivateCache } from '../postgres/private-places.ts'
import { Project, seaworthy, start } from './cli.ts'

const places = usePrivateCache()
afterAll(() => places.remove())

const DIR = 'db/migrations'
const USERS = 'CREATE TABLE users (id bigint PRIMARY KEY, handle text);\n'
const HARMLESS = 'ALTER TABLE users ADD COLUMN email text;\n'
/** What no text says: the table has no such column, and only a server knows. */
const HARM = "ALTER TABLE users ALTER COLUMN nickname SET DEFAULT 'nobody';\n"
/** A configuration that says when somebody runs it. */
const CONFIG = `import { appendFileSync } from 'node:fs'
if (process.env.RAN_FILE) appendFileSync(process.env.RAN_FILE, 'ran')
export default { migrations: [{ dir: '${DIR}', ledgerTable: 'public.applied' }] }
`

describe('a bundle that is looked at again, from cold', () => {
  const repository = new ScratchRepository()
  const work = new Project()
  let server: CatalogueServer
  let production: Client
  let url: string
  let key: KeyObject
  let harmless: string
  let harmful: string

  beforeAll(async () => {
    server = await startCatalogueServer(18)
    production = await server.database()
    const { rows } = await production.query<{ name: string }>('SELECT current_database() AS name')
    const { superuser, socketDir, port } = server.server
    url = `postgresql://${superuser}:canary-hunter2@${encodeURIComponent(socketDir)}:${port}/${rows[0]?.name}`
    await production.query(
      `CREATE ROLE app_owner LOGIN;
       DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO app_owner', current_database()); END $$;
       SET ROLE app_owner; ${USERS} CREATE TABLE applied (version text, name text, applied_at timestamptz DEFAULT now());
       INSERT INTO applied VALUES ('001', 'users', '2026-09-01T10:00:00Z');
       RESET ROLE`,
    )
    repository.commit({ 'seaworthy.config.mjs': CONFIG, [`${DIR}/001_users.sql`]: USERS }, 'users')
    repository.git('checkout', '-q', '-b', 'feature')
    harmless = repository.commit({ [`${DIR}/002_email.sql`]: HARMLESS }, 'email')
    await seaworthy(['keys', 'create', '--out', work.at('gate.key')], repository.root)
    key = createPrivateKey(readFileSync(work.at('gate.key')))
    await seaworthy(['capture', url, '--ledger-table', 'public.applied', '-o', work.at('shape.json')], repository.root)
    const made = await seaworthy(
      [
        'check',
        '--ledger-url',
        url,
        '--shape',
        work.at('shape.json'),
        '--evidence',
        work.at('honest'),
        '--sign',
        work.at('gate.key'),
      ],
      repository.root,
    )
    if (made.code !== 0) throw new Error(made.stdout + made.stderr)
    writeFileSync(work.at('policy.json'), readFileSync(work.at('honest/policy.json')))
    // The same message, another content: what a rewritten history brings.
    repository.git('checkout', '-q', '-b', 'rewritten', 'main')
    harmful = repository.commit({ [`${DIR}/002_email.sql`]: HARM }, 'email')
    repository.git('checkout', '-q', 'main')
    repository.clone('clone')
    repository.clone('old-clone', '--single-branch', '-b', 'main')
  })
  afterAll(async () => {
    await production.end()
    await server[Symbol.asyncDispose]()
    repository[Symbol.dispose]()
    work[Symbol.dispose]()
  })

  /** What lies in the folder for temporary files, without what Node keeps there. */
  const leftovers = (): string[] => readdirSync(work.at('tmp')).filter((name) => name !== 'node-compile-cache')

  const cloneAt = (name: string): string => path.join(path.dirname(repository.root), name)

  const verifying = (bundle: string, clone: string): string[] => {
    const [key, policy] = [work.at('gate.key.pub'), work.at('policy.json')]
    return ['verify', work.at(bundle), '--key', key, '--policy', policy, '--cold', '--checkout', cloneAt(clone)]
  }

  /** As a verifier does: from a folder of one's own, with a clone, the key and the policy. */
  async function cold(
    bundle: string,
    wish: { readonly clone?: string; readonly args?: readonly string[] } = {},
  ): Promise<{ code: number | null; output: string; review: Review }> {
    const file = work.at(`review-of-${bundle}.json`)
    mkdirSync(work.at('tmp'), { recursive: true })
    const ran = await seaworthy(
      [...verifying(bundle, wish.clone ?? 'clone'), '--review', file, ...(wish.args ?? [])],
      work.root,
      { TMPDIR: work.at('tmp'), RAN_FILE: work.at('ran') },
    )
    const output = ran.stdout + ran.stderr
    expect(output).not.toContain('canary')
    // Nothing is left behind, and nobody ran the candidate's configuration.
    expect(leftovers()).toEqual([])
    expect(existsSync(work.at('ran'))).toBe(false)
    if (!existsSync(file)) throw new Error(output)
    return { code: ran.code, output, review: await readReview(file) }
  }

  const outcomes = ({ claims }: Review): Record<string, ClaimResult['outcome']> =>
    Object.fromEntries(claims.map(({ claim, outcome }) => [claim.id, outcome]))

  /** What a patched builder makes of a true bundle: other observations, the true rules, the true key. */
  async function lied(
    name: string,
    lie: { readonly question?: (one: Question) => Question; readonly candidate?: Partial<Candidate> },
  ): Promise<void> {
    const { question, about }: Told = await toldBy(work.at('honest'))
    const told = lie.question?.(question) ?? question
    const candidate = { ...about.candidate, ...lie.candidate }
    writeSigned(work.at(name), { question: told, evaluation: evaluate(told), about: { ...about, candidate } }, key)
  }

  /** Puts observations in the place of those of the only folder. */
  const saying =
    (...instead: Observation[]) =>
    (question: Question): Question => ({
      ...question,
      subjects: question.subjects.map((one) => ({ ...one, observations: one.observations.with(...instead) })),
    })

  it('an honest one is confirmed: commit, files, rehearsal, ledger, order', async () => {
    const { code, output, review } = await cold('honest', {
      args: [
        '--ledger-url',
        url,
        '--shape-url',
        url,
        '--shape',
        work.at('shape.json'),
        '--report',
        `markdown=${work.at('REVIEW.md')}`,
      ],
    })
    // This server keeps no statistics of its queries, so that nobody knows which it serves: to note, and no more.
    expect(Object.entries(outcomes(review)).filter(([, outcome]) => outcome !== 'confirmed')).toEqual([
      [`shape/queries ${DIR}`, 'cannot-be-checked'],
      [`shape/queries elsewhere ${DIR}`, 'cannot-be-checked'],
    ])
    expect(review).toMatchObject({ verdict: 'confirmed', about: { candidate: { commit: harmless } } })
    expect(review.findings.map(({ severity }) => severity).filter((one) => one !== 'discrepancy')).toEqual([])
    expect(Object.keys(outcomes(review))).toEqual(
      expect.arrayContaining([
        'repository/commit',
        `repository/format ${DIR}`,
        'input/configuration',
        'input/shape',
        `input/read shape ${DIR}`,
        `shape/parts ${DIR}`,
        `order/shape evaluated ${DIR}`,
        `reading/pending ${DIR}`,
        `rehearsal/migrations-effects ${DIR}`,
        `ledger/rows ${DIR}`,
        `order/evaluated ledger ${DIR}`,
      ]),
    )
    // One last line for both looks, with one exit code.
    expect(output.replaceAll(/\s+/g, ' ')).toContain(
      'CONFIRMED exit 0: offline it is genuine, and every judge says pass again; looked at again, the review is complete: no finding is blocking',
    )
    expect(output.match(/exit \d/g)).toEqual(['exit 0'])
    expect(review.about.rehearsed[0]).toMatch(
      new RegExp(
        String.raw`^${DIR} on PostgreSQL 18\.\d+: app_owner migrates, and owners are those of production's shape`,
      ),
    )
    expect(review.about.asked.join()).toContain("roles as production's shape has them")
    expect(code).toBe(0)
    expect(readFileSync(work.at('REVIEW.md'), 'utf8')).toContain('# ✅ Review: confirmed')
    // The verifier's clone is as it was.
    expect(readdirSync(path.join(cloneAt('clone'), '.git')).filter((name) => name.includes('worktree'))).toEqual([])
    const show = async (...args: string[]) =>
      await seaworthy(['review', 'show', work.at('review-of-honest.json'), ...args], work.root)
    expect(await show()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is what this review says of itself'),
    })
    const against = ['--bundle', work.at('honest'), '--key', work.at('gate.key.pub')]
    const held = await show(...against, '--policy', work.at('policy.json'))
    expect(held).toMatchObject({ code: 0, stdout: expect.not.stringContaining('says of itself') })
    expect(await show(...against)).toMatchObject({ code: 2, stderr: expect.stringContaining('go together') })
    // One that was edited, and given a digest that fits it: who may answer, and whose key must not.
    const { digest: _, answers: given, ...made } = review
    const policy = { isIndependent: !made.about.policy.isIndependent, reviewers: [] }
    const certificate = { ...made.about.certificate, keyId: '0'.repeat(64) }
    const edited = { ...made, about: { ...made.about, policy, certificate } }
    writeFileSync(
      work.at('review-of-honest.json'),
      JSON.stringify({ ...edited, digest: digestOf(edited), answers: given }),
    )
    expect((await show()).code).toBe(0)
    const refused = await show(...against, '--policy', work.at('policy.json'))
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('it names another key for the certificate')
    expect(refused.stderr).toContain('it has another policy of who may answer')
    // A bundle is not of whoever holds another key.
    await seaworthy(['keys', 'create', '--out', work.at('other.key')], work.root)
    const other = await show('--bundle', work.at('honest'), '--key', work.at('other.key.pub'), '--policy', 'embedded')
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('is no bundle that the holder of') })
  })

  it('a dirty tree, harmless, under the commit of a harmful one: refused by the commit and by the rehearsal', async () => {
    const tree = repository.git('rev-parse', `${harmful}^{tree}`)
    await lied('rewritten', { candidate: { commit: harmful, tree, isDirty: true } })
    const { code, output, review } = await cold('rewritten', { args: ['--ledger-url', url] })
    expect(outcomes(review)).toMatchObject({
      'repository/commit': 'confirmed',
      'repository/clean': 'cannot-be-checked',
      [`repository/migrations ${DIR}`]: 'contradicted',
      [`reading/tree ${DIR}`]: 'contradicted',
      [`rehearsal/migrations-rehearsal ${DIR}`]: 'contradicted',
    })
    expect(code).toBe(1)
    const applied = review.claims.find(({ claim }) => claim.id === `rehearsal/migrations-rehearsal ${DIR}`)
    expect(applied?.why).toContain('the bundle does not have apply/')
    expect(output).toMatch(/F\d blocking, contradicted/)
  })

  it('what a rehearsal saw, left out by a patched builder: offline it holds, the second rehearsal contradicts it', async () => {
    const tree = repository.git('rev-parse', `${harmful}^{tree}`)
    // The true text of the harmful commit, under the rehearsal of the harmless one.
    const clone = repository.clone('harmful-clone', '-b', 'rewritten')
    const read = await readTree(clone, { folder: DIR, format: 'numbered', detectedBy: '001_users.sql' })
    const { question } = await toldBy(work.at('honest'))
    const seen = question.subjects[0]?.observations.need(rehearsal)
    if (seen === undefined) throw new Error('there is no rehearsal')
    const steps = seen.steps.map((one) => (one.version === '002' ? { ...one, sha256: sha256(HARM) } : one))
    await lied('forged', {
      question: saying(
        observed(migrationTree, `folder ${DIR}`, read),
        observed(rehearsal, 'scratch server', { ...seen, steps }),
      ),
      candidate: {
        commit: harmful,
        tree,
        migrations: [{ folder: DIR, format: 'numbered', digest: migrationsDigest(read) }],
      },
    })
    const { code, output, review } = await cold('forged', { args: ['--ledger-url', url] })
    expect(output.replaceAll(/\s+/g, ' ')).toContain('CONTRADICTED exit 1: offline it is genuine, and every judge says')
    expect(output.match(/exit \d/g)).toEqual(['exit 1'])
    expect(outcomes(review)).toMatchObject({
      'repository/commit': 'confirmed',
      [`repository/migrations ${DIR}`]: 'confirmed',
      [`reading/tree ${DIR}`]: 'confirmed',
      [`reading/migrations-contract ${DIR}`]: 'confirmed',
      [`rehearsal/migrations-rehearsal ${DIR}`]: 'contradicted',
      'rehearsal/verdict': 'contradicted',
    })
    expect(code).toBe(1)
  })

  it('a clone without the commit, a ledger that never had these rows, a shape and answers from the future', async () => {
    const future = '2027-01-01T00:00:00.000Z'
    const row = { name: null, checksum: null, appliedAt: '2026-09-02T10:00:00.000Z', isDirty: false }
    const server18 = { version: '18.4', identity: `sha256:${'0'.repeat(64)}`, isReplica: false }
    await lied('invented', {
      question: saying(
        observed(ledger, 'postgresql://production/app public.applied', {
          style: 'rows',
          rows: [
            { ...row, key: '1' },
            { ...row, key: '7' },
          ],
        }),
        observed(shape, 'file shape.json', { ...sample.need(shape), capturedAt: future }),
        observed(answers, 'answers', {
          server: server18,
          answers: [{ id: '0'.repeat(32), answeredAt: future, rows: 0, problem: null }],
        }),
      ),
    })
    const { code, review } = await cold('invented', { clone: 'old-clone', args: ['--ledger-url', url] })
    expect(outcomes(review)).toMatchObject({
      'repository/commit': 'cannot-be-checked',
      [`rehearsal/migrations-effects ${DIR}`]: 'cannot-be-checked',
      [`ledger/rows ${DIR}`]: 'contradicted',
      [`order/shape evaluated ${DIR}`]: 'contradicted',
      [`order/answers evaluated ${DIR}`]: 'contradicted',
    })
    expect(code).toBe(1)
  })

  it('a row that production had before the verdict, and the bundle has not; and one that came afterwards', async () => {
    await production.query(`INSERT INTO applied VALUES ('002', 'email', now() + interval '1 minute')`)
    const later = await cold('honest', { clone: 'old-clone', args: ['--ledger-url', url, '--review', 'later.json'] })
    expect(later.code).toBe(3)
    const review = await readReview(work.at('later.json'))
    expect(outcomes(review)).toMatchObject({
      'repository/commit': 'cannot-be-checked',
      [`ledger/rows ${DIR}`]: 'confirmed',
      [`order/evaluated ledger ${DIR}`]: 'confirmed',
    })
    await production.query(`UPDATE applied SET applied_at = '2026-09-03T10:00:00Z' WHERE version = '002'`)
    const inClone = path.join(cloneAt('old-clone'), 'before.json')
    const again = await cold('honest', { clone: 'old-clone', args: ['--ledger-url', url, '--review', inClone] })
    expect(again.output).toContain('git calls this working tree dirty now')
    expect(later.output).not.toContain('dirty now')
    const contradicted = await readReview(inClone)
    expect(outcomes(contradicted)).toMatchObject({ [`order/evaluated ledger ${DIR}`]: 'contradicted' })
    expect(contradicted.verdict).toBe('contradicted')
  })

  it('a bundle that is not genuine is not looked at, and flags of a second look do not go with an offline one', async () => {
    await seaworthy(['keys', 'create', '--out', work.at('other.key')], work.root)
    const args = [...verifying('honest', 'clone'), '--review', work.at('not-genuine.json')]
    const other = await seaworthy([...args, '--key', work.at('other.key.pub')], work.root)
    expect(other).toMatchObject({ code: 1, stdout: expect.stringContaining('not looked at again') })
    expect(existsSync(work.at('not-genuine.json'))).toBe(false)
    const offline = await seaworthy(
      args.filter((one) => one !== '--cold'),
      work.root,
    )
    expect(offline).toMatchObject({ code: 2, stderr: expect.stringContaining('--checkout was given without --cold') })
    const gone = await seaworthy([...verifying('honest', 'clone'), '--ledger', 'nope.csv'], work.root)
    expect(gone).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/nope\.csv \(--ledger\) cannot be read/),
    })
    const unwritable = await seaworthy([...verifying('honest', 'clone'), '--review', 'no/such/r.json'], work.root)
    expect(unwritable).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('the review could not be written to'),
    })
    const nowhere = await seaworthy([...verifying('honest', '..'), '--review', work.at('nowhere.json')], work.root)
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('is in no git repository') })
  })

  it('ctrl-C in the middle leaves nothing behind', async () => {
    mkdirSync(work.at('tmp'), { recursive: true })
    const running = start(
      [...verifying('honest', 'clone'), '--review', work.at('never.json'), '--no-cache'],
      work.root,
      { TMPDIR: work.at('tmp') },
    )
    const isCheckedOut = (): boolean =>
      leftovers().some((name) => name.startsWith('seaworthy-cold-') && existsSync(work.at(`tmp/${name}/checkout/db`)))
    expect(await becomes(isCheckedOut)).toBe(true)
    running.kill('SIGINT')
    expect((await running.done).code).toBe(130)
    expect(leftovers()).toEqual([])
    expect(existsSync(work.at('never.json'))).toBe(false)
  })
})
