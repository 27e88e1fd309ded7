import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ClaimToCheck, LookedAgain } from '../../src/gate/cold/looked-again.ts'
import { couldNotLook, type Looked, seenBy } from '../../src/gate/cold/claim.ts'
import { type Review, reviewOf } from '../../src/gate/review/review.ts'
import { answerReview } from '../../src/commands/review/review.ts'
import { checkReviewPlace, readReview } from '../../src/commands/review/file.ts'
import { Project, seaworthy } from './cli.ts'
import { emergencyIn } from './entered.ts'

const NOTHING: LookedAgain = {
  commit: { failed: 'nobody looked' },
  inputs: [],
  run: { failed: 'nobody looked' },
  besides: [],
  brought: new Map(),
  production: new Map(),
}

const claim = (id: string, looked: Looked): ClaimToCheck => ({
  claim: {
    id,
    kind: 'repository',
    says: `<b>@everyone</b> ${id}`,
    source: 'certificate',
    severity: 'blocking',
    unchecked: 'blocking',
    comparison: 'equal',
    expected: 'this',
    witness: 'bundle',
    needs: 'a look',
  },
  look: () => looked,
})

const review = (policy: Review['about']['policy'], certificateKey = '0'.repeat(64)): Review =>
  reviewOf(
    {
      toolVersion: '1.0.0',
      reviewedAt: '2026-11-21T13:00:00.000Z',
      certificate: { digest: `sha256:${'c'.repeat(64)}`, keyId: certificateKey },
      manifest: `sha256:${'d'.repeat(64)}`,
      candidate: {
        commit: 'a'.repeat(40),
        tree: 'b'.repeat(40),
        isDirty: false,
        images: [],
        buildInfo: null,
        migrations: [],
      },
      action: 'deploy',
      evaluatedAt: '2025-11-21T12:00:00.000Z',
      expiresAt: '9999-12-31T23:59:59.999Z',
      verdict: 'pass',
      asked: ['db as numbered'],
      rehearsed: [],
      otherPolicy: null,
      policy,
    },
    [
      claim('same', seenBy('clone', 'this')),
      claim('other', seenBy('clone', '::error::that')),
      claim('unseen', couldNotLook('no clone')),
    ],
    NOTHING,
  )

const written = (project: Project, of: Review): Project =>
  project.write({ 'seaworthy-review.json': JSON.stringify(of, null, 2) })

