import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IN_TOTO, openEnvelope } from '../../src/gate/certificate/dsse.ts'
import { WITHOUT_KEY } from './attacks.ts'
import { HOUR_MS, WITH_KEY } from './lies.ts'
import { type Damaged, newKey, publicHalf, SignedBundle, toldBy, writeSigned } from './signed-bundle.ts'

let real: SignedBundle
beforeAll(async () => {
  real = await SignedBundle.make()
})
afterAll(() => real[Symbol.dispose]())

it('what nobody touched is genuine, for whoever has it', async () => {
  expect(await real.verify(real.dir)).toMatchObject({ exitCode: 0, problems: {}, isGenuine: true })
})

describe('any single byte', () => {
  it('of any file is refused', async () => {
    using damaged = real.copy()
    for (const file of real.files) {
      const whole = readFileSync(damaged.at(file))
      // Every byte of a small file would take a second each; a prime step reaches every part of every file.
      const step = Math.max(1, Math.floor(whole.length / 40))
      for (let at = 0; at < whole.length; at += step) {
        const bytes = Buffer.from(whole)
        bytes[at] = (whole[at] ?? 0) ^ (1 << (at % 8))
        damaged.write(file, bytes)
        const { exitCode } = await real.verify(damaged.dir)
        expect([1, 3], `${file}, byte ${at}`).toContain(exitCode)
      }
      damaged.write(file, whole)
    }
    expect(await real.verify(damaged.dir)).toMatchObject({ exitCode: 0 })
  })

  it('of the envelope is refused, whichever bit', () => {
    const whole = Buffer.from(real.read('certificate.json'))
    for (let at = 0; at < whole.length; at += 1) {
      const bytes = Buffer.from(whole)
      bytes[at] = (whole[at] ?? 0) ^ (1 << (at % 8))
      expect(openEnvelope(bytes.toString(), IN_TOTO, real.key), `byte ${at}`).toHaveProperty('problem')
    }
    expect(openEnvelope(whole.toString(), IN_TOTO, real.key)).not.toHaveProperty('problem')
  })

  it('missing at the end, or one more, is refused', async () => {
    using damaged = real.copy()
    for (const file of real.files) {
      const whole = damaged.read(file)
      for (const text of [whole.slice(0, -1), whole.slice(0, whole.length / 2), '', `${whole} `, `${whole}\n`]) {
        damaged.write(file, text)
        expect(await real.verify(damaged.dir), `${file} as ${JSON.stringify(text.slice(-20))}`).toMatchObject({
          exitCode: 1,
        })
      }
      damaged.write(file, whole)
    }
  })
})

describe('without the key', () => {
  for (const [what, step, code, damage] of WITHOUT_KEY) {
    it(`${what}: ${code}`, async () => {
      using damaged = real.copy()
      damage(damaged)
      const { exitCode, problems, isGenuine } = await real.verify(damaged.dir)
      expect(problems).toMatchObject({ [step]: code })
      expect(isGenuine).toBe(false)
      expect(exitCode).toBe(code === 'verify/unsigned' || code === 'bundle/other-layout' ? 3 : 1)
    })
  }

  it('no folder: an archive is not unpacked, and nothing at all is no evidence', async () => {
    using damaged = real.copy()
    const archive = path.join(damaged.root, 'bundle.tar')
    writeFileSync(archive, 'not even one')
    expect(await real.verify(archive)).toMatchObject({ exitCode: 1, problems: { files: 'bundle/not-a-folder' } })
    await expect(real.verify(path.join(damaged.root, 'nowhere'))).rejects.toMatchObject({ code: 'unreadable' })
  })

  it('the certificate of another bundle of the same gate', async () => {
    using damaged = real.copy()
    using other = real.copy()
    other.editManifest((manifest) => (manifest.evaluatedAt = '2026-01-01T00:00:00.000Z'))
    other.signAgain(real.privateKey)
    cpSync(other.at('certificate.json'), damaged.at('certificate.json'))
    const { exitCode, problems } = await real.verify(damaged.dir)
    expect({ exitCode, problems }).toEqual({ exitCode: 1, problems: { statement: 'verify/other-manifest' } })
  })
})

