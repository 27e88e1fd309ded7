import { describe, expect, it } from 'vitest'
import { type CheckVerdict, type Verdict, combine, isBetter, verdictOf } from '../../src/gate/verdict.ts'
import {
  cannotProve,
  docsPage,
  familyOf,
  isNotApplied,
  note,
  notApplied,
  refuse,
  warn,
} from '../../src/gate/finding.ts'
import { EXIT, type ErrorCode, notWritten, reasonOf, SeaworthyError } from '../../src/gate/error.ts'
import { isNotHere, notHere } from '../../src/gate/drill/drill.ts'

const input = { code: 'lock/a', message: 'm' }

describe('the verdict of a judgement', () => {
  const [bad, open, mild] = [refuse(input), cannotProve(input), warn(input)]
  it.each<[string, Parameters<typeof verdictOf>[0], Verdict]>([
    ['one that refuses, last of all', { findings: [mild, open, bad], proved: ['x'] }, 'fail'],
    ['one unproven', { findings: [mild, open], proved: ['x'] }, 'unproven'],
    ['warnings and a proof', { findings: [mild, note(input)], proved: ['x'] }, 'pass'],
    ['nothing found, and nothing proved', { findings: [], proved: [] }, 'unproven'],
    ['a warning, and nothing proved', { findings: [mild], proved: [] }, 'unproven'],
  ])('%s', (_, judgement, verdict) => expect(verdictOf(judgement)).toBe(verdict))
})

describe('the verdict of several', () => {
  it.each<[CheckVerdict[], Verdict]>([
    [[], 'unproven'],
    [['not-applicable'], 'unproven'],
    [['not-applicable', 'pass'], 'pass'],
    [['pass', 'pass'], 'pass'],
    [['pass', 'unproven'], 'unproven'],
    [['unproven', 'fail', 'pass'], 'fail'],
  ])('%j is %s', (verdicts, verdict) => expect(combine(verdicts)).toBe(verdict))

  it('pass is better than unproven, and that than fail', () => {
    const order: Verdict[] = ['pass', 'unproven', 'fail']
    for (const [i, a] of order.entries()) for (const [j, b] of order.entries()) expect(isBetter(a, b)).toBe(i < j)
  })
})

describe('a finding', () => {
  const bare = { ...input, where: null, subject: null, hint: null, docs: 'docs/findings/lock/a.md' }
  it.each([
    ['refuses', refuse, 'error', 'fail'],
    ['is unproven', cannotProve, 'error', 'unproven'],
    ['warns', warn, 'warning', 'none'],
    ['notes', note, 'note', 'none'],
  ] as const)('%s', (_, make, severity, outcome) => {
    expect(make(input)).toStrictEqual({ ...bare, severity, outcome })
    expect(make({ ...input, proof: null, endLine: null })).toStrictEqual({ ...bare, severity, outcome })
    const full = {
      ...input,
      where: { file: 'a.sql', line: 1, column: 2 },
      subject: 's',
      hint: 'h',
      proof: 'p',
      endLine: 3,
      cause: 'c',
    }
    expect(make(full)).toStrictEqual({ ...full, severity, outcome, docs: bare.docs })
  })

  it('has a page and a family by its code', () => {
    expect(docsPage('apply/x')).toBe('docs/findings/apply/x.md')
    expect(familyOf('data-loss/drop-table')).toBe('data-loss')
    expect(familyOf('plain')).toBe('')
  })

  it.each([
    [notApplied('002'), true],
    [`${notApplied('002')}, so nothing was seen`, true],
    ['migration 002 does not apply', true],
    ['migration 2024_a-b does not apply', true],
    [undefined, false],
    ['migration 002 does not apply at all', false],
    ['the migration 002 does not apply', false],
    ['migration does not apply', false],
    ['migration 1 2 does not apply', false],
    ['no server', false],
  ])('the cause %j is that a migration does not apply: %s', (cause, is) => expect(isNotApplied(cause)).toBe(is))
})

describe('the one error', () => {
  it.each<[ErrorCode, number]>([
    ['usage', 2],
    ['config', 2],
    ['nothing-to-check', 4],
    ['unreadable', 2],
    ['git', 2],
    ['scratch-server', 3],
    ['network', 3],
    ['limit', 3],
    ['state', 3],
    ['internal', 70],
  ])('%s leaves with %i', (code, exit) => {
    const error = new SeaworthyError(code, 'what happened', { hint: 'what to do', cause: 'why' })
    expect(error).toMatchObject({ code, exitCode: exit, hint: 'what to do', cause: 'why', name: 'SeaworthyError' })
    expect(error.message).toBe('what happened')
  })

  it('has no hint and no cause where none is given', () => {
    const error = new SeaworthyError('git', 'x')
    expect(error.hint).toBeNull()
    expect('cause' in error).toBe(false)
    expect(EXIT).toEqual({ pass: 0, fail: 1, usage: 2, unproven: 3, nothing: 4, bug: 70, cancelled: 130 })
  })

  it.each([
    ['ENOENT', 'there is no such file or folder'],
    ['EACCES', 'this user may not'],
    ['EISDIR', 'it is a folder'],
    ['ENOTDIR', 'a part of the path is no folder'],
    ['EROFS', 'the file system is read-only'],
    ['ENOSPC', 'the disk is full'],
    ['EDQUOT', 'the quota is used up'],
    ['EIO', 'said by the system'],
    ['constructor', 'said by the system'],
    [7, 'said by the system'],
  ])('says %s of a file in words', (code, words) => {
    expect(reasonOf(Object.assign(new Error('said by the system'), { code }))).toBe(words)
  })

  it('says of what could not be written that the disk is full, or that another place would do', () => {
    const place = { code: 'usage', hint: 'Name another folder.' } as const
    const of = (code: string): SeaworthyError => notWritten('x', Object.assign(new Error('said'), { code }), place)
    const hint = 'Free some space there, and run the command again.'
    expect(of('ENOSPC')).toMatchObject({ code: 'limit', message: 'x: the disk is full', hint, exitCode: 3 })
    expect(of('EDQUOT')).toMatchObject({ code: 'limit', message: 'x: the quota is used up', hint })
    expect(of('EACCES')).toMatchObject({ code: 'usage', message: 'x: this user may not', hint: place.hint })
    expect(notWritten('x', 'ENOSPC', place)).toMatchObject({ code: 'usage', message: 'x: ENOSPC', cause: 'ENOSPC' })
  })

  it('says why something else was thrown', () => {
    expect(reasonOf(new Error('no code'))).toBe('no code')
    expect(reasonOf('a text')).toBe('a text')
    expect(reasonOf(null)).toBe('null')
  })
})

it('a world that cannot be made says why', () => {
  expect(notHere('no table')).toEqual({ notHere: 'no table' })
  expect(isNotHere(notHere('no table'))).toBe(true)
  expect(isNotHere({ migration: { name: 'x', up: '' } })).toBe(false)
})