describe('seaworthy review', () => {
  it('shows what stands against a bundle until somebody has answered for all of it', async () => {
    using project = new Project()
    written(project, review({ isIndependent: false, reviewers: [] }))
    const run = async (...args: string[]) =>
      await seaworthy(['review', ...args], project.root, { SEAWORTHY_STATE: project.at('state.db') })
    await emergencyIn(project.at('state.db'))
    const open = await run('show', '--report', 'markdown=REVIEW.md')
    expect(open.stdout).toContain('open emergency #1')
    expect(JSON.parse((await run('show', '--json')).stdout)).toMatchObject({
      emergencies: [{ reason: 'login is down' }],
    })
    expect(open.code).toBe(1)
    expect(open.stdout).toContain('F1 blocking, contradicted: the bundle says this, and ')
    expect(open.stdout).toContain('not complete: F1, F2 wait for an answer that counts (exit 1)')
    expect(open.stdout).not.toMatch(/^::error/m)
    const markdown = readFileSync(project.at('REVIEW.md'), 'utf8')
    expect(markdown).toContain('login is down')
    expect(markdown).toContain('### F2: blocking, cannot be checked')
    expect(markdown).not.toContain('<b>')
    expect(markdown).not.toMatch(/@everyone/)

    const first = await run('answer', 'F1', '--by', 'Ada', '--evidence', 'deploy 417 brought it')
    expect(first).toMatchObject({ code: 3, stdout: expect.stringContaining('F1: the answer counts') })
    expect((await run('show')).code).toBe(3)
    project.write({ 'deploy.log': 'all of it' })
    const second = await run('answer', 'F2', '--by', 'Ada', '--evidence', 'deploy.log')
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('complete: every blocking finding (2)') })
    const shown = await run('show', '--json')
    expect(shown.code).toBe(0)
    expect(JSON.parse(shown.stdout)).toMatchObject({
      state: 'complete',
      exitCode: 0,
      answers: [
        { finding: 'F1', by: 'Ada', evidence: { text: 'deploy 417 brought it' }, signature: null },
        { finding: 'F2', evidence: { text: null, file: { name: 'deploy.log', bytes: 9 } } },
      ],
    })
    const ledger = await seaworthy(['ledger', '--kind', 'review', '--json', '--state', 'state.db'], project.root)
    expect(JSON.parse(ledger.stdout)).toMatchObject({
      entries: [
        { kind: 'review', candidate: 'a'.repeat(40), content: { event: 'answered', finding: 'F2', by: 'Ada' } },
        { kind: 'review', content: { finding: 'F1', key: null } },
      ],
    })
  })

  it('takes the answers of another key only, where the policy says so', async () => {
    using project = new Project()
    const keyOf = async (name: string): Promise<string> => {
      await seaworthy(['keys', 'create', '--out', name], project.root)
      return (await seaworthy(['keys', 'show', `${name}.pub`], project.root)).stdout.trim()
    }
    const [builder, ada] = [await keyOf('builder.key'), await keyOf('ada.key')]
    written(project, review({ isIndependent: true, reviewers: [ada] }, builder))
    const answer = async (...args: string[]) =>
      await seaworthy(['review', 'answer', 'F1', '--by', 'Ada', '--evidence', 'seen', ...args], project.root)
    const unsigned = await answer()
    expect(unsigned.stdout).toContain('F1: the answer does not count: the policy wants it signed')
    expect(unsigned.code).toBe(1)
    expect((await answer('--sign', 'builder.key')).stdout).toContain('the key that signed the certificate signed it')
    const signed = await answer('--sign', 'ada.key')
    expect(signed).toMatchObject({ code: 3, stdout: expect.stringContaining('F1: the answer counts') })
    // Every answer stays, whether it counts or not.
    const file = readFileSync(project.at('seaworthy-review.json'), 'utf8')
    expect((await readReview(project.at('seaworthy-review.json'))).answers).toHaveLength(3)
    // An answer that somebody edits afterwards does not count.
    project.write({ 'seaworthy-review.json': file.replaceAll('"by": "Ada"', '"by": "Bob"') })
    const edited = await seaworthy(['review', 'show'], project.root)
    expect(edited.code).toBe(1)
    expect(edited.stdout.replaceAll(/\s+/g, ' ')).toContain('(does not count: its signature is not of this answer')
  })

  it('refuses a file that was edited, is none, or has no such finding', async () => {
    using project = new Project()
    const made = review({ isIndependent: false, reviewers: [] })
    const show = async () => await readReview(project.at('seaworthy-review.json'))
    const refused = async (why: string) =>
      await expect(show()).rejects.toMatchObject({ code: 'config', message: expect.stringContaining(why) })
    await refused('is no review')
    for (const edited of [
      { ...made, verdict: 'confirmed' as const },
      { ...made, findings: [] },
      { ...made, claims: made.claims.slice(0, 1) },
      { ...made, claims: made.claims.map((one) => ({ ...one, looked: seenBy('clone', 'this') })) },
    ]) {
      written(project, edited)
      await refused('was changed after it was made')
    }
    for (const text of ['', '[]', '{"document":"other"}']) {
      project.write({ 'seaworthy-review.json': text })
      await refused('is no review')
    }
    const [first] = made.claims
    const byHand = { ...made, claims: [{ ...first, needs: 'nothing at all' }, ...made.claims.slice(1)] }
    const deep = JSON.stringify(made).replace(
      '"expected":"this"',
      `"expected":${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    )
    project.write({ 'seaworthy-review.json': deep })
    await refused('it is nested deeper than 100 levels')
    for (const [text, what] of [
      ['{"document":"review"}', 'is not what a review has there'],
      [JSON.stringify({ ...made, extra: 1 }), 'its members are not what a review has there'],
      [JSON.stringify(byHand), 'claims.0.needs is not what a review has there'],
    ] as const) {
      project.write({ 'seaworthy-review.json': text })
      await refused('was edited, or is of another version of Seaworthy')
      await refused(what)
    }
    expect(await seaworthy(['review', 'show'], project.root)).toMatchObject({ code: 2, stdout: '' })
    written(project, made)
    const answer = async (finding: string, by: string, evidence: string) =>
      await answerReview(
        {
          finding,
          by,
          evidence,
          file: project.at('seaworthy-review.json'),
          sign: null,
          passphraseFile: null,
          secrets: { key: null, passphrase: null },
        },
        { cwd: project.root, env: {}, signal: new AbortController().signal },
      )
    await expect(answer('F9', 'Ada', 'x')).rejects.toMatchObject({ code: 'usage', hint: 'There are: F1, F2.' })
    await expect(answer('F1', ' ', 'x')).rejects.toMatchObject({ code: 'usage', message: '--by is empty' })
    await expect(answer('F1', 'Ada', '')).rejects.toMatchObject({ code: 'usage' })
    expect((await show()).answers).toEqual([])
    // An answered review is not written over by a new one.
    await answer('F1', 'Ada', 'seen')
    await expect(checkReviewPlace(project.at('seaworthy-review.json'))).rejects.toMatchObject({ code: 'usage' })
    expect(await checkReviewPlace(project.at('new.json'))).toBe(project.at('new.json'))
  })

  it('is looked for a place before the work: no folder, or one that is a file', async () => {
    using project = new Project({ file: '' })
    for (const place of ['nowhere/r.json', 'file/r.json'])
      await expect(checkReviewPlace(project.at(place))).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining(`the review could not be written to ${project.at(place)}`),
        hint: expect.stringContaining('--review FILE'),
      })
  })

  it('ends in one line whose word is that of the exit code', async () => {
    using project = new Project()
    written(project, review({ isIndependent: false, reviewers: [] }))
    const run = async (...args: string[]) => await seaworthy(['review', ...args], project.root)
    const last = ({ stdout }: { stdout: string }): string => stdout.trimEnd().split('\n').at(-1) ?? ''
    expect(last(await run('show'))).toBe('CONTRADICTED  not complete: F1, F2 wait for an answer that counts (exit 1)')
    expect(last(await run('answer', 'F1', '--by', 'Ada', '--evidence', 'seen'))).toBe(
      'UNPROVEN  not complete: F2 waits for an answer that counts (exit 3)',
    )
    await run('answer', 'F2', '--by', 'Ada', '--evidence', 'seen')
    const shown = await run('show', '--report', 'markdown=REVIEW.md')
    expect(readFileSync(project.at('REVIEW.md'), 'utf8')).toContain('# ❌ Review: contradicted, and answered\n')
    expect(last(shown)).toBe('ANSWERED  complete: every blocking finding (2) is answered (exit 0)')
  })

  it('an answer that does not count is no success, even where the review is complete without it', async () => {
    using project = new Project()
    await seaworthy(['keys', 'create', '--out', 'ada.key'], project.root)
    written(project, review({ isIndependent: true, reviewers: [] }))
    const answer = async (id: string, ...args: string[]) =>
      await seaworthy(['review', 'answer', id, '--by', 'Ada', '--evidence', 'seen', ...args], project.root)
    await answer('F1', '--sign', 'ada.key')
    expect(await answer('F2', '--sign', 'ada.key')).toMatchObject({ code: 0 })
    const unsigned = await answer('F2')
    expect(unsigned.code).toBe(3)
    expect(unsigned.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'UNPROVEN complete: every blocking finding (2) is answered, without this answer (exit 3)',
    )
  })
})
