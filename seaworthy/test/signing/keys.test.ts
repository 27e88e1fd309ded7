import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyId } from '../../src/gate/certificate/dsse.ts'
import { SeaworthyError } from '../../src/gate/error.ts'
import { createKeys } from '../../src/signing/create-keys.ts'
import { encryptedPem } from '../../src/signing/encrypted-key.ts'
import { readPublicKey } from '../../src/signing/key-file.ts'
import { type KeyPlaces, readPrivateKey } from '../../src/signing/private-key.ts'
import { takeSigningSecrets } from '../../src/signing/secrets.ts'

const PASSPHRASE = 'correct horse canary staple'

let dir = ''
let count = 0
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'seaworthy-keys-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const fresh = (): string => path.join(dir, `key-${(count += 1)}`)

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()

/** A file with that text, which its owner alone may read. */
function fileOf(text: string, mode = 0o600): string {
  const file = fresh()
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

interface Given {
  readonly file?: string
  readonly passphraseFile?: string
  readonly configured?: Partial<KeyPlaces['configured']>
}

const places = ({ configured, ...flags }: Given = {}): KeyPlaces => ({
  file: null,
  passphraseFile: null,
  ...flags,
  configured: { file: null, command: [], passphraseCommand: [], cwd: dir, ...configured },
})

const read = async (
  from: Given,
  { key = null, passphrase = null }: { key?: string | null; passphrase?: string | null } = {},
): Promise<KeyObject> =>
  await readPrivateKey(places(from), {
    secrets: { key, passphrase },
    env: process.env,
    signal: new AbortController().signal,
  })

/** The error of something that has to fail, with everything in it as one text. */
async function refused(work: Promise<unknown>): Promise<{ error: SeaworthyError; all: string }> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof SeaworthyError)) throw new Error(`a SeaworthyError was expected: ${String(error)}`)
  return { error, all: [error.message, error.hint, error.stack, JSON.stringify(error), String(error.cause)].join('\n') }
}

/** Nothing of a secret may be in a text: no line of it, and no longer piece of a line. */
function expectNothingOf(secret: string, text: string): void {
  const pieces = secret.split('\n').filter((line) => line.length > 8 && !line.startsWith('-----'))
  expect(pieces.length).toBeGreaterThan(0)
  for (const piece of pieces)
    for (let at = 0; at + 12 <= piece.length; at += 4) expect(text).not.toContain(piece.slice(at, at + 12))
}

describe('a new pair of keys', () => {
  it('belongs together, and the private one is for its owner alone', async () => {
    const file = fresh()
    const made = await createKeys(file, null)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(keyId(await read({ file }))).toBe(made.keyId)
    expect(keyId(await readPublicKey(`${file}.pub`))).toBe(made.keyId)
    expect(readFileSync(`${file}.pub`, 'utf8')).toMatch(/^-----BEGIN PUBLIC KEY-----\n/)
  })

  it('is never written over anything: a key, a public key, a link to nowhere', async () => {
    const [taken, publicTaken, linked] = [fileOf('mine'), fresh(), fresh()]
    writeFileSync(`${publicTaken}.pub`, 'mine')
    symlinkSync(path.join(dir, 'nowhere'), linked)
    for (const file of [taken, publicTaken, linked]) {
      const { error } = await refused(createKeys(file, null))
      expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('is there already') })
    }
    expect(readFileSync(taken, 'utf8')).toBe('mine')
    expect(() => statSync(publicTaken)).toThrow('ENOENT')
    expect(() => statSync(path.join(dir, 'nowhere'))).toThrow('ENOENT')
    // The longest name that a file can have: there is no room for .pub.
    const long = path.join(dir, 'k'.repeat(255))
    expect((await refused(createKeys(long, null))).error).toMatchObject({ code: 'usage' })
    expect(() => statSync(long)).toThrow('ENOENT')
    const { error } = await refused(createKeys(path.join(dir, 'no', 'such', 'folder'), null))
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('no such file or folder') })
    // Only where something is there is it said that nothing is written over.
    expect(`${error.message} ${error.hint}`).not.toContain('over')
  })

  it('given where the private one is needed is told as a public one first, whatever its rights', async () => {
    for (const mode of [0o600, 0o644]) {
      const { error } = await refused(read({ file: fileOf(publicPem, mode) }))
      expect(error.message).toContain('it holds a public key: signing needs the private one')
      expect(`${error.message} ${error.hint}`).not.toMatch(/chmod|open to others/)
    }
    const { error } = await refused(read({ file: fileOf(pem + publicPem, 0o644) }))
    expect(error.message).toContain('is open to others')
  })

  it('under a passphrase is opened by it alone', async () => {
    const file = fresh()
    const made = await createKeys(file, PASSPHRASE)
    expect(readFileSync(file, 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY')
    expect(keyId(await read({ file }, { passphrase: PASSPHRASE }))).toBe(made.keyId)
    for (const passphrase of [`${PASSPHRASE} `, 'another passphrase', null]) {
      const { error, all } = await refused(read({ file }, { passphrase }))
      expect(error.exitCode).toBe(2)
      expectNothingOf(PASSPHRASE, all)
    }
    expect((await refused(createKeys(fresh(), 'short'))).error).toMatchObject({ code: 'usage' })
  })
})

