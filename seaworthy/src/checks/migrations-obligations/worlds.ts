import { identityIn } from '../../gate/certificate/identity.ts'
import type { JudgeContext } from '../../gate/check.ts'
import { isNotHere, notHere, type NotHere, type World, type WorldChange } from '../../gate/drill/drill.ts'
import { type Observations, observed } from '../../gate/observation.ts'
import { answers } from '../../observers/answers/kind.ts'
import { effects } from '../../observers/effects/kind.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { harming } from '../bad-migration.ts'
import { leftOut } from '../left-out.ts'
import type { LiveTable } from '../live-tables.ts'
import { derive } from './derive.ts'

const nullable = ({ columns }: LiveTable): LiveTable['columns'][number] | undefined =>
  columns.find((one) => one.isPlain)

const forbidNulls = (table: LiveTable): string =>
  `ALTER TABLE ${table.sql} ALTER COLUMN ${nullable(table)?.sql} SET NOT NULL;\n`

/** Bad worlds that differ from good ones in the rows of production only. */
export const worlds: readonly World[] = [
  {
    name: 'rows-that-nobody-asked-about',
    title: 'a migration forbids NULLs in a column, and nobody asked production whether it has some',
    why: 'it applies on rows that were made up, and stops the deploy at the first NULL of production',
    refusedBy: ['obligation/unanswered'],
    build: (observations) => {
      const change = harming('required', forbidNulls, (table) => nullable(table) !== undefined)(observations)
      return isNotHere(change) ? change : { ...change, action: 'deploy' }
    },
  },
  {
    name: 'production-says-no',
    title: 'production answers that rows are in the way',
    why: 'what fails on production alone has failed already, in the answer',
    refusedBy: [
      'obligation/not-null',
      'obligation/unique',
      'obligation/check',
      'obligation/foreign-key',
      'obligation/exclusion',
      'obligation/type',
      'obligation/partition',
      'obligation/gives-up',
      'obligation/not-there',
    ],
    build: (observations, context) =>
      answered(observations, context, { rows: 1_000_000, identity: identityOf(observations) }),
  },
  {
    name: 'answers-of-another-database',
    title: 'the answers come from the server of the rehearsal, and not from production',
    why: 'a thing that is compared with itself always agrees (story 4: blue was compared with blue)',
    refusedBy: ['obligation/other-database', 'obligation/database-not-compared'],
    build: (observations, context) =>
      answered(observations, context, { rows: 0, identity: `sha256:${'0'.repeat(64)}` }),
  },
  leftOut('migrations-obligations'),
]

/** Who production is, as far as a shape, its ledger or earlier answers say. */
const identityOf = (observations: Observations): string =>
  observations.maybe(shape)?.witness ??
  identityIn(observations.find(ledger)?.witness ?? '') ??
  observations.maybe(answers)?.server.identity ??
  `sha256:${'1'.repeat(64)}`

/** Fresh answers to every question of the user's own release. */
function answered(
  observations: Observations,
  { evaluatedAt }: Pick<JudgeContext, 'evaluatedAt'>,
  { rows, identity }: { readonly rows: number; readonly identity: string },
): WorldChange | NotHere {
  const [tree, what, seen] = [
    observations.maybe(migrationTree),
    observations.maybe(pending),
    observations.maybe(effects),
  ]
  const asked = tree && what && seen ? derive(tree, what.files, seen).obligations : []
  if (asked.length === 0) return notHere('the release asks nothing of the rows that production has')
  const server = { version: '18.0', identity, isReplica: false }
  const given = asked.map((one) => ({ id: one.id, rows, answeredAt: evaluatedAt, problem: null }))
  return {
    action: 'deploy',
    inputs: [observed(answers, observations.find(answers)?.witness ?? 'answers.json', { server, answers: given })],
  }
}
