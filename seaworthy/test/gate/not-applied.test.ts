import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/gate/evaluate.ts'
import { type Finding, cannotProve, notApplied, refuse } from '../../src/gate/finding.ts'
import { merge } from '../../src/gate/merge.ts'
import { type Kind, Observations, observed } from '../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../src/gate/policy.ts'
import type { Judgement } from '../../src/gate/verdict.ts'

const at = (line: number) => ({ file: 'migrations/2.sql', line, column: 1 })

describe('a migration that does not apply', () => {
  const foreseen = refuse({
    code: 'apply/dropped-column',
    message: 'uses a column that is gone',
    where: at(3),
    endLine: 5,
  })
  const cause = notApplied('2')
  const said = refuse({
    code: 'apply/migration-fails',
    message: 'fails',
    where: at(4),
    proof: 'the server said: no',
    cause,
  })
  const after = [
    cannotProve({ code: 'unproven/not-all-applied', message: 'not seen', cause }),
    cannotProve({
      code: 'unproven/not-observed',
      message: 'no queries',
      cause: `${cause}, so no query could be planned`,
    }),
  ]

  it('is told once, by what foresaw it, with what the server said', () => {
    const told = merge([
      { check: 'effects', findings: after.slice(0, 1) },
      { check: 'static', findings: [foreseen] },
      { check: 'rehearsal', findings: [said] },
      { check: 'queries', findings: after.slice(1) },
    ])
    expect(told.flatMap((one) => one.findings)).toEqual([{ ...foreseen, proof: said.proof, cause }])
    expect(told.flatMap((one) => one.carried.map(({ by, under, outcome }) => [one.check, by, under, outcome]))).toEqual(
      [
        ['effects', 'static', 'apply/dropped-column', 'unproven'],
        ['rehearsal', 'static', 'apply/dropped-column', 'fail'],
        ['queries', 'static', 'apply/dropped-column', 'unproven'],
      ],
    )
  })

  it('carries nothing that has another cause, and nothing where the failure was answered for', () => {
    const other = cannotProve({ code: 'unproven/not-observed', message: 'no server', cause: notApplied('22') })
    const findings = (two: Finding, lowered: Finding[] = []) =>
      merge(
        [
          { check: 'rehearsal', findings: [said] },
          { check: 'queries', findings: [two] },
        ],
        new Set(lowered),
      ).flatMap((one) => one.findings)
    expect(findings(other)).toEqual([said, other])
    expect(findings(after[0]!, [said])).toEqual([said, after[0]])
    expect(findings(refuse({ code: 'lock/create-index', message: 'builds', where: at(4) }))).toHaveLength(2)
  })

  it('leaves every check its verdict', () => {
    const kinds = ['rehearsal', 'effects'].map((name): Kind<Judgement> => ({
      name,
      version: 1,
      parse: () => Promise.reject(new Error('not from outside')),
    }))
    const told: readonly Judgement[] = [
      { findings: [said], proved: [] },
      { findings: after, proved: [] },
    ]
    const { results } = evaluate({
      subjects: [
        { name: 'folder', observations: new Observations(kinds.map((kind, at) => observed(kind, 'test', told[at]!))) },
      ],
      checks: kinds.map((kind) => ({
        id: kind.name,
        version: 1,
        question: 'What were we told?',
        needs: [kind],
        uses: [],
        judge: (observations) => observations.need(kind),
        explanations: [],
      })),
      policy: { ...DEFAULT_POLICY, required: { 'pull-request': [], deploy: [] } },
      action: 'pull-request',
      evaluatedAt: '2026-11-21T12:00:00.000Z',
      isPartial: false,
    })
    expect(results.map((one) => [one.verdict, one.findings.length])).toEqual([
      ['fail', 1],
      ['unproven', 0],
    ])
  })
})
