import { describe, expect, it } from 'vitest'
import { isAnswer, isFromServer } from '../../src/postgres/server-error.ts'

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
