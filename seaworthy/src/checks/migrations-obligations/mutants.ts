import type { JudgeContext, Mutant } from '../../gate/check.ts'
import { type Observations, notObserved, observed } from '../../gate/observation.ts'
import { type Answer, answers } from '../../observers/answers/kind.ts'
import { type CatalogueEntry, type Effects, effects } from '../../observers/effects/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { answeredFirst, capturedFrom, JUDGED_AT, seen } from './sample.ts'

/** A deploy, at the time of the sample. */
const context: Partial<JudgeContext> = { action: 'deploy', evaluatedAt: JUDGED_AT }

const answer =
  (change: Partial<Answer>) =>
  (observations: Observations): Observations =>
    observations.with(answeredFirst(observations, change))

const effect =
  (change: (one: Effects) => Partial<Effects>) =>
  (observations: Observations): Observations =>
    observations.with(seen(observations, change))

const failure: NonNullable<Effects['failure']> = {
  file: 'migrations/002_handles.up.sql',
  version: '002',
  error: {
    sqlstate: '23502',
    message: 'column "born" of relation "users" contains null values',
    detail: null,
    hint: null,
    offset: null,
    schema: 'public',
    table: 'users',
    column: 'born',
    constraint: null,
  },
  statement: { index: 3, line: 3, column: 1, text: 'ALTER TABLE users ADD COLUMN born date NOT NULL' },
  owner: null,
  leavesHalf: false,
  missingExtension: null,
  isInfrastructure: false,
}

/** Something more that the release leaves; nobody has asked production about it. */
const more = (...added: readonly CatalogueEntry[]): ((observations: Observations) => Observations) =>
  effect(({ difference, steps }) => {
    const wider = { ...difference, added: [...difference.added, ...added] }
    return { difference: wider, steps: steps.map((step) => ({ ...step, difference: wider })) }
  })

const on = (object: string, definition: string): CatalogueEntry => ({
  object,
  definition: `of table public.users\n${definition}`,
})

/** Worlds in which a deploy must not go on, each made from the sample by one damage. */
export const mutants: readonly Mutant[] = (
  [
    {
      name: 'staging answered for production',
      why: 'its rows are others',
      context,
      damage: (observations) => observations.with(capturedFrom(observations, `sha256:${'b'.repeat(64)}`)),
    },
    {
      name: 'production was not asked',
      why: 'the release would find out by failing',
      damage: (one) => one.without(answers),
    },
    {
      name: 'the answers could not be read',
      why: 'nobody looked',
      damage: (one) => one.with(notObserved(answers, 'none', 'no such file')),
    },
    { name: 'a duplicate in production', why: 'the index fails to build', damage: answer({ rows: 1 }) },
    {
      name: 'a question without an answer',
      why: 'it took longer than its limit',
      damage: answer({ rows: null, problem: 'it took longer than the time limit' }),
    },
    { name: 'an answer of last week', why: 'rows change', damage: answer({ answeredAt: '2026-11-14T10:00:00.000Z' }) },
    {
      name: 'an answer that is older than the policy allows by a minute',
      why: 'a limit is a limit',
      damage: answer({ answeredAt: '2026-11-20T10:59:00.000Z' }),
    },
    {
      name: 'an answer from the future',
      why: 'a clock that is wrong makes answers that never age',
      damage: answer({ answeredAt: '2026-11-21T11:02:00.000Z' }),
    },
    {
      name: 'an answer without a date',
      why: 'nobody knows how old it is',
      damage: answer({ answeredAt: 'yesterday' }),
    },
    {
      name: 'an answer to another question',
      why: 'the query was changed after production had answered',
      damage: answer({ id: '0'.repeat(32) }),
    },
    {
      name: 'an empty list of answers',
      why: 'a loop over nothing finds nothing wrong',
      damage: (one) => one.with(observed(answers, 'postgres', { ...one.need(answers), answers: [] })),
    },
    {
      name: 'a check that nobody asked about',
      why: 'it was added after production had been asked',
      damage: more(on('constraint short on public.users', 'CHECK ((length(handle) < 20))')),
    },
    {
      name: 'a foreign key that nobody asked about',
      why: 'it was added after production had been asked',
      damage: more(on('constraint self on public.users', 'FOREIGN KEY (handle) REFERENCES public.users(email)')),
    },
    {
      name: 'a unique index that nobody asked about',
      why: 'it was added after production had been asked',
      damage: more(
        on('index public.users_email', 'CREATE UNIQUE INDEX users_email ON public.users USING btree (lower(email))'),
      ),
    },
    {
      name: 'the steps leave out what the release leaves',
      why: 'the traced run and the faithful one did not do the same',
      damage: effect(({ difference }) => ({
        difference: {
          ...difference,
          added: [...difference.added, on('constraint short on public.users', 'CHECK ((length(handle) < 20))')],
        },
      })),
    },
    {
      name: 'a migration that failed on made-up rows, and no question would settle it',
      why: 'a required column on a table with rows',
      damage: effect(() => ({ conflicts: [{ failure, resolution: 'the rows were taken away' }] })),
    },
    {
      name: 'a migration did not apply',
      why: 'nobody knows what those after it ask',
      damage: effect(() => ({ failure })),
    },
    {
      name: 'the release writes to the rows first, and no made-up row had anything to mend',
      why: 'an UPDATE that does nothing would make the question go away',
      damage: (one) => {
        const tree = one.need(migrationTree)
        const migrations = tree.migrations.map((each) =>
          each.version === '002'
            ? { ...each, up: { ...each.up, text: `UPDATE users SET email = email WHERE false;\n${each.up.text}` } }
            : each,
        )
        return one.with(observed(migrationTree, 'folder migrations', { ...tree, migrations }))
      },
    },
    {
      name: 'what the release did was not observed',
      why: '"no database" is never a pass',
      damage: (one) => one.with(notObserved(effects, 'none', 'PostgreSQL did not start')),
    },
    {
      name: 'what is pending was not found out',
      why: 'a shallow clone has no merge base',
      damage: (one) => one.with(notObserved(pending, 'git', 'no merge base')),
    },
  ] satisfies Mutant[]
).map((mutant) => ({ ...mutant, context }))
