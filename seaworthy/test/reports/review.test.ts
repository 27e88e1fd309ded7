import { describe, expect, it } from 'vitest'
import { type Claim, couldNotLook, type Looked, seenBy } from '../../src/gate/cold/claim.ts'
import { reviewMarkdown } from '../../src/reports/review-markdown.ts'
import { reviewBody, reviewText } from '../../src/reports/review-text.ts'
import { claimCounts } from '../../src/reports/review-wording.ts'
import { DIGEST, reviewed } from './samples.ts'

const PASSES = { verdict: 'pass', steps: [], exitCode: 0 } as const
const same = seenBy('clone', 1)
const check = (source: string, verdict: string): readonly [Partial<Claim>, Looked] => {
  const expected = { verdict, findings: [] }
  return [
    { id: `reading/${source} db`, kind: 'reading', source, says: `${source} of db: ${verdict}`, expected },
    seenBy('gate', expected),
  ]
}

describe('a review with a contradiction that is only to be noted', () => {
  const review = reviewed([
    [{}, same],
    [{ severity: 'discrepancy' }, seenBy('clone', 2)],
    [{ unchecked: 'discrepancy' }, couldNotLook('no clone')],
  ])

  it('does not read as if all were well', () => {
    expect(review.verdict).toBe('confirmed')
    const [head = '', words = ''] = reviewMarkdown(review, PASSES).split('\n\n')
    expect(head).toBe('# ⚠️ Review: confirmed, with 1 contradiction to note')
    expect(words).toContain('3 claims: 1 confirmed, 1 contradicted (to note), 1 cannot be checked (to note)')
    expect(words).toContain('one thing that it says besides is not so')
    expect(reviewText(review, PASSES, 80)).toContain('F1 to note, contradicted')
  })

  it('and without one, or with a blocking one, says so', () => {
    expect(reviewMarkdown(reviewed([[{}, same]]), PASSES)).toContain('# ✅ Review: confirmed\n')
    const both = reviewed([
      [{}, seenBy('clone', 2)],
      [{ severity: 'discrepancy' }, seenBy('clone', 3)],
    ])
    expect(claimCounts(both)).toBe('2 claims: 2 contradicted (1 to note)')
    expect(reviewMarkdown(both, PASSES)).toContain('# ❌ Review: contradicted, with 1 contradiction to note')
  })
})

describe('a review in a terminal', () => {
  const review = reviewed([
    [{}, same],
    check('migrations-contract', 'pass'),
    check('migrations-ledger', 'pass'),
    check('migrations-drift', 'not-applicable'),
    [{ says: 'this was the order', comparison: 'includes', expected: {} }, seenBy('clone', { 'row 4': 1 })],
    [{ needs: 'x'.repeat(30) }, couldNotLook(`${DIGEST} `.repeat(4))],
  ])

  it.each([40, 80, 200])('keeps to its %d columns, or to those that can be read', (columns) => {
    const text = reviewBody(review, columns, { isEveryClaimShown: true }) + reviewText(review, PASSES, columns)
    const longest = Math.max(...text.split('\n').map((line) => line.length))
    expect(longest).toBeLessThanOrEqual(Math.min(columns, 120))
  })

  it('tells digests by their beginning, and the checks that say the same again in one line', () => {
    const text = reviewBody(review, 80, { isEveryClaimShown: true })
    expect(text).not.toContain('ab'.repeat(32))
    expect(text).toContain('✓ at that commit db/migrations holds the migrations with the digest\n')
    expect(text).toContain(`sha256:${'ab'.repeat(6)}…`)
    expect(text).toContain('✓ db: pass again, with the same findings: migrations-contract,')
    expect(text).toContain('✓ db: not-applicable again, with the same findings: migrations-drift')
    expect(text).not.toContain('the same was seen')
    expect(text).toContain('✓ this was the order: all of it is there; since then came row 4')
    // In the documents they are in full.
    expect(reviewMarkdown(review, PASSES)).toContain('ab'.repeat(32))
  })

  it('a check that does not say the same is told by itself', () => {
    const [claim] = check('migrations-ledger', 'pass')
    const other = reviewed([
      check('migrations-contract', 'pass'),
      [claim, seenBy('gate', { verdict: 'fail', findings: [] })],
    ])
    expect(reviewBody(other, 120, { isEveryClaimShown: true })).toContain('✗ migrations-ledger of db: pass: verdict: ')
  })
})