describe('an encrypted key', () => {
  const openssl = (args: readonly string[], text: string) =>
    spawnSync('openssl', [...args], { input: text, encoding: 'utf8', env: { ...process.env, KEY_PASS: PASSPHRASE } })

  it.runIf(openssl(['version'], '').status === 0)('is read by openssl, and one of openssl is read here', async () => {
    const text = encryptedPem(privateKey, PASSPHRASE)
    const opened = openssl(['pkey', '-passin', 'env:KEY_PASS', '-pubout'], text)
    expect(opened.stdout).toBe(publicPem)
    const parsed = openssl(['asn1parse'], text).stdout
    expect(parsed).toMatch(/PBES2[^]*PBKDF2[^]*0927C0[^]*hmacWithSHA256[^]*aes-256-cbc/)
    const theirs = openssl(['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', 'env:KEY_PASS'], pem).stdout
    expect(keyId(await read({ file: fileOf(theirs) }, { passphrase: PASSPHRASE }))).toBe(keyId(publicKey))
  })

  it('has another salt each time', () => {
    expect(encryptedPem(privateKey, PASSPHRASE)).not.toBe(encryptedPem(privateKey, PASSPHRASE))
  })

  it('takes its passphrase from a file, whose last line break is none of it', async () => {
    const file = fileOf(encryptedPem(privateKey, PASSPHRASE))
    for (const end of ['', '\n', '\r\n'])
      expect(keyId(await read({ file, passphraseFile: fileOf(PASSPHRASE + end) }))).toBe(keyId(publicKey))
    const { error, all } = await refused(read({ file, passphraseFile: fileOf(PASSPHRASE, 0o644) }))
    expect(error.message).toContain('is open to others than its owner (mode 0644)')
    expectNothingOf(PASSPHRASE, all)
  })
})

describe('where a key comes from', () => {
  const others = Array.from({ length: 3 }, () => generateKeyPairSync('ed25519').privateKey)
  const texts = others.map((key) => key.export({ type: 'pkcs8', format: 'pem' }).toString())
  const [flag = '', variable = '', configured = ''] = texts

  it('is the flag, else the environment, else the configuration', async () => {
    const [first, second] = [fileOf(flag), fileOf(configured)]
    const ids = others.map((key) => keyId(key))
    const from = { configured: { file: second, command: ['false'] } }
    expect(keyId(await read({ ...from, file: first }, { key: variable }))).toBe(ids[0])
    expect(keyId(await read(from, { key: variable }))).toBe(ids[1])
    expect(keyId(await read(from))).toBe(ids[2])
    expect((await refused(read({}))).error).toMatchObject({ code: 'usage', message: 'there is no key to sign with' })
  })

  it('takes the secrets out of the environment, so that nothing that is started has them', () => {
    const env = { SEAWORTHY_SIGN_KEY: pem, SEAWORTHY_KEY_PASSPHRASE: '', PATH: '/bin' }
    expect(takeSigningSecrets(env)).toEqual({ key: pem, passphrase: null })
    expect(env).toEqual({ PATH: '/bin' })
  })
})

