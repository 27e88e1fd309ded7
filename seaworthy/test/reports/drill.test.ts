import { describe, expect, it } from 'vitest'
import type { DrillRow } from '../../src/gate/drill/drill.ts'
import {
  type DrillControl,
  type DrillReport,
  drillExit,
  renderDrill,
  renderDrillMarkdown,
} from '../../src/reports/drill.ts'

const control: DrillControl = { verdict: 'pass', refusals: [], unlike: null }

const row = (change: Partial<DrillRow>): DrillRow => ({
  tier: 'world',
  check: 'migrations-effects',
  world: 'gone',
  title: 'a table is gone',
  subject: 'migrations',
  family: 'data-loss',
  outcome: 'refused',
  by: ['data-loss/drop-table'],
  why: null,
  ...change,
})
const survived = row({ outcome: 'survived', world: 'open', by: [], why: 'accepted by the policy' })
const unproven = row({ outcome: 'unproven', why: 'refused for another reason' })
const absent = row({ outcome: 'not-here', why: 'nothing is live' })

const report = (rows: readonly DrillRow[], change: Partial<DrillControl> = {}): DrillReport => ({
  schemaVersion: 1,
  tool: 'seaworthy',
  version: '1.0.0',
  command: 'drill',
  exitCode: drillExit({ ...control, ...change }, rows),
  control: { ...control, ...change },
  rows,
  durationMs: 31_000,
})

const shown = (rows: readonly DrillRow[], change: Partial<DrillControl> = {}): string =>
  renderDrill(report(rows, change), { color: false, width: 100 })

describe('the exit code of a drill', () => {
  it('is the worst of its rows, and never 0 where nothing was refused', () => {
    expect(drillExit(control, [row({}), absent])).toBe(0)
    expect(drillExit(control, [row({}), survived, unproven])).toBe(1)
    expect(drillExit(control, [row({}), unproven])).toBe(3)
    expect(drillExit(control, [absent])).toBe(4)
    expect(drillExit(control, [])).toBe(4)
    // What was not tried shows nothing: rows may still be lost.
    const other = row({ family: 'lock' })
    expect(drillExit(control, [other, absent])).toBe(3)
    expect(drillExit(control, [other, absent, survived])).toBe(1)
    expect(drillExit(control, [other, row({ ...absent, family: 'ownership' })])).toBe(0)
    expect(drillExit(control, [other, row({}), row({ ...absent, subject: 'elsewhere' })])).toBe(3)
    expect(drillExit({ ...control, unlike: 'the copy is refused' }, [])).toBe(3)
  })
})

describe('the matrix', () => {
  it('tells what was let through first, each with its reason, and counts the rest without what cannot be made', () => {
    const text = shown([row({}), absent, survived])
    expect(text.indexOf('LET THROUGH  open')).toBeLessThan(text.indexOf('refused      gone'))
    expect(text).toMatch(/LET THROUGH {2}open: a table is gone\n +→ accepted by the policy\n/)
    expect(text).toMatch(/not here {5}gone: a table is gone\n +→ nothing is live\n/)
    expect(text).toContain('worlds: 1 of 2 refused, 1 let through, 1 not here')
    expect(text).toContain('LET THROUGH  exit 1: the gate would let a bad world through (31.0 s)')
  })

  it('names in one line the families of harm of which nothing could be tried', () => {
    const owner = row({ ...absent, family: 'ownership' })
    expect(shown([row({}), owner, absent])).toContain('\nNOT TRIED: no harm of ownership can be made here\nREFUSED')
    expect(shown([row({}), absent, row({ tier: 'judge', family: null })])).not.toContain('NOT TRIED')
    const text = shown([row({ family: 'lock' }), absent, owner, row({ family: 'lock', subject: 'other' })])
    expect(text).toContain(
      'NOT TRIED: no harm of data-loss (migrations), ownership (migrations) can be made here. Without',
    )
    expect(text).toContain('UNPROVEN  exit 3: nothing was let through, and no harm of data-loss could be tried')
    expect(renderDrillMarkdown(report([row({}), owner]))).toContain('**NOT TRIED: no harm of ownership')
  })

  it('says once what is the same of every check that may not be left out', () => {
    const without = (check: string): DrillRow =>
      row({ check, world: `without-${check}`, by: ['policy/required-check-missing'] })
    const text = shown([without('migrations-ledger'), without('migrations-down')])
    expect(text).toContain('each of ledger, down')
    expect(text.match(/required-check-missing/g)).toHaveLength(1)
    expect(shown([without('migrations-down')])).toContain('without-migrations-down')
  })

  it('counts damaged observations by check, and names those that were not refused, up to a limit', () => {
    const mutants = Array.from({ length: 25 }, (_, index) =>
      row({ ...survived, tier: 'judge', title: `mutant ${index}.` }),
    )
    const text = shown([row({ tier: 'judge' }), ...mutants])
    expect(text).toContain('migrations-effects  1 of 26 refused, 25 let through')
    expect(text).toContain('mutant 19.')
    expect(text).not.toContain('mutant 20.')
    expect(text).toContain('… and 5 more: --json has all')
  })

  it('names the folder where there are several, and stops where the copy is judged otherwise', () => {
    expect(shown([row({}), row({ subject: 'other' })])).toContain('gone (other): a table is gone')
    const text = shown([], { unlike: 'of the copy the gate says fail' })
    expect(text).toContain('of the copy the gate says fail')
    expect(text).toContain('UNPROVEN  exit 3: nothing was drilled')
  })

  it('steers neither a terminal nor a table', () => {
    const bad = row({ outcome: 'survived', why: '\u001B[2J | <b>bold</b>' })
    expect(shown([bad])).not.toContain('\u001B')
    const text = renderDrillMarkdown(report([bad, absent, row({ ...unproven, tier: 'judge' })]))
    expect(text).toContain('| LET THROUGH | `gone` | a table is gone |')
    expect(text).not.toContain('<b>')
    expect(text).toContain('1 damaged observation: 0 of 1 refused, 1 unproven.')
  })
})
