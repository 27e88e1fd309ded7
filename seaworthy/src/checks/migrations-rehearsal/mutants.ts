import type { Mutant } from '../../gate/check.ts'
import { type Observations, notObserved, observed } from '../../gate/observation.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { type Failure, type Rehearsal, plainError, rehearsal } from '../../observers/rehearsal/kind.ts'
import { rehearsed } from './sample.ts'

/** A failure of the sample's second migration. */
const failure = (
  change: Partial<Failure> & { sqlstate?: string | null; phase?: 'baseline' | 'pending' },
): NonNullable<Rehearsal['failure']> => {
  const { sqlstate = '42703', phase = 'pending', ...rest } = change
  return {
    file: 'migrations/002_cases.up.sql',
    version: '002',
    error: plainError(sqlstate, 'column "docket_no" does not exist'),
    statement: null,
    owner: null,
    leavesHalf: false,
    missingExtension: null,
    isInfrastructure: false,
    phase,
    cause: null,
    ...rest,
  }
}

const change =
  (with_: (run: Rehearsal) => Partial<Rehearsal>) =>
  (observations: Observations): Observations =>
    observations.with(rehearsed(observations, with_))

/** Worlds that the judge must refuse, each made from the sample by one damage. */
export const mutants: readonly Mutant[] = [
  {
    name: 'the rehearsal was never made',
    why: 'the dry-run test of story 1 was skipped, because nothing set its database URL',
    damage: (observations) => observations.without(rehearsal),
  },
  {
    name: 'no server could be had',
    why: '"no database" is never a pass',
    damage: (observations) => observations.with(notObserved(rehearsal, 'none', 'PostgreSQL did not start')),
  },
  {
    name: 'what is pending was not found out',
    why: 'a shallow clone has no merge base',
    damage: (observations) => observations.with(notObserved(pending, 'git', 'no merge base')),
  },
  {
    name: 'a pending migration fails',
    why: 'a column was dropped long ago',
    damage: change(() => ({ failure: failure({}) })),
  },
  {
    name: 'the deploy role may not do it',
    why: '42501 in production only',
    damage: change(() => ({ failure: failure({ sqlstate: '42501' }) })),
  },
  {
    name: 'the baseline fails',
    why: 'nothing after it was rehearsed',
    damage: change(() => ({ failure: failure({ phase: 'baseline' }) })),
  },
  {
    name: 'the baseline lacks rights',
    why: 'the state in front of the release was not built',
    damage: change(() => ({ failure: failure({ phase: 'baseline', sqlstate: '42501' }) })),
  },
  {
    name: 'a time limit ended it',
    why: 'a limit of ours says nothing about the migration',
    damage: change(() => ({ failure: failure({ isInfrastructure: true, sqlstate: null }) })),
  },
  {
    name: 'an extension is missing',
    why: 'what comes after it was not rehearsed',
    damage: change(() => ({ failure: failure({ missingExtension: 'postgis' }) })),
  },
  { name: 'a step is missing', why: 'a skipped stage', damage: change((run) => ({ steps: run.steps.slice(1) })) },
  { name: 'no steps at all', why: 'an empty set proves nothing', damage: change(() => ({ steps: [] })) },
  {
    name: 'a step stands twice',
    why: 'one proof counted twice',
    damage: change((run) => ({ steps: run.steps.flatMap((step) => [step, step]).slice(0, run.steps.length) })),
  },
  {
    name: 'another order',
    why: 'the order is the proof',
    damage: change((run) => ({ steps: run.steps.toReversed() })),
  },
  {
    name: 'the pending one was not reached',
    why: 'silence is not success',
    damage: change((run) => ({
      steps: run.steps.map((step, index) => (index === 1 ? { ...step, outcome: 'not-reached' } : step)),
    })),
  },
  {
    name: 'the pending one was rolled back',
    why: 'nothing of it stayed',
    damage: change((run) => ({
      steps: run.steps.map((step, index) => (index === 1 ? { ...step, outcome: 'rolled-back' } : step)),
    })),
  },
  {
    name: 'the pending one ran as baseline',
    why: 'the owner applied it, not the deploy role',
    damage: change((run) => ({ steps: run.steps.map((step) => ({ ...step, phase: 'baseline' })) })),
  },
  {
    name: 'the deploy role owns everything',
    why: 'in every test the role owned what it had just created',
    damage: change((run) => ({ roles: { ...run.roles, foreignOwned: 0 } })),
  },
  {
    name: 'the deploy role is the owner',
    why: 'a comparison of a thing with itself',
    damage: change((run) => ({ roles: { ...run.roles, migratingRole: 'owner' } })),
  },
  {
    name: 'another text was rehearsed',
    why: 'the file was edited after somebody tried it',
    damage: (observations) => {
      const tree = observations.need(migrationTree)
      const migrations = tree.migrations.map((one, index) =>
        index === 1 ? { ...one, up: { ...one.up, text: 'DROP TABLE courts' } } : one,
      )
      return observations.with(observed(migrationTree, 'folder migrations', { ...tree, migrations }))
    },
  },
  {
    name: 'a GRANT that the server only warned about',
    why: 'the tool goes on, and the readers are refused after the release',
    damage: change((run) => ({
      withoutEffect: [
        {
          file: run.steps[1]?.file ?? '',
          version: '002',
          line: 1,
          column: 1,
          sqlstate: '01007',
          message: 'no privileges were granted for "courts"',
          object: 'courts',
        },
      ],
    })),
  },
  {
    name: 'a superuser made the extension',
    why: 'production has no superuser at hand',
    damage: change(() => ({
      provided: [
        {
          what: 'extension',
          name: 'dblink',
          why: 'only a superuser may create it',
          neededBy: 'pending',
          isUnproven: true,
        },
      ],
    })),
  },
  {
    name: 'the given server allowed less',
    why: 'the role could not be made, so it was not the migrating one',
    damage: change(() => ({ limits: ['the login may not create roles'] })),
  },
  {
    name: 'a deploy judged by a branch',
    why: 'what production lacks can be more than what is new on the branch',
    damage: (observations) =>
      observations.with(observed(pending, 'git', { ...observations.need(pending), basis: 'merge-base' })),
    context: { action: 'deploy' },
  },
]
