import { expect, test } from 'vitest'
import { explanations } from '../../src/checks/migrations-contract/explanations.ts'
import { findingPage } from '../../src/reports/finding-page.ts'

test('a page says all there is', () => {
  const page = findingPage({
    code: 'family/name',
    title: 'A title',
    why: 'Because.',
    instead: 'Do this.',
    falseAlarm: 'Sometimes.',
    bad: ['DROP TABLE t;'],
    good: ['SELECT 1;'],
  })
  expect(page).toBe(`# A title

Code: \`family/name\`

## Why it matters

Because.

## What to do instead

Do this.

## Found

\`\`\`sql
DROP TABLE t;
\`\`\`

## Not found

\`\`\`sql
SELECT 1;
\`\`\`

## When it may be a false alarm

Sometimes.
`)
})

test('what is not there leaves no heading', () => {
  const page = findingPage({ code: 'a/b', title: 'T', why: 'W', instead: 'I', bad: [] })
  expect(page).not.toMatch(/Found|false alarm|undefined/)
})

test('a sample cannot close its own fence, and control characters can be seen', () => {
  const page = findingPage({ code: 'a/b', title: 'T', why: 'W', instead: 'I', bad: ['```\nx', 'a\rb\tc', ''] })
  expect(page).toContain('````sql\n```\nx\n````')
  expect(page).toContain('a<CR>b<TAB>c')
  expect(page).toContain('(an empty file)')
})

test('every code of the contract has a page', () => {
  for (const one of explanations) expect(findingPage(one)).toContain(`\`${one.code}\``)
})
