import { generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { canonicalJson } from '../../../src/gate/canonical.ts'
import {
  IN_TOTO,
  keyId,
  type Opened,
  openEnvelope,
  preAuthEncoding,
  sealEnvelope,
  unverified,
} from '../../../src/gate/certificate/dsse.ts'
import { envelopeOf, payloadOf, signer, stranger } from './made.ts'

const envelope = envelopeOf()
const payload = payloadOf()
const parsed: { payload: string; payloadType: string; signatures: { keyid: string; sig: string }[] } =
  JSON.parse(envelope)
const [signature] = parsed.signatures

const open = (text: string): Opened => openEnvelope(text, IN_TOTO, signer.publicKey)
const problemOf = (text: string): string => {
  const opened = open(text)
  return 'problem' in opened ? opened.problem : 'ACCEPTED'
}
const withBytes = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

describe('an envelope', () => {
  it('gives back what was signed, and says by whom', () => {
    expect(open(envelope)).toEqual({ payload, keyId: keyId(signer.publicKey) })
    expect(keyId(signer.privateKey)).toBe(keyId(signer.publicKey))
    expect(keyId(signer.publicKey)).toMatch(/^[0-9a-f]{64}$/)
    expect(keyId(stranger.publicKey)).not.toBe(keyId(signer.publicKey))
  })

  // The example of the specification: github.com/secure-systems-lab/dsse, protocol.md, "Test Vectors".
  it('is signed over the encoding that DSSE v1 has', () => {
    const encoded = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'))
    expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
    const wide = preAuthEncoding('ü', Buffer.from('日本'))
    expect(Buffer.from(wide).toString()).toBe('DSSEv1 2 ü 6 日本')
  })

  it('of another key is refused, whatever key id it claims', () => {
    const theirs = sealEnvelope(IN_TOTO, payload, stranger.privateKey)
    expect(problemOf(theirs)).toBe('other-key')
    const claiming = theirs.replace(keyId(stranger.publicKey), keyId(signer.publicKey))
    expect(problemOf(claiming)).toBe('bad-signature')
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const id = keyId(publicKey)
    expect(openEnvelope(envelope.replace(keyId(signer.publicKey), id), IN_TOTO, publicKey)).toMatchObject({
      problem: 'other-key',
    })
  })

  it('of another type is refused, also where it was signed as that', () => {
    expect(problemOf(sealEnvelope('text/plain', payload, signer.privateKey))).toBe('other-type')
    expect(problemOf(envelope.replace(IN_TOTO, 'text/plain'))).toBe('other-type')
    const steering = open(envelope.replace(IN_TOTO, `\\u001b[2J${'x'.repeat(500)}`))
    expect(steering).toMatchObject({ message: expect.stringMatching(/^[ -~]{1,200}$/) })
  })

  it('that holds no UTF-8 is refused, although it is signed', () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x7d])
    const sig = sign(null, preAuthEncoding(IN_TOTO, bytes), signer.privateKey).toString('base64')
    const text = canonicalJson({
      payload: bytes.toString('base64'),
      payloadType: IN_TOTO,
      signatures: [{ keyid: keyId(signer.publicKey), sig }],
    })
    expect(open(text)).toEqual({ problem: 'not-an-envelope', message: 'what it holds is not UTF-8 text' })
    expect(unverified(text, IN_TOTO)).toMatchObject({ problem: 'not-an-envelope' })
  })

  it('keeps a byte-order mark, so that the payload is what was signed', () => {
    const marked = sealEnvelope(IN_TOTO, '\uFEFF{}', signer.privateKey)
    expect(open(marked)).toMatchObject({ payload: '\uFEFF{}' })
  })
})

describe('a certificate that was changed by one byte', () => {
  const bytes = Buffer.from(envelope)

  it('is refused, whichever byte and however', () => {
    const ways: readonly ((byte: number) => number)[] = [(byte) => byte ^ 0x01, (byte) => byte ^ 0x80, () => 0x41]
    const accepted: string[] = []
    let tried = 0
    for (let at = 0; at < bytes.length; at += 1) {
      for (const way of ways) {
        const changed = Buffer.from(bytes)
        changed[at] = way(bytes[at]!)
        if (changed[at] === bytes[at]) continue
        tried += 1
        if (problemOf(withBytes(changed)) === 'ACCEPTED') accepted.push(`byte ${at} as ${changed[at]}`)
      }
    }
    expect(accepted).toEqual([])
    expect(tried).toBeGreaterThan(bytes.length * 2.9)
  })

  it('is refused with a byte less, a byte twice, and two bytes exchanged', () => {
    const accepted: number[] = []
    for (let at = 0; at < bytes.length; at += 3) {
      const less = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
      const twice = Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at)])
      const exchanged = Buffer.from(bytes)
      if (at > 0) [exchanged[at - 1], exchanged[at]] = [bytes[at]!, bytes[at - 1]!]
      for (const changed of [less, twice, exchanged]) {
        if (!changed.equals(bytes) && problemOf(withBytes(changed)) === 'ACCEPTED') accepted.push(at)
      }
    }
    expect(accepted).toEqual([])
    expect(problemOf(withBytes(bytes))).toBe('ACCEPTED')
  })

  it('is refused at every length that it could be cut to', () => {
    const accepted = Array.from({ length: bytes.length }, (_, length) => length).filter(
      (length) => problemOf(withBytes(bytes.subarray(0, length))) === 'ACCEPTED',
    )
    expect(accepted).toEqual([])
  })
})

