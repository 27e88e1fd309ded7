import { describe, expect, it } from 'vitest'
import { sampleFolder, samplePending } from '../../../src/checks/sample-folder.ts'
import type { Action } from '../../../src/gate/check.ts'
import { Observations } from '../../../src/gate/observation.ts'
import type { Ledger, LedgerRow } from '../../../src/observers/ledger/kind.ts'
import type { Pending } from '../../../src/observers/pending/kind.ts'
import { holding, judged, LATE, MIGRATIONS, newest, NOTHING, outcome, row, rows, told } from './claims-scene.ts'

const LIVE = 'ledger/live migrations'
const PENDING = 'order/evaluated pending migrations'

describe('what was taken as live', () => {
  it('is applied in production', () => {
    expect(outcome(told(null), holding(rows(row('1'), row('2'))), LIVE)).toBe('confirmed')
    expect(outcome(told(null), holding(rows(row('1'))), LIVE)).toBe('contradicted')
    expect(outcome(told(null), holding(rows(row('1'), row('2', { isDirty: true }))), LIVE)).toBe('contradicted')
    expect(outcome(told(null), holding(newest('2')), LIVE)).toBe('confirmed')
    expect(outcome(told(null), holding(newest('1')), LIVE)).toBe('contradicted')
    const all = new Observations([sampleFolder(MIGRATIONS), samplePending(MIGRATIONS.map((one) => one.up.file))])
    expect(outcome(all, NOTHING, LIVE)).toBe('none')
  })

  it('stands in the way where a person named it, or a deploy goes by it, and else is to be noted: main may be ahead', () => {
    const severities = (basis: Pending['basis'], action: Action, of: Ledger | null = null) => {
      const found = judged(told(of, { basis }), NOTHING, action)
      return [LIVE, PENDING].map((id) => {
        const claim = found.get(id)?.claim
        return claim === undefined ? 'none' : `${claim.severity}, ${claim.unchecked}`
      })
    }
    const [strict, lenient] = ['blocking, blocking', 'discrepancy, discrepancy']
    for (const basis of ['baseline', 'all', 'outside-git', 'ledger'] as const)
      expect(severities(basis, 'pull-request')).toEqual([strict, strict])
    for (const basis of ['since', 'merge-base', 'ci-range'] as const) {
      expect(severities(basis, 'pull-request')).toEqual([lenient, lenient])
      expect(severities(basis, 'deploy')).toEqual([strict, strict])
    }
    // Row by row the ledger of the bundle says so too, and nobody may leave that unchecked.
    expect(severities('ledger', 'deploy', rows(row('1')))).toEqual(['blocking, discrepancy', 'none'])
    expect(severities('since', 'deploy', rows(row('1')))).toEqual(['blocking, discrepancy', 'blocking, discrepancy'])
  })

  it('by git, for a deploy: a migration that was judged by nobody, since an older commit had it, is missing there', () => {
    const since = told(null, { basis: 'since', baseCommit: 'b1' })
    const found = judged(since, holding(rows(row('1'))), 'deploy').get(LIVE)
    expect(found).toMatchObject({
      outcome: 'contradicted',
      why: 'only the bundle has 2',
      claim: { severity: 'blocking' },
    })
  })
})

describe('what was taken as pending', () => {
  const all = (basis: Pending['basis'] = 'all') =>
    told(null, { basis, files: MIGRATIONS.map((one) => one.up.file), explanation: 'every migration' })
  const since = told(null, { basis: 'since', baseCommit: 'b1' })
  const later = { appliedAt: LATE }

  it('with nothing as live: production has nothing that came before the verdict', () => {
    expect(judged(all(), holding(rows(row('1')))).get(PENDING)).toMatchObject({
      outcome: 'contradicted',
      claim: { severity: 'blocking', says: expect.stringContaining('nothing was applied') },
    })
    // One that the folder does not have.
    expect(outcome(all(), holding(rows(row('77'))), PENDING)).toBe('contradicted')
    expect(outcome(all('outside-git'), holding(rows(row('1'))), PENDING)).toBe('contradicted')
    expect(outcome(all(), holding(rows()), PENDING)).toBe('confirmed')
    expect(outcome(all(), holding(rows(row('1', later))), PENDING)).toBe('confirmed')
    expect(outcome(all(), holding({ style: 'high-water', rows: [] }), PENDING)).toBe('confirmed')
    expect(judged(all(), holding(newest('1'))).get(PENDING)).toMatchObject({
      outcome: 'cannot-be-checked',
      claim: { unchecked: 'blocking' },
      needs: expect.stringContaining('seaworthy review answer'),
    })
  })

  it('of a deploy: production has nothing besides what was live that came before the verdict', () => {
    const has = (...of: LedgerRow[]) => outcome(since, holding(rows(row('1'), row('2'), ...of)), PENDING, 'deploy')
    expect(has()).toBe('confirmed')
    expect(has(row('3', later))).toBe('confirmed')
    expect(has(row('3'))).toBe('contradicted')
    expect(has(row('77'))).toBe('contradicted')
    expect(outcome(since, holding(newest('2')), PENDING, 'deploy')).toBe('confirmed')
    expect(outcome(since, holding(newest('1')), PENDING, 'deploy')).toBe('confirmed')
    expect(outcome(since, holding(newest('3')), PENDING, 'deploy')).toBe('cannot-be-checked')
  })

  it('of a pull request by git: others may have deployed something else meanwhile', () => {
    const has = (...of: LedgerRow[]) => outcome(since, holding(rows(row('1'), row('2'), ...of)), PENDING)
    expect(has(row('77'))).toBe('confirmed')
    expect(has(row('3'))).toBe('contradicted')
    expect(outcome(since, holding(newest('2')), PENDING)).toBe('confirmed')
    expect(outcome(since, holding(newest('3')), PENDING)).toBe('cannot-be-checked')
    expect(outcome(told(null, { basis: 'since', files: [] }), NOTHING, PENDING)).toBe('none')
  })
})
