import { describe, expect, it } from 'vitest'
import { isAnswer, isFromServer, serverErrorOf } from '../../src/postgres/server-error.ts'

const withFields = (fields: object): Error => Object.assign(new Error('no'), fields)

describe('who an error comes from', () => {
  it('the server, the way to it, or our own code', () => {
    expect(isAnswer(withFields({ severity: 'FATAL', code: '53300' }))).toBe(true)
    expect(isFromServer(withFields({ severity: 'FATAL', code: '53300' }))).toBe(true)
    expect(isFromServer(withFields({ code: 'ECONNREFUSED', syscall: 'connect' }))).toBe(true)
    expect(isFromServer(new Error('Connection terminated unexpectedly'))).toBe(true)
    expect(isFromServer(new TypeError('x is not a function'))).toBe(false)
    expect(isFromServer('text')).toBe(false)
  })
})

describe('what an error says', () => {
  it('has no number that another run would not have', () => {
    const told = (message: string): string =>
      serverErrorOf(Object.assign(new Error(message), { severity: 'ERROR', code: '42501' }), '').message
    expect(told('permission denied: "RI_ConstraintTrigger_c_16408" is a system trigger')).toBe(
      'permission denied: "RI_ConstraintTrigger_c" is a system trigger',
    )
    expect(told('Process 17 waits for ShareLock on transaction 745; blocked by process 18.')).toBe(
      'Process # waits for ShareLock on transaction #; blocked by process #.',
    )
    expect(told('relation 16409 of database 16384, pg_temp_3.t, trigger pg_seaworthy_0123456789ab')).toBe(
      'relation # of database #, pg_temp.t, trigger pg_seaworthy',
    )
    expect(told('value 42 of transaction_4 is too long')).toBe('value 42 of transaction_4 is too long')
  })
})
