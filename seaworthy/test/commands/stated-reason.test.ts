import { describe, expect, it } from 'vitest'
import { statedReason } from '../../src/commands/stated-reason.ts'

describe('a reason for the ledger', () => {
  it.each([
    '\u200b'.repeat(11),
    `${'\u200b'.repeat(40)}now`,
    '. . . . . . . . . . . .',
    '\u2800'.repeat(20),
    '\u0301'.repeat(20),
    'too short',
    '',
  ])('is one that can be read: %j is none', (text) => {
    expect(() => statedReason(text, '--emergency', 'hint')).toThrow(/letters and digits/)
  })

  it('holds no user part and no token of a URL', () => {
    const text = 'restored from postgresql://u:canary@h/d, see https://x/y?token=canary'
    expect(statedReason(text, '--emergency', 'hint')).toBe(
      'restored from postgresql://***@h/d, see https://x/y?token=***',
    )
  })

  it.each(['login is down, decided by Ada', 'вход не работает', '登录服务从凌晨两点起不可用', '0123456789'])(
    'takes %j',
    (text) => {
      expect(statedReason(` ${text}\n`, '--emergency', 'hint')).toBe(text)
    },
  )
})