describe('a key that others may read', () => {
  it.each([0o640, 0o604, 0o620, 0o602, 0o644, 0o666])('is not used: mode %o', async (mode) => {
    const file = fileOf(pem, mode)
    const link = fresh()
    symlinkSync(file, link)
    for (const one of [file, link]) {
      const { error } = await refused(read({ file: one }))
      expect(error).toMatchObject({
        code: 'unreadable',
        message: expect.stringContaining('is open to others'),
        hint: expect.stringContaining('chmod 600'),
      })
    }
  })

  it('is used when it is closed, also by a link', async () => {
    const link = fresh()
    symlinkSync(fileOf(pem, 0o400), link)
    expect(keyId(await read({ file: link }))).toBe(keyId(publicKey))
  })
})

describe('a wrong key', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pkcs8 = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
  const wrong: [string, string, RegExp][] = [
    ['RSA', pkcs8(rsa.privateKey), /its key is of type rsa, and only Ed25519 is used/],
    ['RSA as PKCS#1', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(), /of type rsa/],
    ['EC', pkcs8(ec.privateKey), /its key is of type ec/],
    ['EC as SEC1', ec.privateKey.export({ type: 'sec1', format: 'pem' }).toString(), /of type ec/],
    ['X25519', pkcs8(generateKeyPairSync('x25519').privateKey), /of type x25519/],
    ['Ed448', pkcs8(generateKeyPairSync('ed448').privateKey), /of type ed448/],
    ['the public half', publicPem, /it holds a public key: signing needs the private one/],
    ['nothing', '', /it holds no key/],
    ['prose', 'my dear canary secret words\n', /it holds no key/],
    ['a JSON Web Key', JSON.stringify(privateKey.export({ format: 'jwk' })), /it holds no key/],
    ['a damaged one', pem.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA'), /it begins like a private key and is none/],
    ['one cut off', pem.slice(0, 60), /it begins like a private key and is none/],
    ['two', pem + pem, /it holds more than one/],
    ['one beside its public half', pem + publicPem, /it holds more than one/],
    [
      'an encrypted one without a passphrase',
      encryptedPem(privateKey, PASSPHRASE),
      /it is encrypted, and no passphrase was given/,
    ],
    [
      'the head of an OpenSSH key',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
      /is none/,
    ],
  ]

  it.each(wrong)('%s is refused, and nothing of it is told', async (_, text, why) => {
    for (const work of [
      async () => await read({ file: fileOf(text) }),
      async () => await read({}, { key: text || ' ' }),
    ]) {
      const { error, all } = await refused(work())
      expect(error.code).toBe('unreadable')
      expect(error.exitCode).toBe(2)
      expect(error.message).toMatch(why)
      expect(error.hint).not.toBeNull()
      if (text.length > 20) expectNothingOf(text, all.replaceAll(dir, ''))
    }
  })

  it('is refused whatever it comes from: a folder, a pipe that nobody writes to, nothing, a large file', async () => {
    const pipe = fresh()
    spawnSync('mkfifo', ['-m', '600', pipe])
    for (const [file, why] of [
      [dir, 'it is no file'],
      [pipe, 'it is no file'],
      [path.join(dir, 'nowhere'), 'there is no such file or folder'],
      [fileOf('x'.repeat(70_000)), 'it has more than 65536 bytes'],
    ] as const) {
      const { error } = await refused(read({ file }))
      expect(error).toMatchObject({ code: 'unreadable', message: expect.stringContaining(why) })
    }
  })
})

describe('a public key', () => {
  it.each<[string, string, RegExp]>([
    ['a private one', pem, /it holds a private key: verifying needs the public one/],
    [
      'RSA',
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      /of type rsa/,
    ],
    ['damaged', publicPem.replace(/\n.{10}/, '\nAAAAAAAAAA'), /it holds no public key/],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /it holds no public key/],
    ['two of them', publicPem + publicPem, /it holds more than one/],
    ['nothing', '', /it holds no public key/],
  ])('is not %s', async (_, text, why) => {
    const { error } = await refused(readPublicKey(fileOf(text)))
    expect(error.message).toMatch(why)
    expect(error.exitCode).toBe(2)
  })

  it('may be read by everybody', async () => {
    expect(keyId(await readPublicKey(fileOf(publicPem, 0o644)))).toBe(keyId(privateKey))
  })
})
