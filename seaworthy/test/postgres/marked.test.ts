import { expect, it } from 'vitest'
import { isMarked, marked } from '../../src/postgres/marked.ts'

it('the mark stands behind the first word, and counts nowhere else', () => {
  expect(marked('SELECT 1')).toBe('SELECT /* seaworthy */ 1')
  expect(marked('\n  WITH a AS (SELECT 1) TABLE a')).toBe('WITH /* seaworthy */ a AS (SELECT 1) TABLE a')
  expect(marked('COMMIT')).toBe('COMMIT /* seaworthy */')
  expect(marked('(SELECT 1)')).toBe('(SELECT 1)')
  for (const own of ['SELECT 1', ' SELECT 1', 'COMMIT']) expect(isMarked(marked(own))).toBe(true)
  for (const other of [
    'SELECT 1',
    '/* seaworthy */ SELECT 1',
    "SELECT '/* seaworthy */'",
    'SELECT a /* seaworthy */',
  ]) {
    expect(isMarked(other)).toBe(false)
  }
})