describe('the same content, written in another way', () => {
  const again = (value: unknown): string => JSON.stringify(value)
  const urlSafe = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_')
  const { sig, keyid } = signature!

  it.each<[string, string, string]>([
    ['with a newline at the end', `${envelope}\n`, 'not-canonical'],
    ['with a byte-order mark', `\uFEFF${envelope}`, 'not-an-envelope'],
    ['indented', JSON.stringify(parsed, null, 2), 'not-canonical'],
    ['with a space', envelope.replace(':', ': '), 'not-canonical'],
    [
      'in another order',
      again({ payloadType: parsed.payloadType, payload: parsed.payload, signatures: parsed.signatures }),
      'not-canonical',
    ],
    ['with the signature in another order', again({ ...parsed, signatures: [{ sig, keyid }] }), 'not-canonical'],
    ['with an escaped character', envelope.replace('in-toto', String.raw`in\u002dtoto`), 'not-canonical'],
    ['with a key twice', envelope.replace('{"payload":', '{"payload":"e30=","payload":'), 'not-canonical'],
    ['with a member more', again({ ...parsed, note: 'x' }), 'not-an-envelope'],
    ['with a member less', again({ payload: parsed.payload, payloadType: parsed.payloadType }), 'not-an-envelope'],
    ['with a member of another name', envelope.replace('"payloadType"', '"payloadtype"'), 'not-an-envelope'],
    [
      'with a member of the signature more',
      again({ ...parsed, signatures: [{ ...signature, x: '' }] }),
      'not-an-envelope',
    ],
    ['with a signature without key id', again({ ...parsed, signatures: [{ sig }] }), 'not-an-envelope'],
    ['with a number for a signature', again({ ...parsed, signatures: [{ keyid, sig: 1 }] }), 'not-an-envelope'],
    ['with a text in place of a signature', again({ ...parsed, signatures: [sig] }), 'not-an-envelope'],
    ['with no signature', again({ ...parsed, signatures: [] }), 'not-an-envelope'],
    ['with the signature twice', again({ ...parsed, signatures: [signature, signature] }), 'not-an-envelope'],
    ['with signatures that are no list', again({ ...parsed, signatures: signature }), 'not-an-envelope'],
    ['with a payload that is none', again({ ...parsed, payload: null }), 'not-an-envelope'],
    ['with a type that is none', again({ ...parsed, payloadType: ['x'] }), 'not-an-envelope'],
    ['with the payload as it is', again({ ...parsed, payload }), 'not-canonical'],
    ['with an empty signature', envelope.replace(sig, ''), 'bad-signature'],
    ['with a longer signature', envelope.replace(sig, Buffer.alloc(65).toString('base64')), 'bad-signature'],
    ['as a list', `[${envelope}]`, 'not-an-envelope'],
    ['as a text', again(envelope), 'not-an-envelope'],
    ['as null', 'null', 'not-an-envelope'],
    ['twice', envelope + envelope, 'not-an-envelope'],
    ['empty', '', 'not-an-envelope'],
    [
      'with the signature in URL-safe base64',
      envelope.replace(sig, urlSafe(sig).replace(/^[^-_]*$/, '$&-')),
      'not-canonical',
    ],
    ['with the signature without padding', envelope.replace(sig, sig.replace(/=+$/, '')), 'not-canonical'],
    ['with a blank in the signature', envelope.replace(sig, `${sig.slice(0, 8)} ${sig.slice(8)}`), 'not-canonical'],
    [
      'with a line break in the payload',
      envelope.replace(parsed.payload, String.raw`${parsed.payload}\n`),
      'not-canonical',
    ],
    ['with more padding than there is', envelope.replace(sig, `${sig}=`), 'not-canonical'],
  ])('%s is refused', (_, text, problem) => {
    expect(text).not.toBe(envelope)
    expect(problemOf(text)).toBe(problem)
  })

  it('with bits that base64 leaves over is refused', () => {
    const [, last, padding] = /(.)(=+)$/.exec(sig) ?? []
    expect(padding).toBe('==')
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    // Four bits of the last character are no part of any byte.
    const same = alphabet
      .split('')
      .filter((one) => alphabet.indexOf(one) >> 4 === alphabet.indexOf(last!) >> 4 && one !== last)
    expect(same).toHaveLength(15)
    for (const one of same)
      expect(problemOf(envelope.replace(sig, `${sig.slice(0, -3)}${one}==`))).toBe('not-canonical')
  })

  it.each([1, 2, 3])('with a payload of any length, unpadded or URL-safe, is refused (%i)', (length) => {
    const text = '~'.repeat(length + 30)
    const sealed = sealEnvelope(IN_TOTO, text, signer.privateKey)
    expect(open(sealed)).toMatchObject({ payload: text })
    const encoded = Buffer.from(text).toString('base64')
    const others = [encoded.replace(/=+$/, ''), urlSafe(encoded), `${encoded}=`].filter((one) => one !== encoded)
    for (const one of others) expect(problemOf(sealed.replace(encoded, one))).not.toBe('ACCEPTED')
  })
})

