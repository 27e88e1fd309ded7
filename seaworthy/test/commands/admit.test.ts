import { generateKeyPairSync } from 'node:crypto'
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import type { AdmitReport } from '../../src/commands/admit/admit.ts'
import { admit } from '../../src/index.ts'
import { usePrivateCache } from '../postgres/private-places.ts'
import { AdmissionProject } from './admission-project.ts'
import { Project } from './cli.ts'

const places = usePrivateCache()
let world: AdmissionProject
beforeAll(async () => {
  world = await AdmissionProject.make()
}, 120_000)
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  places.remove()
})

const codes = ({ findings }: AdmitReport): string[] => findings.map(({ code }) => code)
const words = ({ findings }: AdmitReport): string => findings.map(({ message }) => message).join('\n')
const told = async (asking: Promise<AdmitReport>): Promise<AdmitReport> => {
  const report = await asking
  expect(JSON.stringify(report)).not.toContain('canary')
  return report
}

describe('between the check and the deploy', () => {
  it('nothing has changed: the deploy may go on, and that is recorded', async () => {
    const asked = ['admit', 'out/e', '--key', 'out/k.pub', '--action', 'deploy', '--policy', 'out/policy.json']
    const ran = await world.mustRun(...asked)
    expect(ran.stdout).toMatch(/^ADMITTED {2}deploy: pass/)
    expect(ran.stdout).toMatch(/ledger of migrations +1 migration, postgresql:[^]*public\.applied\s+\(sha256:/)
    expect(ran.stdout).toMatch(/shape of migrations +\d+ objects and roles,/)
    expect(ran.stdout + ran.stderr).not.toContain('canary')
    const report = await told(world.admit({ certificate: 'out/e/certificate.json' }))
    expect(report).toMatchObject({ verdict: 'pass', isAdmitted: true, exitCode: 0, findings: [], emergencies: [] })
    expect(report.compared.preconditions.map(({ kind, digest }) => [kind, digest])).toEqual(
      world.release.preconditions.map(({ kind, digest }) => [kind, digest]),
    )
    // From elsewhere, by a link to the checkout.
    symlinkSync(world.project.root, world.project.at('out/link'))
    const linked = await told(world.admit({ dir: 'out/link' }))
    expect(linked).toMatchObject({ verdict: 'pass', compared: { candidate: report.compared.candidate } })
    const { compared } = await admit(
      { certificate: 'out/e', key: 'out/k.pub', action: 'deploy', policy: 'out/policy.json' },
      { cwd: world.project.root, env: { ...process.env, ...world.env } },
    )
    expect({ ...compared, at: report.compared.at }).toEqual(report.compared)
    const ledger = await world.mustRun('ledger', '--kind', 'admission', '--json')
    expect(JSON.parse(ledger.stdout)).toMatchObject({
      entries: [
        { content: { outcome: 'admitted' } },
        { content: { outcome: 'admitted' } },
        { seq: report.entry.seq, content: { outcome: 'admitted', codes: [] } },
        { content: { outcome: 'admitted' } },
      ],
    })
  })

  it('the ledger moved on: refused, and what came is said by name', async () => {
    const [more, less] = [`INSERT INTO applied VALUES ('002', 'x')`, `DELETE FROM applied WHERE version = '002'`]
    const report = await told(world.meanwhile(more, less, async () => await world.admit()))
    expect(report).toMatchObject({ verdict: 'fail', isAdmitted: false, exitCode: 1 })
    expect(codes(report)).toEqual(['admission/precondition-moved'])
    expect(words(report)).toContain('ledger for migrations is not what was judged')
    expect(words(report)).toContain('added: migration 2')
    expect((await world.admit()).verdict).toBe('pass')
  })

  it('the shape drifted: refused, by the name of the table', async () => {
    const change = ['ALTER TABLE users ADD COLUMN email text', 'ALTER TABLE users DROP COLUMN email'] as const
    const report = await told(world.meanwhile(...change, async () => await world.admit()))
    expect(codes(report)).toEqual(['admission/precondition-moved'])
    expect(words(report)).toContain('changed: table public.users (new: column public.users.email)')
    const alone = { certificate: 'out/e/certificate.json' }
    const less = await told(world.meanwhile(...change, async () => await world.admit(alone)))
    expect(words(less)).toMatch(/changed: table public\.users$/)
  })

  it('in time, or it is not known: nothing that took too long is as it was', async () => {
    const report = await told(world.admit({ timeoutMs: 1 }))
    expect(report).toMatchObject({ verdict: 'unproven', isAdmitted: false, exitCode: 3 })
    expect(codes(report)).toContain('admission/precondition-not-looked-at')
    expect(codes(report)).toContain('admission/candidate-unknown')
    expect(words(report)).toContain('not everything could be looked at within 0.001 s')
  })

  it('another database with the same ledger and shape is not production', async () => {
    const staging = await world.staging()
    const ledger = await told(world.admit({ ledgerUrl: staging }))
    expect(ledger).toMatchObject({ verdict: 'fail', exitCode: 1, isAdmitted: false })
    expect(codes(ledger)).toEqual(['admission/other-database'])
    expect(words(ledger)).toContain('--ledger-url')
    const shape = await told(world.admit({ shapeUrl: staging }))
    expect(codes(shape)).toContain('admission/other-database')
    expect(shape.exitCode).toBe(1)
  })

  it('production does not answer, or nobody says where it is: unproven', async () => {
    const silent = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    const url = `postgresql://canary-user:canary-word@127.0.0.1:${port}/app?password=canary-query`
    const [ledger, shape] = [await told(world.admit({ ledgerUrl: url })), await told(world.admit({ shapeUrl: url }))]
    silent.close()
    for (const report of [ledger, shape]) {
      expect(report).toMatchObject({ verdict: 'unproven', exitCode: 3, isAdmitted: false })
      expect(codes(report)).toEqual(['admission/precondition-not-looked-at'])
    }
    const blind = await told(world.admit({}, { SEAWORTHY_STATE: world.env['SEAWORTHY_STATE'] }))
    expect(blind).toMatchObject({ verdict: 'unproven', exitCode: 3 })
    expect(codes(blind)).toEqual(['admission/precondition-not-looked-at', 'admission/precondition-not-looked-at'])
    await expect(world.admit({ ledgerUrl: 'mysql://canary' })).rejects.toMatchObject({ code: 'usage' })
  })

  it('an answer that has become a bad one since, and one of another database', async () => {
    const answers = JSON.parse(readFileSync(world.project.at('out/answers.json'), 'utf8'))
    const given = (change: object): string => {
      world.project.write({ 'out/given.json': JSON.stringify({ ...answers, data: { ...answers.data, ...change } }) })
      return 'out/given.json'
    }
    const now = answers.data.answers.map((one: object) => ({ ...one, answeredAt: new Date().toISOString() }))
    expect((await world.admit({ answers: given({ answers: now }) })).verdict).toBe('pass')
    const bad = given({ answers: now.map((one: object) => ({ ...one, rows: 4 })) })
    expect(codes(await world.admit({ answers: bad }))).toEqual(['admission/obligation-violated'])
    const other = given({ answers: now, server: { ...answers.data.server, identity: `sha256:${'0'.repeat(64)}` } })
    expect(codes(await world.admit({ answers: other }))).toEqual(['admission/other-database'])
  })
})

describe('something else is about to run', () => {
  it('a dirty tree, another commit, and a folder that nobody judged', async () => {
    const { project } = world
    project.write({ 'notes.txt': 'x' })
    expect(codes(await world.admit())).toEqual(['admission/dirty-candidate'])
    rmSync(project.at('notes.txt'))
    project.write({ 'more/migrations/1_x.up.sql': 'SELECT 1;\n', 'more/migrations/1_x.down.sql': 'SELECT 1;\n' })
    const added = await world.admit()
    expect(codes(added)).toContain('admission/other-candidate')
    expect(words(added)).toContain('more/migrations is about to run, and was not judged')
    rmSync(project.at('more'), { recursive: true })
    world.commit()
    const other = await world.admit()
    expect(codes(other)).toEqual(['admission/other-candidate'])
    expect(words(other)).toMatch(/for commit [0-9a-f]{40}, and [0-9a-f]{40} is about to run/)
    world.git('reset', '-q', '--hard', 'HEAD~1')
    expect((await world.admit()).verdict).toBe('pass')
  })

  it('the migrations themselves, and a folder that is gone', async () => {
    const file = world.project.at('migrations/002_handles.sql')
    const text = readFileSync(file)
    writeFileSync(file, 'DROP TABLE users;\n')
    expect(words(await world.admit())).toContain('the migrations in migrations are not those that were judged')
    rmSync(world.project.at('migrations'), { recursive: true })
    expect(words(await world.admit())).toContain('the migration folder migrations is not there')
    world.git('checkout', '-q', '--', 'migrations')
    expect(readFileSync(file)).toEqual(text)
  })

  it('images by their digest', async () => {
    const [name, digest] = ['registry.example:5000/app', `sha256:${'1'.repeat(64)}`]
    const certificate = world.signed({ candidate: { ...world.release.candidate, images: [{ name, digest }] } })
    expect((await world.admit({ certificate, images: [`${name}@${digest}`] })).verdict).toBe('pass')
    expect((await world.admit({ certificate })).verdict).toBe('unproven')
    const other = await world.admit({ certificate, images: [`${name}@sha256:${'2'.repeat(64)}`] })
    expect(codes(other)).toEqual(['admission/other-candidate'])
    expect(codes(await world.admit({ images: [`${name}@${digest}`] }))).toEqual(['admission/other-candidate'])
    for (const image of [`${name}:latest`, name, `${name}@sha256:12`]) {
      await expect(world.admit({ images: [image] })).rejects.toMatchObject({ code: 'usage' })
    }
  })
})

describe('the certificate', () => {
  it('of another action, expired, of another policy, of another key', async () => {
    expect(codes(await world.admit({ certificate: world.signed({ action: 'pull-request' }) }))).toEqual([
      'admission/other-action',
    ])
    const [evaluatedAt, expiresAt] = ['2026-01-01T00:00:00.000Z', '2026-01-01T01:00:00.000Z']
    expect(codes(await world.admit({ certificate: world.signed({ evaluatedAt, expiresAt }) }))).toEqual([
      'admission/expired',
    ])
    const stranger = generateKeyPairSync('ed25519').privateKey
    expect(codes(await world.admit({ certificate: world.signed({}, stranger) }))).toEqual(['admission/other-key'])
    const policy = JSON.parse(readFileSync(world.project.at('out/policy.json'), 'utf8'))
    world.project.write({ 'out/loose.json': JSON.stringify({ ...policy, certificate: { validHours: 8000 } }) })
    const loose = await world.admit({ policy: 'out/loose.json' })
    expect(codes(loose)).toEqual(['admission/other-policy'])
    expect(words(loose)).toContain('certificate.validHours was 24 and is 8000 here')
  })

  it('a bundle without one, with another bundle’s, with another file in it; every changed byte of one', async () => {
    const bundle = (): string => {
      rmSync(world.project.at('out/b'), { recursive: true, force: true })
      cpSync(world.project.at('out/e'), world.project.at('out/b'), { recursive: true })
      return 'out/b'
    }
    const certificate = bundle()
    rmSync(world.project.at('out/b/certificate.json'))
    expect(codes(await world.admit({ certificate }))).toEqual(['admission/not-signed'])
    bundle()
    world.signed({ manifest: `sha256:${'0'.repeat(64)}` })
    cpSync(world.project.at('out/other.json'), world.project.at('out/b/certificate.json'))
    expect(words(await world.admit({ certificate }))).toContain('made for other evidence')
    bundle()
    world.project.write({ 'out/b/findings.json': '{}' })
    expect(codes(await world.admit({ certificate }))).toEqual(['admission/bad-signature'])
    const { envelope } = world
    for (const at of [0, 1, 100, Math.floor(envelope.length / 2), envelope.length - 20, envelope.length - 1]) {
      const changed = envelope.slice(0, at) + (envelope[at] === 'A' ? 'B' : 'A') + envelope.slice(at + 1)
      world.project.write({ 'out/changed.json': changed })
      expect(codes(await world.admit({ certificate: 'out/changed.json' }))).toHaveLength(1)
    }
    for (const garbage of ['', '{}', envelope.slice(0, -9), `${envelope}\n`, '\u0000'.repeat(9)]) {
      world.project.write({ 'out/changed.json': garbage })
      expect(codes(await world.admit({ certificate: 'out/changed.json' }))).toEqual(['admission/bad-signature'])
    }
  })

  it('of something that this version does not know is not acted on', async () => {
    const strange = Object.assign({}, world.release, { schemaVersion: 2 })
    expect(codes(await world.admit({ certificate: world.signed(strange) }))).toEqual(['admission/not-readable'])
    const certificate = world.signed({ judges: world.release.judges.map((one) => ({ ...one, version: 999 })) })
    const report = await world.admit({ certificate })
    expect(report).toMatchObject({ verdict: 'unproven', isAdmitted: false })
    expect(words(report)).toContain('version 999 of migrations-ledger saw it')
  })

  it('is needed, and so is the key', async () => {
    await expect(world.admit({ certificate: undefined })).rejects.toMatchObject({ code: 'usage' })
    await expect(world.admit({ key: undefined })).rejects.toMatchObject({ code: 'usage' })
    await expect(world.admit({ certificate: 'out/none' })).rejects.toMatchObject({ code: 'unreadable' })
  })

  it('is not a checkout: whoever swaps the two is told so, and nothing is recorded', async () => {
    const before = (await world.admit()).entry.seq
    const swapped = world.admit({ certificate: '.', dir: 'out/e' })
    await expect(swapped).rejects.toMatchObject({
      code: 'usage',
      exitCode: 2,
      message: `there is no certificate in ${world.project.root}`,
      hint: expect.stringContaining('The certificate comes first'),
    })
    expect((await world.admit()).entry.seq).toBe(before + 1)
  })
})

describe('what cannot be recorded is not admitted', () => {
  test.each(['out/k.pub/state.db', 'out', 'out/k.pub'])('%s', async (state) => {
    await expect(world.admit({ state })).rejects.toMatchObject({
      code: 'state',
      exitCode: 3,
      message: expect.stringContaining('nothing is admitted'),
    })
    const emergency = world.admit({ state, emergency: 'the house is on fire' })
    await expect(emergency).rejects.toMatchObject({ code: 'state', exitCode: 3 })
  })
})

test('no secret of a URL is in what was recorded', () => {
  const state = ['', '-wal'].map((end) => readFileSync(`${world.project.at('out/state.db')}${end}`, { flag: 'a+' }))
  expect(Buffer.concat(state).includes('canary')).toBe(false)
  expect(Buffer.concat(state).includes('admitted')).toBe(true)
})

describe('an emergency', () => {
  const reason = 'login is down since 02:10, decided by Ada'
  const deploy = ['--action', 'deploy', '--policy', 'out/policy.json']
  const alone = ['admit', ...deploy, '--emergency', reason]

  it('goes on without a certificate, is told by every report, and is closed by a passing certificate', async () => {
    const ran = await world.mustRun(...alone)
    expect(ran.stdout).toMatch(/^ADMITTED IN AN EMERGENCY/)
    expect(ran.stdout).toContain('admission/not-signed (warning)')
    expect(ran.stdout).toContain(reason)
    const check = ['check', '--only', 'migrations-ledger']
    const reports = ['junit', 'markdown', 'sarif'].flatMap((kind) => ['--report', `${kind}=out/r.${kind}`])
    const shown = await world.mustRun(...check, ...reports)
    expect(shown.stdout.replaceAll(/\s+/g, ' ')).toContain(reason)
    for (const kind of ['junit', 'markdown', 'sarif']) {
      expect(readFileSync(world.project.at(`out/r.${kind}`), 'utf8')).toContain('open emergency')
    }
    const signed = await world.mustRun(...world.checkArgs(), '--json')
    expect(JSON.parse(signed.stdout)).toMatchObject({ verdict: 'pass', emergencies: [] })
    const after = await world.mustRun(...check)
    expect(after.stdout).not.toContain('emergency')
  })

  it('is not closed by what judged nothing, and is closed by the very migrations that went past', async () => {
    const { seq } = (await world.admit({ certificate: undefined, emergency: reason })).entry
    const [more, less] = [`INSERT INTO applied VALUES ('002', 'handles')`, `DELETE FROM applied WHERE version = '002'`]
    const signing = ['check', '--action', 'deploy', '--evidence', 'out/after', '--sign', 'out/k']
    await world.meanwhile(more, less, async () => {
      const nothing = JSON.parse((await world.mustRun(...signing, '--json')).stdout)
      expect(nothing).toMatchObject({
        verdict: 'pass',
        subjects: [{ pending: { count: 0 } }],
        emergencies: [{ reason }],
      })
      const given = [
        '--shape',
        'out/shape.json',
        '--answers',
        'out/answers.json',
        '--baseline',
        '001',
        '--evidence',
        'out/past',
      ]
      const past = await world.mustRun(...signing, ...given)
      expect(past.stdout.replaceAll(/\s+/g, ' ')).toContain(`it closes emergency #${seq - 1}`)
      expect(past.stdout).not.toContain('open emergency')
    })
  })

  it('is closed by an admission of the same candidate, where the evidence says what was judged', async () => {
    const first = await world.admit({ emergency: reason })
    const { seq } = first.emergency ?? {}
    expect(first).toMatchObject({ entry: { seq: (seq ?? 0) + 1, closes: [] }, emergencies: [{ seq }] })
    const alone = await world.admit({ certificate: 'out/e/certificate.json' })
    expect(alone).toMatchObject({ isAdmitted: true, entry: { closes: [] }, emergencies: [{ seq }] })
    const ran = await world.mustRun('admit', 'out/e', '--key', 'out/k.pub', ...deploy, '--timeout', '50')
    expect(ran.stdout).toContain(`; it closes emergency #${seq}`)
    expect((await world.admit()).emergencies).toEqual([])
  })

  it('has a candidate: a folder that is no checkout and has no migrations is refused', async () => {
    using nowhere = new Project({ 'notes.txt': 'x' })
    const before = (await world.admit()).entry.seq
    const nameless = world.admit({ certificate: undefined, dir: nowhere.root, emergency: reason })
    await expect(nameless).rejects.toMatchObject({
      code: 'usage',
      exitCode: 2,
      message: expect.stringContaining(`which release the emergency is for: ${nowhere.root} is no clean checkout`),
      hint: expect.stringContaining('--dir DIR'),
    })
    expect((await world.admit()).entry.seq).toBe(before + 1)
  })

  it('has one name for its candidate, also where no commit names it', async () => {
    world.project.write({ 'notes.txt': 'x', 'more/migrations/1_x.up.sql': 'SELECT 1;\n' })
    const report = await world.admit({ emergency: reason })
    const { entries } = JSON.parse((await world.mustRun('ledger', '--json', '--limit', '2')).stdout)
    expect(entries).toMatchObject([
      { seq: report.entry.seq, kind: 'admission' },
      { seq: report.emergency?.seq, kind: 'emergency', candidate: expect.stringMatching(/^sha256:/) },
    ])
    expect(entries[0].candidate).toBe(entries[1].candidate)
    rmSync(world.project.at('notes.txt'))
    rmSync(world.project.at('more'), { recursive: true })
    const hand = ['ledger', 'close', String(report.emergency?.seq), '--reason', 'it was a test of the house']
    await world.mustRun(...hand)
    expect((await world.admit()).emergencies).toEqual([])
  })

  it('has a reason that is none of the other flags, and says so before what else is missing', async () => {
    const ran = await world.run('admit', 'out/e', '--policy', 'out/policy.json', '--emergency', '--action', 'deploy')
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toContain('--emergency needs a reason, and "--action" looks like a flag')
    expect(ran.stderr).not.toContain('mandatory')
  })

  it('is in the ledger before anything else is looked at', async () => {
    const broken = world.admit({ certificate: 'https://u:canary@x/e?token=canary', emergency: reason })
    const message = expect.stringContaining('https:/***@x/e?token=***')
    await expect(broken).rejects.toMatchObject({ code: 'unreadable', message })
    const { entries } = JSON.parse((await world.mustRun('ledger', '--json')).stdout)
    expect(entries[0].command).toMatch(/^seaworthy admit https:\/\/\*{3}@x\/e\?\*{3} --action deploy/)
    const candidate = world.git('rev-parse', 'HEAD').trim()
    expect(entries[0]).toMatchObject({ kind: 'emergency', candidate, content: { reason, action: 'deploy', candidate } })
  })
  it('looks at everything all the same, and hides nothing', async () => {
    const [more, less] = [`INSERT INTO applied VALUES ('002', 'x')`, `DELETE FROM applied WHERE version = '002'`]
    const report = await told(world.meanwhile(more, less, async () => await world.admit({ emergency: reason })))
    expect(report).toMatchObject({ verdict: 'fail', isAdmitted: true, exitCode: 0 })
    expect(codes(report)).toEqual(['admission/emergency', 'admission/precondition-moved'])
    expect(words(report)).toContain('added: migration 2')
  })

  it('is refused where the policy forbids it, and the attempt is in the ledger', async () => {
    const policy = JSON.parse(readFileSync(world.project.at('out/policy.json'), 'utf8'))
    const strict = { ...policy, admission: { ...policy.admission, emergency: 'forbid' } }
    world.project.write({ 'out/strict.json': JSON.stringify(strict) })
    const report = await world.admit({ policy: 'out/strict.json', emergency: reason })
    expect(report).toMatchObject({ verdict: 'fail', isAdmitted: false, exitCode: 1 })
    const ledger = await world.mustRun('ledger', '--json')
    expect(JSON.parse(ledger.stdout).entries[0]).toMatchObject({
      kind: 'admission',
      content: {
        outcome: 'refused',
        emergency: reason,
        codes: expect.arrayContaining(['admission/emergency-forbidden']),
      },
    })
  })
})
