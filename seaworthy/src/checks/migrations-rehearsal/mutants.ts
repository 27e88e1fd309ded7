import type { Mutant } from '../../gate/check.ts'
import { isNotHere, type NotHere, notHere } from '../../gate/drill/drill.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { type Failure, type Rehearsal, plainError, rehearsal } from '../../observers/rehearsal/kind.ts'
import { changes, type Damage, fails, lacks, withText } from '../damage.ts'

type Step = Rehearsal['steps'][number]

/** The first migration that ran as that. */
const stepIn = ({ steps }: Rehearsal, phase: Step['phase']): Step | NotHere =>
  steps.find((step) => step.phase === phase) ??
  notHere(phase === 'pending' ? 'nothing is pending' : 'nothing is live before the release')

const change = (with_: (run: Rehearsal) => Partial<Rehearsal> | NotHere): Damage => changes(rehearsal, with_)

/** The first migration of that phase fails. */
const failing = (how: Partial<Failure> & { sqlstate?: string | null; phase?: Step['phase'] }): Damage =>
  change((run) => {
    const { sqlstate = '42703', phase = 'pending', ...rest } = how
    const step = stepIn(run, phase)
    if (isNotHere(step)) return step
    const failure: NonNullable<Rehearsal['failure']> = {
      file: step.file,
      version: step.version,
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
    return { failure }
  })

/** Something else about the first pending migration. */
const pendingStep = (with_: Partial<Step>): Damage =>
  change((run) => {
    const found = stepIn(run, 'pending')
    return isNotHere(found)
      ? found
      : { steps: run.steps.map((step) => (step === found ? { ...step, ...with_ } : step)) }
  })

/** The steps, where there are at least so many. */
const steps = (least: number, with_: (all: readonly Step[]) => readonly Step[]): Damage =>
  change((run) =>
    run.steps.length < least
      ? notHere(least === 1 ? 'no migration was rehearsed' : 'only one migration was rehearsed')
      : { steps: with_(run.steps) },
  )

/** The roles of a rehearsal in which the migrating one does not own what is there. */
const split = (with_: (roles: Rehearsal['roles']) => Partial<Rehearsal['roles']>): Damage =>
  change(({ roles }) =>
    roles.mode === 'split' ? { roles: { ...roles, ...with_(roles) } } : notHere('the roles are not split in this run'),
  )

/** Worlds that the judge must refuse, each made from the sample by one damage. */
export const mutants: readonly Mutant[] = [
  {
    name: 'the rehearsal was never made',
    why: 'the dry-run test of story 1 was skipped, because nothing set its database URL',
    damage: lacks(rehearsal),
  },
  {
    name: 'no server could be had',
    why: '"no database" is never a pass',
    damage: fails(rehearsal, 'PostgreSQL did not start'),
  },
  {
    name: 'what is pending was not found out',
    why: 'a shallow clone has no merge base',
    damage: fails(pending, 'no merge base'),
  },
  {
    name: 'a pending migration fails',
    why: 'a column was dropped long ago',
    damage: failing({}),
  },
  {
    name: 'the deploy role may not do it',
    why: '42501 in production only',
    damage: failing({ sqlstate: '42501' }),
  },
  {
    name: 'the baseline fails',
    why: 'nothing after it was rehearsed',
    damage: failing({ phase: 'baseline' }),
  },
  {
    name: 'the baseline lacks rights',
    why: 'the state in front of the release was not built',
    damage: failing({ phase: 'baseline', sqlstate: '42501' }),
  },
  {
    name: 'a time limit ended it',
    why: 'a limit of ours says nothing about the migration',
    damage: failing({ isInfrastructure: true, sqlstate: null }),
  },
  {
    name: 'an extension is missing',
    why: 'what comes after it was not rehearsed',
    damage: failing({ missingExtension: 'postgis' }),
  },
  { name: 'a step is missing', why: 'a skipped stage', damage: steps(1, (all) => all.slice(1)) },
  { name: 'no steps at all', why: 'an empty set proves nothing', damage: steps(1, () => []) },
  {
    name: 'a step stands twice',
    why: 'one proof counted twice',
    damage: steps(2, (all) => all.flatMap((step) => [step, step]).slice(0, all.length)),
  },
  {
    name: 'another order',
    why: 'the order is the proof',
    damage: steps(2, (all) => all.toReversed()),
  },
  {
    name: 'the pending one was not reached',
    why: 'silence is not success',
    damage: pendingStep({ outcome: 'not-reached' }),
  },
  {
    name: 'the pending one was rolled back',
    why: 'nothing of it stayed',
    damage: pendingStep({ outcome: 'rolled-back' }),
  },
  {
    name: 'the pending one ran as baseline',
    why: 'the owner applied it, not the deploy role',
    damage: pendingStep({ phase: 'baseline' }),
  },
  {
    name: 'the deploy role owns everything',
    why: 'in every test the role owned what it had just created',
    damage: split(() => ({ foreignOwned: 0 })),
  },
  {
    name: 'the deploy role is the owner',
    why: 'a comparison of a thing with itself',
    damage: split(({ owningRole }) => ({ migratingRole: owningRole })),
  },
  {
    name: 'another text was rehearsed',
    why: 'the file was edited after somebody tried it',
    damage: (set) => {
      const last = set.maybe(migrationTree)?.migrations.at(-1)
      return last === undefined
        ? notHere('the folder has no migration')
        : withText(last.up.file, (text) => `${text}\nDROP TABLE courts;\n`)(set)
    },
  },
  {
    name: 'a GRANT that the server only warned about',
    why: 'the tool goes on, and the readers are refused after the release',
    damage: change((run) => {
      const step = stepIn(run, 'pending')
      if (isNotHere(step)) return step
      const place = { file: step.file, version: step.version, line: 1, column: 1 }
      const message = 'no privileges were granted for "courts"'
      return { withoutEffect: [{ ...place, sqlstate: '01007', message, object: 'courts' }] }
    }),
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
    damage: changes(pending, ({ basis }) => {
      const isAnchored = basis === 'baseline' || basis === 'ledger' || basis === 'since'
      return isAnchored ? { basis: 'merge-base' as const } : notHere('nobody said what is live in production')
    }),
    context: { action: 'deploy' },
  },
]
