import { describe, expect, test } from 'vitest'
import { asAccount, chooseAccount, serverAccount } from '../../src/postgres/account.ts'

const passwd = (...lines: string[]): string => `root:x:0:0:root:/root:/bin/sh\n${lines.join('\n')}\n`
const NOBODY = 'nobody:x:65534:65533:nobody:/:/sbin/nologin'

describe('the account of a server', () => {
  test('is postgres before nobody', () => {
    expect(chooseAccount(passwd(NOBODY, 'postgres:x:70:71::/:/bin/sh'))).toEqual({ name: 'postgres', uid: 70, gid: 71 })
    expect(chooseAccount(passwd(NOBODY))).toEqual({ name: 'nobody', uid: 65_534, gid: 65_533 })
  })

  test('is never root, whatever it is called, and none if there is none', () => {
    expect(chooseAccount(passwd('postgres:x:0:0::/:/bin/sh'))).toBeNull()
    expect(chooseAccount(passwd('postgres:x:0:0::/:/bin/sh', NOBODY))?.name).toBe('nobody')
    expect(chooseAccount(passwd('# postgres', 'nobody', 'nobody:x:minus:1'))).toBeNull()
  })

  test('reads the negative numbers of macOS as the kernel does', () => {
    expect(chooseAccount(passwd('nobody:*:-2:-2::/:/bin/false'))?.uid).toBe(4_294_967_294)
  })

  test('is ourselves unless we are root', () => {
    expect(serverAccount() === null).toBe(process.geteuid?.() !== 0)
    expect(asAccount(null)).toEqual({})
  })
})
