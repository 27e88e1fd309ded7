import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REDACTED, Redactor, secretOfUrl, withoutUrlCredentials } from '../../src/gate/redaction.ts'

const CANARY = 'canary:p@ss/word'
const URL_WITH_CANARY = `postgres://admin:${encodeURIComponent(CANARY)}@db.example:5432/app?sslmode=require`

describe('redaction', () => {
  it('finds the secret of a URL, in its user part and as a parameter', () => {
    expect(secretOfUrl(URL_WITH_CANARY)).toBe(encodeURIComponent(CANARY))
    expect(secretOfUrl('postgres://db.example/app?password=canary-two')).toBe('canary-two')
    expect(secretOfUrl('postgres://db.example/app')).toBeNull()
    expect(secretOfUrl('not a url')).toBeNull()
  })

  it('takes a known secret out in plain and in encoded form', () => {
    const redactor = new Redactor([secretOfUrl(URL_WITH_CANARY)])
    for (const text of [URL_WITH_CANARY, `password is ${CANARY}`, `encoded ${encodeURIComponent(CANARY)}`]) {
      expect(redactor.text(text)).not.toContain(CANARY)
      expect(redactor.text(text)).not.toContain(encodeURIComponent(CANARY))
    }
  })

  it('takes the user part out of any URL, known or not', () => {
    expect(withoutUrlCredentials('see postgres://u:p@h/d and https://t0ken@git.example/x')).toBe(
      `see postgres://${REDACTED}@h/d and https://${REDACTED}@git.example/x`,
    )
    expect(withoutUrlCredentials('mail to ada@example.org')).toBe('mail to ada@example.org')
  })

  it('takes a password out of the parameters of a URL', () => {
    const url = 'postgresql://db:5432/app?user=reader&password=canary%2Dword&sslmode=require'
    expect(withoutUrlCredentials(`check --ledger-url ${url} --all`)).toBe(
      `check --ledger-url postgresql://db:5432/app?user=reader&password=${REDACTED}&sslmode=require --all`,
    )
    expect(withoutUrlCredentials('"postgresql://db/app?PASSWORD=canary" "x"')).not.toContain('canary')
    expect(withoutUrlCredentials('no password=given here')).toBe('no password=given here')
  })

  it('goes through a whole JSON value, keys included', () => {
    const redactor = new Redactor(['canary-three'])
    const redacted = redactor.json({ a: ['x canary-three'], 'canary-three': { b: 'canary-three', n: 1, z: null } })
    expect(JSON.stringify(redacted)).not.toContain('canary-three')
    expect(redacted.a).toEqual([`x ${REDACTED}`])
  })

  it('leaves no secret anywhere, wherever it stands', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(!REDACTED.includes(secret) && !secret.includes(REDACTED) && !/^\*+$/.test(secret))
        const output = new Redactor([secret]).text(`${before}${secret}${after}`)
        // Where the surroundings make the secret up again, around the mark, there is nothing to be said.
        fc.pre(!`${before}${REDACTED}${after}`.includes(secret))
        expect(output.includes(secret)).toBe(false)
      }),
    )
  })
})
