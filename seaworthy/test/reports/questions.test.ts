import { expect, test } from 'vitest'
import { note } from '../../src/gate/finding.ts'
import type { AskedObligation } from '../../src/gate/obligation.ts'
import { renderMarkdown } from '../../src/reports/markdown.ts'
import { renderTerminal } from '../../src/reports/terminal.ts'
import { check, report } from './samples.ts'

const obligation = (state: AskedObligation['state'], index = 0): AskedObligation => ({
  id: String(index).padStart(32, '0'),
  question: `no duplicates in users.handle${index}`,
  subject: `constraint u${index} on public.users`,
  where: { file: 'migrations/007_handles.sql', line: 3, column: 1 },
  sql: 'SELECT 1',
  rowsSql: 'SELECT 1',
  failsFrom: 1,
  consequence: 'it fails',
  code: 'obligation/unique',
  state,
  answer:
    state === 'open'
      ? null
      : {
          id: '0'.repeat(32),
          answeredAt: '2026-11-21T10:00:00.000Z',
          rows: state === 'violated' ? 2 : 0,
          problem: null,
        },
})
const plain = { color: false, width: 120 }

test('an open question stands once, with its place and the command that asks it', () => {
  const one = obligation('open')
  const open = report({
    obligations: [one],
    checks: [check({ findings: [note({ code: one.code, message: 'only production can say', subject: one.subject })] })],
  })
  const text = renderTerminal(open, plain)
  expect(text).toContain('1 question for production')
  expect(text).toContain('open      no duplicates in users.handle0, for migrations/007_handles.sql:3:1')
  expect(text).toContain('  ask: seaworthy prove --against URL\n')
  expect(renderMarkdown(open)).toContain('ask: seaworthy prove')
  expect(text).not.toContain('only production can say')
  expect(renderMarkdown(open)).toContain('1 question for production, 1 open')
})

test('what is answered needs no command, and what is bad comes first', () => {
  const answered = renderTerminal(report({ obligations: [obligation('answered')] }), plain)
  expect(answered).toContain('(as of 2026-11-21T10:00:00.000Z)')
  expect(answered).not.toContain('seaworthy prove')
  const many = Array.from({ length: 9 }, (_, index) => obligation('answered', index))
  const text = renderTerminal(report({ obligations: [...many, obligation('violated', 9)] }), plain)
  expect(text).toContain('mend the rows that are in the way, then ask again: seaworthy prove --against URL')
  expect(text.indexOf('in the way')).toBeLessThan(text.indexOf('no row in the way'))
  expect(text).toContain('and 4 more (--json has all)')
})

test('a run without questions says nothing of them', () => {
  expect(renderTerminal(report(), plain)).not.toContain('question')
  expect(renderMarkdown(report())).not.toContain('question')
})
