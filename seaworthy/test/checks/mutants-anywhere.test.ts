import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkNames, loadChecks, loadMutants } from '../../src/checks/index.ts'
import type { Check, Mutant } from '../../src/gate/check.ts'
import { type DrillRow, isNotHere } from '../../src/gate/drill/drill.ts'
import { drillJudges } from '../../src/gate/drill/judges.ts'
import { evaluate, type Evaluation, type Question } from '../../src/gate/evaluate.ts'
import { usePrivateCache } from '../postgres/private-places.ts'
import { type RealRun, realRuns } from './real-runs.ts'

interface Drilled {
  readonly run: RealRun
  readonly question: Question
  readonly base: Evaluation
  readonly rows: readonly DrillRow[]
}

const places = usePrivateCache()
let checks: readonly Check[]
let mutants: ReadonlyMap<string, readonly Mutant[]>
let drilled: readonly Drilled[]

beforeAll(async () => {
  checks = await loadChecks(checkNames)
  mutants = await loadMutants(checkNames)
  await Promise.all(checks.map(async (check) => await check.prepare?.()))
  drilled = (await realRuns()).map((run) => {
    const { subject, observations, policy, action, evaluatedAt } = run
    const question: Question = {
      subjects: [{ name: subject, observations }],
      checks,
      policy,
      action,
      evaluatedAt,
      isPartial: false,
    }
    const base = evaluate(question)
    return { run, question, base, rows: drillJudges(question, base, mutants) }
  })
}, 300_000)
afterAll(() => places.remove())

const named = (row: DrillRow): string => `${row.check}: ${row.world} (${row.why})`

describe('mutants of what was really observed', () => {
  it('of projects of six different sorts, five of which pass', () => {
    expect(drilled.map(({ run }) => run.name)).toHaveLength(6)
    expect(drilled.map(({ run }) => run.verdict).toSorted()).toEqual(['fail', 'pass', 'pass', 'pass', 'pass', 'pass'])
    // The stored observations are judged as they were in the run.
    expect(drilled.map(({ base }) => base.verdict)).toEqual(drilled.map(({ run }) => run.verdict))
  })

  it('none is let through under the default policy', () => {
    const through = drilled.map(({ run, rows }) => [
      run.name,
      rows.filter((row) => row.outcome === 'survived').map(named),
    ])
    expect(through).toEqual(drilled.map(({ run }) => [run.name, []]))
  })

  it('each that is made is another set, and where the run passes each of them shows something', () => {
    const open = drilled.flatMap(({ run, rows }) =>
      rows.filter((row) => row.outcome === 'unproven' && run.verdict === 'pass').map(named),
    )
    expect(open).toEqual([])
  })

  it('each one can be made in one of these projects, but for a few', () => {
    const refused = new Set(
      drilled.flatMap(({ rows }) => rows.filter((row) => row.outcome === 'refused').map((row) => row.world)),
    )
    const all = [...mutants].flatMap(([check, of]) => of.map((mutant) => ({ check, mutant })))
    const sampleOnly = all.filter(({ mutant }) => mutant.sampleOnly !== undefined)
    expect(sampleOnly.length).toBeLessThan(3)
    const never = all.filter(
      ({ mutant }) => !refused.has(mutant.name) && !sampleOnly.some((one) => one.mutant === mutant),
    )
    expect(never.length).toBeLessThan(all.length / 20)
  })

  it('every check has three that the example itself is damaged by', () => {
    const rows = drilled.find(({ run }) => run.name === 'court-dates')?.rows ?? []
    for (const id of checkNames) {
      const made = rows.filter((row) => row.check === id && row.outcome === 'refused')
      expect([id, made.length > 2]).toEqual([id, true])
    }
  })

  it('what is said to be refused, the whole gate refuses', () => {
    const { question, base, rows } = drilled.find(({ run }) => run.name === 'numbered, additive')!
    const [subject] = question.subjects
    for (const row of rows.filter((one) => one.outcome === 'refused')) {
      const mutant = mutants.get(row.check)?.find((one) => one.name === row.world)
      const observations = mutant?.damage(subject!.observations)
      if (observations === undefined || isNotHere(observations)) throw new Error(`${row.world} is not there`)
      const after = evaluate({ ...question, subjects: [{ ...subject!, observations }] })
      expect([row.world, after.verdict]).not.toEqual([row.world, base.verdict])
      const own = after.results.find((one) => one.check === row.check)
      const said = [...(own?.findings ?? []), ...(own?.carried ?? [])].map((one) => one.code)
      for (const code of row.by) expect(said).toContain(code)
    }
  })
})
