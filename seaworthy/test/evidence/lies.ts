import { evaluate } from '../../src/gate/evaluate.ts'
import { migrationTree } from '../../src/observers/migration-tree/kind.ts'
import type { Told } from './signed-bundle.ts'

export const HOUR_MS = 3_600_000

/** A release that drops a table, as whoever holds the key may have seen it. */
function withDrop(question: Told['question']): Told['question'] {
  const [first, ...rest] = question.subjects
  if (first === undefined) throw new Error('no subject')
  const tree = first.observations.need(migrationTree)
  const [last] = tree.migrations.slice(-1)
  if (last === undefined) throw new Error('no migration')
  const data = {
    ...tree,
    migrations: [...tree.migrations.slice(0, -1), { ...last, up: { ...last.up, text: 'DROP TABLE courts;\n' } }],
  }
  const observation = first.observations.find(migrationTree)
  if (observation?.status !== 'observed') throw new Error('no tree')
  return {
    ...question,
    subjects: [{ ...first, observations: first.observations.with({ ...observation, data }) }, ...rest],
  }
}

/** What a holder of the key may write down, and how it is caught. */
export const WITH_KEY: readonly (readonly [
  what: string,
  expected: Readonly<Record<string, string>>,
  exitCode: number,
  lie: (told: Told) => Told,
])[] = [
  [
    'says pass of a release that drops a table',
    { candidate: 'verify/other-candidate', replay: 'verify/other-findings' },
    1,
    (told) => ({ ...told, question: withDrop(told.question) }),
  ],
  [
    'leaves the findings out',
    { replay: 'verify/other-findings' },
    1,
    (told) => ({
      ...told,
      evaluation: { ...told.evaluation, results: told.evaluation.results.map((one) => ({ ...one, findings: [] })) },
    }),
  ],
  [
    'says fail, to keep somebody from releasing',
    { replay: 'verify/other-findings' },
    1,
    (told) => ({ ...told, evaluation: { ...told.evaluation, verdict: 'fail' } }),
  ],
  [
    'asks for fewer checks, by a policy of its own',
    { judges: 'bundle/other-judge' },
    3,
    (told) =>
      judgedAgain(told, {
        ...told.question,
        checks: told.question.checks.slice(0, 1),
        policy: { ...told.question.policy, required: { deploy: [], 'pull-request': [] }, accept: [] },
      }),
  ],
  [
    'accepts one thing more',
    { policy: 'verify/other-policy' },
    1,
    (told) => {
      const [one] = told.question.policy.accept
      if (one === undefined) throw new Error('nothing is accepted')
      const accept = [...told.question.policy.accept, { ...one, code: 'data-loss/drop-table' }]
      return judgedAgain(told, { ...told.question, policy: { ...told.question.policy, accept } })
    },
  ],
  [
    'leaves a required check out',
    { judges: 'bundle/other-judge' },
    3,
    (told) => judgedAgain(told, { ...told.question, checks: told.question.checks.slice(1) }),
  ],
  [
    'leaves a required check out, and says pass',
    { judges: 'bundle/other-judge' },
    3,
    (told) => ({ ...told, question: { ...told.question, checks: told.question.checks.slice(1) } }),
  ],
  [
    'had only a part judged',
    { replay: 'verify/partial' },
    1,
    (told) => judgedAgain(told, { ...told.question, isPartial: true }),
  ],
  [
    'made it tomorrow',
    { time: 'verify/from-the-future' },
    1,
    (told) => judgedAgain(told, { ...told.question, evaluatedAt: new Date(Date.now() + HOUR_MS).toISOString() }),
  ],
  [
    'gives one folder’s observations out as another one’s',
    { candidate: 'verify/other-candidate' },
    1,
    (told) => {
      const [first, second] = told.question.subjects
      if (first === undefined || second === undefined) throw new Error('two folders')
      const subjects = [
        { name: first.name, observations: second.observations },
        { name: second.name, observations: first.observations },
      ]
      return judgedAgain(told, { ...told.question, subjects })
    },
  ],
  [
    'names other migrations than it looked at',
    { candidate: 'verify/other-candidate' },
    1,
    (told) => {
      const { candidate } = told.about
      const migrations = candidate.migrations.map((one) => ({ ...one, digest: `sha256:${'0'.repeat(64)}` }))
      return { ...told, about: { ...told.about, candidate: { ...candidate, migrations } } }
    },
  ],
  [
    'gives a folder out that was not looked at',
    { candidate: 'verify/other-candidate' },
    1,
    (told) => judgedAgain(told, { ...told.question, subjects: told.question.subjects.slice(1) }),
  ],
]

const judgedAgain = (told: Told, question: Told['question']): Told => ({
  ...told,
  question,
  evaluation: evaluate(question),
})
