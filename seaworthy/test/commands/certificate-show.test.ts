import { describe, expect, it } from 'vitest'
import { readCertificate } from '../../src/commands/certificate/show.ts'
import { certificateWords } from '../../src/commands/certificate/words.ts'
import { IN_TOTO, keyId, sealEnvelope } from '../../src/gate/certificate/dsse.ts'
import { CANDIDATE, envelopeOf, inputOf, payloadOf, signer } from '../gate/certificate/made.ts'
import { Project, seaworthy } from './cli.ts'

const STEERING = '\u001b[2J\n::set-output name=x::\u202E##[error]'

const words = async (text: string, now = '2026-11-21T13:00:00.000Z'): Promise<string> => {
  using project = new Project({ 'certificate.json': text })
  return certificateWords(await readCertificate(project.root), new Date(now))
}

describe('certificate show', () => {
  it('says what the certificate is about, and that nothing of it was verified', async () => {
    const text = await words(envelopeOf())
    expect(text.startsWith('NOT VERIFIED')).toBe(true)
    for (const told of [
      'PASS, for the action deploy',
      'made          2026-11-21T12:00:00.000Z by Seaworthy 1.2.3',
      'counts until  2026-11-22T12:00:00.000Z\n',
      `key           ${keyId(signer.publicKey)} (claimed)`,
      `commit ${'a'.repeat(40)}\n`,
      `tree ${'b'.repeat(40)}`,
      `image registry.example/app@sha256:${'c'.repeat(64)}`,
      `build information sha256:${'d'.repeat(64)} of commit ${'a'.repeat(40)}`,
      'judges        looking 7',
      'rests on      seen of db/migrations, seen at database d: 2 parts',
      'answered 2026-11-21T11:00:00.000Z by sha256:ff',
      'ledger        entry 4, sha256:11',
    ])
      expect(text).toContain(told)
    expect(await words(envelopeOf(), '2026-11-23T00:00:00.000Z')).toContain('EXPIRED')
  })

  it('names open questions, and what is not there', async () => {
    const { obligations } = inputOf()
    const open = obligations.map((one) => ({ ...one, state: 'open' as const, answer: null, witness: null }))
    const candidate = { ...CANDIDATE, commit: null, tree: null, isDirty: null, images: [], buildInfo: null }
    const rest = { obligations: open, ledgerHead: null, preconditions: [] }
    const text = await words(envelopeOf({ candidate, holds: false, rest }))
    for (const told of ['FAIL, for', 'OPEN: no duplicates', 'judged outside of git', 'rests on      none'])
      expect(text).toContain(told)
    expect(text).not.toContain('ledger        entry')
    const dirty = await words(envelopeOf({ candidate: { ...CANDIDATE, isDirty: true } }))
    expect(dirty).toContain('with uncommitted changes')
  })

  it('sums up what is long', async () => {
    const [one] = CANDIDATE.migrations
    const migrations = Array.from({ length: 40 }, (_, index) => ({ ...one!, folder: `folder-${index}` }))
    const text = await words(envelopeOf({ candidate: { ...CANDIDATE, migrations } }))
    expect(text.split('\n').length).toBeLessThan(45)
    expect(text).toContain('and 32 more (--json has all)')
  })

  it('a stranger cannot steer the terminal, nor a CI server', async () => {
    const rest = {
      ledgerHead: null,
      preconditions: inputOf().preconditions.map((one) => ({ ...one, subject: STEERING })),
    }
    const payload = payloadOf({ rest })
    expect(payload).toContain('::set-output')
    using project = new Project({ 'c.json': sealEnvelope(IN_TOTO, payload, signer.privateKey) })
    const ran = await seaworthy(['certificate', 'show', 'c.json'], project.root)
    expect(ran.code).toBe(0)
    // oxlint-disable-next-line eslint/no-control-regex
    expect(ran.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]|^\s*::/m)
  })

  it('refuses what is no certificate, with a way on', async () => {
    const statement = JSON.parse(payloadOf())
    const sealed = (value: unknown): string => sealEnvelope(IN_TOTO, JSON.stringify(value), signer.privateKey)
    for (const [text, why] of [
      ['', 'it is no DSSE envelope'],
      ['{"tool":"seaworthy"}', 'it is no DSSE envelope'],
      [`${envelopeOf()}\n`, 'not written in the one form'],
      [sealEnvelope('text/plain', payloadOf(), signer.privateKey), 'its payload is of type text/plain'],
      [sealed({ ...statement, more: 1 }), 'is no certificate of ours'],
      [sealed({ _type: statement._type }), 'is no certificate of ours'],
      [sealEnvelope(IN_TOTO, 'no JSON', signer.privateKey), 'is no certificate of ours'],
    ] as const)
      await expect(words(text)).rejects.toMatchObject({
        code: 'unreadable',
        exitCode: 2,
        message: expect.stringContaining(why),
      })
    using project = new Project({ 'ev/manifest.json': '{}' })
    await expect(readCertificate(project.at('ev'))).rejects.toMatchObject({
      message: expect.stringContaining('an unsigned bundle'),
    })
    // A device does not say how much it has.
    await expect(readCertificate('/dev/zero')).rejects.toMatchObject({
      message: expect.stringContaining('too large: more bytes'),
    })
    await expect(readCertificate(project.at('nowhere'))).rejects.toMatchObject({ exitCode: 2 })
  })
})