describe('with the key', () => {
  for (const [what, expected, exitCode, lie] of WITH_KEY) {
    it(`a signer who ${what}`, async () => {
      using damaged = real.copy()
      writeSigned(damaged.dir, lie(await toldBy(damaged.dir)), real.privateKey)
      const found = await real.verify(damaged.dir)
      expect({ exitCode: found.exitCode, problems: found.problems }).toEqual({ exitCode, problems: expected })
    })
  }

  it('the control: a signer who writes down what the judges say is believed', async () => {
    using damaged = real.copy()
    writeSigned(damaged.dir, await toldBy(damaged.dir), real.privateKey)
    expect(await real.verify(damaged.dir)).toMatchObject({ exitCode: 0, problems: {} })
  })

  const STATEMENTS: readonly (readonly [string, Parameters<Damaged['signAgain']>[1]])[] = [
    ['is good for longer', ({ predicate }) => (predicate.seaworthy_release.expiresAt = '2099-01-01T00:00:00.000Z')],
    ['was made later', ({ predicate }) => (predicate.seaworthy_release.evaluatedAt = new Date().toISOString())],
    ['rests on nothing', ({ predicate }) => (predicate.inputAttestations = [])],
    ['is about something else', (statement) => (statement.subject = [])],
  ]
  for (const [what, change] of STATEMENTS) {
    it(`a statement that ${what} than its bundle`, async () => {
      using damaged = real.copy()
      damaged.signAgain(real.privateKey, change)
      const { exitCode, problems } = await real.verify(damaged.dir)
      expect({ exitCode, problems }).toEqual({ exitCode: 1, problems: { certificate: 'verify/other-statement' } })
    })
  }

  it('judges, kinds and programs of other versions: unproven, by name', async () => {
    const edits: readonly (readonly [Parameters<Damaged['editManifest']>[0], Record<string, string>, RegExp])[] = [
      [
        ({ checks }) => checks.forEach((one) => (one.version += 1)),
        { judges: 'bundle/other-judge' },
        /version 2 of the check/,
      ],
      [({ checks }) => checks.push({ id: 'chain-state', version: 1 }), { judges: 'bundle/other-judge' }, /chain-state/],
      [(manifest) => (manifest.toolVersion = '9.0.0'), { replay: 'verify/other-tool-version' }, /9\.0\.0 wrote it/],
    ]
    for (const [edit, expected, message] of edits) {
      using damaged = real.copy()
      const findings: { results: { proved: string[] }[] } = JSON.parse(damaged.read('findings.json'))
      findings.results.forEach((one) => one.proved.push('something else'))
      if ('replay' in expected) damaged.write('findings.json', JSON.stringify(findings))
      damaged.editManifest(edit)
      damaged.digestAgain()
      damaged.signAgain(real.privateKey)
      const { exitCode, problems, verification } = await real.verify(damaged.dir)
      expect({ exitCode, problems }).toEqual({ exitCode: 3, problems: expected })
      expect(verification.result.steps.map((one) => one.message).join('\n')).toMatch(message)
    }
  })
})

describe('the verifier', () => {
  it('brings another key, another policy, or another time', async () => {
    const wrong = await real.verify(real.dir, { key: publicHalf(newKey()) })
    expect(wrong).toMatchObject({ exitCode: 1, problems: { signature: 'verify/other-key' }, isGenuine: false })
    const strict = { ...real.policy, settings: { ...real.policy.settings, requireDowns: true } }
    const other = await real.verify(real.dir, { policy: strict })
    expect(other).toMatchObject({ exitCode: 1, problems: { policy: 'verify/other-policy' }, isGenuine: true })
    const told = other.verification.result.steps.find((one) => one.step === 'policy')?.message
    expect(told).toContain('settings.requireDowns: yours true, the bundle’s false')
    const late = await real.verify(real.dir, { now: new Date(Date.now() + 25 * HOUR_MS) })
    expect(late).toMatchObject({ exitCode: 1, problems: { time: 'verify/expired' }, isGenuine: true })
    const early = await real.verify(real.dir, { now: new Date(Date.now() - HOUR_MS) })
    expect(early).toMatchObject({ exitCode: 1, problems: { time: 'verify/from-the-future' } })
    expect(await real.verify(real.dir, { policy: 'embedded' })).toMatchObject({ exitCode: 0 })
  })
})
