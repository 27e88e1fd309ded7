import { describe, expect, it } from 'vitest'
import { Redactor, secretOfUrl, withoutUrlCredentials } from '../../src/gate/redaction.ts'

describe('what is taken out of a text', () => {
  it.each<[string, (string | null | undefined)[], string, string]>([
    ['a secret, wherever it stands', ['hunter2'], 'hunter2 and hunter2', '*** and ***'],
    ['one of four characters', ['abcd'], 'xabcdx', 'x***x'],
    ['none of three: it would black out words', ['abc'], 'an abc', 'an abc'],
    ['nothing where there is none', [null, undefined, ''], 'an abc', 'an abc'],
    ['its percent-encoded form', ['p@ss/1'], 'p%40ss%2F1', '***'],
    ['its plain form, where the encoded one is known', ['p%40ss%2F1'], 'p@ss/1', '***'],
    ['one that is no percent-encoding', ['100%safe'], 'is 100%safe', 'is ***'],
    ['the longer one first', ['abcd', 'abcdefgh'], 'abcdefgh abcd', '*** ***'],
    ['the longer one first, whoever names it first', ['abcdefgh', 'abcd'], 'abcdefgh abcd', '*** ***'],
    ['the user part of a URL that nobody knew', [], 'at postgres://u:p@h/d', 'at postgres://***@h/d'],
  ])('%s', (_, secrets, text, output) => expect(new Redactor(secrets).text(text)).toBe(output))

  it('goes through a whole value and leaves its shape', () => {
    const value = { hunter2: ['hunter2', 1, true, null, { a: 'x hunter2' }], b: undefined, c: {} }
    expect(new Redactor(['hunter2']).json(value)).toEqual({ '***': ['***', 1, true, null, { a: 'x ***' }], c: {} })
    expect(new Redactor(['hunter2']).json(null)).toBeNull()
  })

  it.each([
    ['https://token@host/x', 'https://***@host/x'],
    ['HTTPS://U:P@host', 'HTTPS://***@host'],
    ['git+ssh://git@host/x', 'git+ssh://***@host/x'],
    ['a1.b-c+d://u@h', 'a1.b-c+d://***@h'],
    ['https://a@b@host', 'https://***@host'],
    ['https://host/x@y', 'https://host/x@y'],
    ['https://host?x@y', 'https://host?x@y'],
    ['https://host#x@y', 'https://host#x@y'],
    ['https://host and ada@example.org', 'https://host and ada@example.org'],
    ['x://u@h y://v@i', 'x://***@h y://***@i'],
    ['1://u@h', '1://u@h'],
  ])('%s becomes %s', (text, output) => expect(withoutUrlCredentials(text)).toBe(output))

  it.each([
    ['postgres://u:p%40ss@h/d', 'p%40ss'],
    ['postgres://u:first@h/d?password=second', 'first'],
    ['postgres://u@h/d?password=second', 'second'],
    ['postgres://u@h/d', null],
    ['no url', null],
  ])('the password of %s', (url, secret) => expect(secretOfUrl(url)).toBe(secret))
})
