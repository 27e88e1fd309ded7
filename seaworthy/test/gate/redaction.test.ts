import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeaworthyError } from '../../src/gate/error.ts'
import { placeOfUrl, REDACTED, Redactor, secretOfUrl, withoutUrlCredentials } from '../../src/gate/redaction.ts'

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

  it.each([
    ['/app?password=canary word', '/app?password=*** word'],
    [`'?sslpassword=canary' x`, `'?sslpassword=***' x`],
    ['"/app?a=b&PassWord=canary" x', '"/app?a=b&PassWord=***" x'],
    ['?password=canary#x', '?password=***#x'],
    ['?password=', '?password=***'],
    ['s3+x://h?token=canary', 's3+x://h?token=***'],
    ['git+ssh://u:canary@h', 'git+ssh://***@h'],
    ['x:/h?token=canary', 'x:/h?token=***'],
    ['x://h?token=canary', 'x://h?token=***'],
  ])('of %s is told %s', (text, told) => expect(withoutUrlCredentials(text)).toBe(told))

  it('knows a secret that is no percent-encoded text', () => {
    expect(new Redactor(['100%zz!']).text('100%zz! undefined')).toBe('*** undefined')
  })

  it('takes the user part and secret parameters out of a URL that was taken for a path', () => {
    const told = withoutUrlCredentials(
      '/srv/https:/u:canary@x/evidence?to=here&access_token=canary#sig=canary cannot be read',
    )
    expect(told).toBe(
      `/srv/https:/${REDACTED}@x/evidence?to=here&access_token=${REDACTED}#sig=${REDACTED} cannot be read`,
    )
    for (const text of ['file:///home/ada@example/x', 'at file:///srv/a.ts:3:4', 'C:/Users/ada', 'SELECT a ?token=1'])
      expect(withoutUrlCredentials(text)).toBe(text)
  })

  it.each(['token', 'private_token', 'X-Amz-Signature', 'X-Amz-Credential', 'sig', 'api_key', 'client_secret', 'jwt'])(
    'takes the parameter %s out of a URL',
    (name) => {
      expect(withoutUrlCredentials(`<https://x/y?${name}=canary>`)).toBe(`<https://x/y?${name}=${REDACTED}>`)
    },
  )

  it('is done to every error of ours, and its hint', () => {
    const error = new SeaworthyError('usage', 'no https:/u:canary@x', { hint: 'see https://x?token=canary' })
    expect([error.message, error.hint]).toEqual([`no https:/${REDACTED}@x`, `see https://x?token=${REDACTED}`])
    expect(error.stack).not.toContain('canary')
  })

  it('takes no time over long texts without a URL in them', () => {
    const startedAt = performance.now()
    for (const text of ['a.', 'a:/', '?', 'x://a?b&', 'x://y?pass']) withoutUrlCredentials(text.repeat(100_000))
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  it('keeps of a URL the place alone, for what is written down for good', () => {
    expect(placeOfUrl('https://u:canary@ci:8443/job/7?token=canary#canary')).toBe('https://***@ci:8443/job/7?***')
    expect(placeOfUrl('https://ci/job/7')).toBe('https://ci/job/7')
    expect(placeOfUrl('postgresql://u:canary@one:1,two:2/app')).toBe('postgresql://***')
    expect(placeOfUrl('canary')).toBe('***')
    expect(placeOfUrl('see https://ci/canary')).toBe('***')
    expect(placeOfUrl(' git+ssh://ci/x')).toBe('git+ssh://ci/x')
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
