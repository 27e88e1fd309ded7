import { describe, expect, it } from 'vitest'
import type { Harm } from '../../../src/checks/migrations-effects/harm.ts'
import { withTried } from '../../../src/checks/migrations-effects/tried.ts'
import type { TracedStatement } from '../../../src/observers/effects/kind.ts'

const at = (line: number): TracedStatement => ({
  file: '0002_trigger.sql',
  version: '0002',
  index: line,
  line,
  column: 1,
  endLine: line,
  text: 'CREATE TRIGGER no …',
  transaction: 1,
  events: [],
  locks: [],
  nested: [],
})
const foreseen: Harm = {
  code: 'compat/create-trigger',
  severity: 'error',
  subject: 'trigger no on public.users',
  message: 'adds trigger no on public.users, which fires for writes of the running version: no() may refuse the write',
  by: at(2),
}
const tried: Harm = {
  code: 'compat/write-fails',
  severity: 'error',
  subject: 'table public.users',
  message: 'an UPDATE of table public.users worked before the release and fails after it',
  proof: 'deploy: no (P0001)',
  by: at(2),
}

describe('what was foreseen and what was tried', () => {
  it('are one harm, with the proof of the trial', () => {
    expect(withTried([foreseen], [tried])).toEqual([{ ...foreseen, proof: `${tried.message}: ${tried.proof}` }])
  })

  it('where the rule saw no harm, the trial is told instead', () => {
    expect(withTried([{ ...foreseen, severity: 'note' }], [tried])).toEqual([tried])
  })

  it.each([
    ['another statement', { ...foreseen, by: at(3) }],
    ['no statement', { ...foreseen, by: null }],
    ['another table', { ...foreseen, message: 'adds trigger no on public.users_archive', subject: 'trigger no' }],
    ['another harm of the same statement', { ...foreseen, code: 'data-loss/drop-column' }],
    ['what could not be proved', { ...foreseen, isUnproven: true }],
  ])('stay two: %s', (_name, harm) => {
    expect(withTried([harm], [tried])).toEqual([harm, tried])
  })
})
