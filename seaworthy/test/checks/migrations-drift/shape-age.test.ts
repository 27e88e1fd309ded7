import { describe, expect, it } from 'vitest'
import { judge } from '../../../src/checks/migrations-drift/judge.ts'
import { inProduction, sample } from '../../../src/checks/migrations-drift/sample.ts'
import { olderShape } from '../../../src/checks/migrations-drift/shape-age.ts'
import { sampleFolder, sampleMigration, samplePending } from '../../../src/checks/sample-folder.ts'
import type { Observations } from '../../../src/gate/observation.ts'
import { shape, type Shape } from '../../../src/observers/shape/kind.ts'
import type { PendingBasis } from '../../../src/observers/pending/kind.ts'

const MIGRATIONS = ['001', '002', '003', '004', '005'].map((version) => sampleMigration(version, 'x', 'SELECT 1'))
const row = (key: string) => ({ key, name: null, checksum: null, appliedAt: null, isDirty: false })
const ledger = (keys: readonly string[] | null, style: 'rows' | 'high-water' = 'rows'): Shape['ledger'] => ({
  table: 'public.schema_migrations',
  owner: 'dba',
  style,
  rows: keys?.map(row) ?? null,
})

/** 001 to 004 are live, 005 is pending; the shape holds this ledger, and lacks the view. */
const world = (
  captured: Shape['ledger'],
  basis: PendingBasis = 'ledger',
  without = 'view public.named',
): Observations => {
  const set = sample.with(sampleFolder(MIGRATIONS)).with(samplePending([MIGRATIONS[4]!.up.file], { basis }))
  return set.with(
    inProduction(set, ({ catalogue }) => ({
      ledger: captured,
      catalogue: catalogue.filter(({ object }) => object !== without),
    })),
  )
}

const versions = (captured: Shape['ledger']): readonly string[] | null => {
  const set = world(captured)
  return olderShape(set, set.need(shape))?.versions ?? null
}

describe('a shape that is older than what is live', () => {
  it('is told as that, once, and accuses nobody', () => {
    const { findings } = judge(world(ledger(['1', '2', '3'])))
    expect(findings.map(({ code, outcome }) => [code, outcome])).toEqual([['drift/shape-older', 'none']])
    const [{ message, hint } = { message: '', hint: '' }] = findings
    expect(message).toMatch(/does not have version 004, which production's ledger has now.*: view public\.named$/)
    expect(hint).toContain('Capture the shape again')
    expect(`${message} ${hint}`).not.toMatch(/who changed|by hand|dropped/)
    const byGit = judge(world(ledger(['1', '2']), 'merge-base')).findings[0]
    expect(byGit?.message).toContain('does not have versions 003, 004, which the run takes as live')
  })

  it('never makes less of what the release touches', () => {
    const { findings } = judge(world(ledger(['1', '2', '3']), 'ledger', 'table public.cases'))
    expect(findings.map(({ code, outcome }) => [code, outcome])).toEqual([
      ['drift/release-touches', 'fail'],
      ['drift/shape-older', 'none'],
    ])
  })

  it('is one whose own ledger lacks what is live; a pending migration, or no ledger, makes it none', () => {
    expect(versions(ledger(['1', '2', '3', '4']))).toBeNull()
    expect(versions(ledger(['1', '2', '4']))).toEqual(['003'])
    expect(versions(ledger([]))).toEqual(['001', '002', '003', '004'])
    expect(versions(ledger(null))).toBeNull()
    expect(versions(null)).toBeNull()
    expect(versions(ledger(['4'], 'high-water'))).toBeNull()
    expect(versions(ledger(['2'], 'high-water'))).toEqual(['003', '004'])
    expect(versions(ledger([], 'high-water'))).toEqual(['001', '002', '003', '004'])
    expect(versions(ledger(['99'], 'high-water'))).toBeNull()
    for (const captured of [null, ledger(['1', '2', '3', '4'])])
      expect(judge(world(captured)).findings.map(({ code }) => code)).toEqual(['drift/missing'])
  })

  it('says nothing where production is what the migrations build all the same', () => {
    expect(judge(world(ledger(['1']), 'ledger', 'nothing')).findings).toEqual([])
  })
})