describe('whatever is given', () => {
  it('is never accepted and never throws: texts', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json({ maxDepth: 1 })), (text) => {
        expect(problemOf(text)).not.toBe('ACCEPTED')
      }),
      { numRuns: 300 },
    )
  })

  it('is never accepted and never throws: envelopes of strange parts', () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.string(),
      fc.constantFrom(IN_TOTO, keyId(signer.publicKey)),
      fc.jsonValue(),
    )
    const strange = fc.record({
      payload: part,
      payloadType: fc.oneof(fc.constant(IN_TOTO), part),
      signatures: fc.oneof(fc.array(fc.oneof(fc.record({ keyid: part, sig: part }), part), { maxLength: 3 }), part),
    })
    fc.assert(
      fc.property(strange, (one) => {
        expect(problemOf(canonicalJson(one))).not.toBe('ACCEPTED')
      }),
      { numRuns: 500 },
    )
  })

  it('is never accepted and never throws: the real one, with parts of it replaced', () => {
    const edit = fc.record({
      at: fc.nat(envelope.length),
      length: fc.nat(40),
      put: fc.oneof(
        fc.string({ maxLength: 20 }),
        fc.base64String({ maxLength: 20 }),
        fc.constantFrom('"', '\\', '}', ']'),
      ),
    })
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let text = envelope
        for (const { at, length, put } of edits) text = text.slice(0, at) + put + text.slice(at + length)
        expect(text === envelope ? 'the same' : problemOf(text)).not.toBe('ACCEPTED')
      }),
      { numRuns: 1_000 },
    )
  })

  it('opens for its own key alone: any payload of any type', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, type) => {
        const sealed = sealEnvelope(type, text.toWellFormed(), signer.privateKey)
        const byStranger = openEnvelope(sealed, type, stranger.publicKey)
        const opened = openEnvelope(sealed, type, signer.publicKey)
        expect(byStranger).toMatchObject({ problem: 'other-key' })
        expect(opened).toMatchObject({ payload: text.toWellFormed() })
      }),
      { numRuns: 60 },
    )
  })
})

it('what cannot be an envelope by its outer form is not parsed', () => {
  const parse = vi.spyOn(JSON, 'parse')
  try {
    for (const text of [
      '['.repeat(15_000_000),
      `{"payload":"x",${'['.repeat(66_000)}`,
      '{},'.repeat(100_000),
      `{"payload":"${'a'.repeat(17_000_000)}","payloadType":"x","signatures":[]}`,
    ])
      expect(openEnvelope(text, IN_TOTO, signer.publicKey)).toMatchObject({ problem: 'not-an-envelope' })
    expect(parse).not.toHaveBeenCalled()
  } finally {
    parse.mockRestore()
  }
})

describe('shown unverified', () => {
  it('an envelope says what it claims, whoever signed it', () => {
    const theirs = sealEnvelope(IN_TOTO, payload, stranger.privateKey)
    expect(unverified(theirs, IN_TOTO)).toEqual({ payload, keyId: keyId(stranger.publicKey) })
    expect(unverified(`${theirs}\n`, IN_TOTO)).toMatchObject({ problem: 'not-canonical' })
    expect(unverified('{}', IN_TOTO)).toMatchObject({ problem: 'not-an-envelope' })
  })
})
