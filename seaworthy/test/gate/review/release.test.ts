import { describe, expect, it } from 'vitest'
import { couldNotLook, seenBy } from '../../../src/gate/cold/claim.ts'
import { stateOf } from '../../../src/gate/review/answer.ts'
import { inTheWay, otherPolicyIn, releaseOf } from '../../../src/gate/review/release.ts'
import type { ReviewAbout } from '../../../src/gate/review/review.ts'
import { holds, refused } from '../../../src/gate/verify/verification.ts'
import { reviewMarkdown } from '../../../src/reports/review-markdown.ts'
import { reviewText } from '../../../src/reports/review-text.ts'
import { standingOf } from '../../../src/reports/review-wording.ts'
import { reviewed } from '../../reports/samples.ts'

const NOW = new Date('2026-01-01T00:00:00.000Z')
const confirmed = reviewed([[{}, seenBy('clone', 1)]])

const standing = (change: Partial<ReviewAbout>, review = confirmed) => {
  const about = { ...review.about, ...change }
  const release = releaseOf({ about }, NOW)
  const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')
  return {
    release,
    why: inTheWay(release).join('; '),
    ...standingOf(stateOf(review), release),
    text: flat(reviewText({ ...review, about }, release, 100)),
    markdown: flat(reviewMarkdown({ ...review, about }, release)),
  }
}

describe('a release whose review is complete', () => {
  it.each<[what: string, change: Partial<ReviewAbout>, exitCode: number, word: string, why: string]>([
    ['failed', { verdict: 'fail' }, 1, 'FAIL', 'the verdict is fail'],
    ['is unproven', { verdict: 'unproven' }, 3, 'UNPROVEN', 'the verdict is unproven'],
    ['has expired', { expiresAt: '2025-12-31T23:59:59.999Z' }, 1, 'FAIL', 'it expired at 2025-12-31T23:59:59.999Z'],
    ['expires in this moment', { expiresAt: NOW.toISOString() }, 1, 'FAIL', 'it expired at'],
    ['is from the future', { evaluatedAt: '2026-01-01T00:01:01.000Z' }, 1, 'FAIL', 'which is in the future'],
    ['was judged by another policy', { otherPolicy: 'it was judged by <b>' }, 1, 'FAIL', 'it was judged by <b>'],
  ])('is none to act on where it %s', (_, change, exitCode, word, why) => {
    const found = standing(change)
    expect(found).toMatchObject({ exitCode, word, why: expect.stringContaining(why) })
    expect(found.text).toContain(`${word} the release does not pass: ${found.why}. The review of it is complete`)
    expect(found.text).toContain(`(exit ${exitCode})`)
    expect(found.text).toContain(`the verdict of the bundle is ${change.verdict ?? 'pass'}, for deploy`)
    expect(found.markdown).toMatch(/^# (❌|❓) Review: confirmed, of a release that does not pass /)
    expect(found.markdown).toContain(`- **in the way of the release**: ${found.why.replace('<b>', '')}`.slice(0, 60))
    expect(found.markdown).not.toContain('<b>')
  })

  it('passes where nothing of that is so', () => {
    const found = standing({})
    expect(found).toMatchObject({ exitCode: 0, word: 'CONFIRMED', why: '' })
    expect(found.text).toContain('CONFIRMED complete: no finding is blocking (exit 0)')
    expect(found.markdown).toMatch(/^# ✅ Review: confirmed 1 claim/)
    expect(found.markdown).not.toContain('in the way of the release**')
    expect(standing({ expiresAt: '2026-01-01T00:00:00.001Z' }).exitCode).toBe(0)
  })

  it('is no better than its review', () => {
    const contradicted = reviewed([[{}, seenBy('clone', 2)]])
    const open = reviewed([[{}, couldNotLook('no clone')]])
    expect(standing({}, contradicted)).toMatchObject({ exitCode: 1, word: 'CONTRADICTED' })
    expect(standing({ verdict: 'unproven' }, contradicted)).toMatchObject({ exitCode: 1, word: 'CONTRADICTED' })
    expect(standing({}, open)).toMatchObject({ exitCode: 3, word: 'UNPROVEN' })
    expect(standing({ verdict: 'fail' }, open)).toMatchObject({ exitCode: 1, word: 'FAIL' })
    expect(standing({ verdict: 'unproven' }, open).markdown).toMatch(/^# ❓ Review: unproven, of a release/)
  })

  it('says everything that stands in its way', () => {
    const { why } = standing({ verdict: 'fail', expiresAt: '2025-12-31T00:00:00.000Z', otherPolicy: 'another policy' })
    expect(why).toMatch(/^the verdict is fail; it expired .*; another policy$/)
    expect(inTheWay({ verdict: null, steps: [], exitCode: 3 })).toEqual(['no verdict could be made again'])
  })
})

it('the policy that judged is another one where that step says so', () => {
  expect(otherPolicyIn([holds('policy', 'the same')])).toBeNull()
  expect(otherPolicyIn([refused('policy', 'verify/other-policy', 'another')])).toBe('another')
  expect(otherPolicyIn([refused('time', 'verify/expired', 'late')])).toBeNull()
})
