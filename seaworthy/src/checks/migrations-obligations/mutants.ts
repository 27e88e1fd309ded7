import type { JudgeContext, Mutant } from '../../gate/check.ts'
import { isNotHere, type NotHere, notHere } from '../../gate/drill/drill.ts'
import { notObserved, type Observations } from '../../gate/observation.ts'
import { type Answer, answers } from '../../observers/answers/kind.ts'
import { type CatalogueEntry, type Effects, effects } from '../../observers/effects/kind.ts'
import { type Migration, migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { shape } from '../../observers/shape/kind.ts'
import { quotedName, nameParts } from '../../sql/identifier.ts'
import { changes, type Damage, fails, lacks, pendingIn, withText } from '../damage.ts'
import { derive, type Derived } from './derive.ts'
import { JUDGED_AT } from './sample.ts'

/** A deploy, at the time of the sample. */
const context: Partial<JudgeContext> = { action: 'deploy', evaluatedAt: JUDGED_AT }

type Question = Derived['obligations'][number]

/** What the release asks of production's rows; not here where it asks nothing. */
function questionsIn(set: Observations): readonly [Question, ...Question[]] | NotHere {
  const [tree, seen] = [set.maybe(migrationTree), set.maybe(effects)]
  if (tree === undefined || seen === undefined) return notHere('what the release does was not observed in this run')
  const [first, ...rest] = derive(tree, set.maybe(pending)?.files ?? [], seen).obligations
  return first === undefined ? notHere('the release asks nothing of the rows that production has') : [first, ...rest]
}

/** A damage where the release asks something. */
const asking =
  (damage: (questions: readonly [Question, ...Question[]]) => Damage): Damage =>
  (set) => {
    const questions = questionsIn(set)
    return isNotHere(questions) ? questions : damage(questions)(set)
  }

/** Something else about production's answer to one of the questions. */
const answer = (change: (one: Answer) => Partial<Answer>): Damage =>
  asking((questions) =>
    changes(answers, ({ answers: all }) => {
      const found = all.find((one) => questions.some(({ id }) => id === one.id))
      if (found === undefined) return notHere('production answered none of the questions of the release')
      return { answers: all.map((one) => (one === found ? { ...one, ...change(one) } : one)) }
    }),
  )

const effect =
  (change: (one: Effects, first: Migration) => Partial<Effects>): Damage =>
  (set) => {
    const migrations = pendingIn(set)
    return isNotHere(migrations) ? migrations : changes(effects, (one) => change(one, migrations[0]))(set)
  }

const failureOf = ({ up, version }: Migration): NonNullable<Effects['failure']> => ({
  file: up.file,
  version,
  error: {
    sqlstate: '23502',
    message: 'column "born" of relation "seaworthy_drill" contains null values',
    detail: null,
    hint: null,
    offset: null,
    schema: 'public',
    table: 'seaworthy_drill',
    column: 'born',
    constraint: null,
  },
  statement: { index: 1, line: 1, column: 1, text: 'ALTER TABLE seaworthy_drill ADD COLUMN born date NOT NULL' },
  owner: null,
  leavesHalf: false,
  missingExtension: null,
  isInfrastructure: false,
})

/** A table of before the release that keeps rows, and a column of it, as the catalogue writes both. */
interface Kept {
  readonly table: string
  readonly column: string
}

/** Something more that the release leaves on a table of before; nobody has asked production about it. */
const more =
  (added: (kept: Kept) => CatalogueEntry, isInSteps = true): Damage =>
  (set) => {
    const kept = keptIn(set)
    if (isNotHere(kept)) return kept
    return effect(({ difference, steps }) => {
      const wider = { ...difference, added: [...difference.added, added(kept)] }
      // Where the last step leads to it, nothing contradicts anything.
      const last = steps.at(-1)
      return {
        difference: wider,
        steps: isInSteps
          ? steps.map((step) =>
              step === last
                ? { ...step, difference: { ...step.difference, added: [...step.difference.added, added(kept)] } }
                : step,
            )
          : steps,
      }
    })(set)
  }

function keptIn(set: Observations): Kept | NotHere {
  const seen = set.maybe(effects)
  if (seen === undefined) return notHere('what the release does was not observed in this run')
  const touched = new Set(
    [...seen.difference.removed, ...seen.difference.changed.map((one) => one.before)].map((one) => one.object),
  )
  for (const { object, definition } of seen.before) {
    const table = /^of (table .+)$/.exec(definition.split('\n')[0] ?? '')?.[1]
    if (!object.startsWith('column ') || table === undefined || touched.has(object) || touched.has(table)) continue
    const column = nameParts(object.slice('column '.length)).at(-1) ?? ''
    if (isNamedElsewhere(seen.before, table, column)) continue
    return { table: table.slice('table '.length), column: quotedName(column) }
  }
  return notHere('there is no column before the release that nothing is asked of')
}

/** Whether a key, an index or a check of the table is about the column already. */
const isNamedElsewhere = (before: Effects['before'], table: string, column: string): boolean =>
  before.some(
    ({ object, definition }) =>
      !object.startsWith('column ') &&
      definition.startsWith(`of ${table}\n`) &&
      definition.split(/[^\p{L}\p{N}_]+/u).includes(column),
  )

const on = ({ table }: Kept, object: string, definition: string): CatalogueEntry => ({
  object,
  definition: `of table ${table}\n${definition}`,
})

/** The first statement of the file that asks writes to the very rows, and changes nothing. */
const writtenFirst: Damage = asking((questions) => (set) => {
  const wanted = questions.find((one) => one.code === 'obligation/not-null' && one.where !== null)
  const column = nameParts(wanted?.subject.slice('column '.length) ?? '').at(-1)
  if (wanted === undefined || column === undefined) return notHere('the release makes no column of before required')
  const name = quotedName(column)
  const write = `UPDATE ${wanted.table} SET ${name} = ${name} WHERE false;\n`
  return withText(wanted.where?.file ?? '', (text) => `${write}${text}`)(set)
})

const WEEK_MS = 7 * 24 * 3_600_000

/** Worlds in which a deploy must not go on, each made from the sample or from a run by one damage. */
export const mutants: readonly Mutant[] = (
  [
    {
      name: 'staging answered for production',
      why: 'its rows are others',
      context,
      damage: asking(() => (set) => {
        if (set.maybe(answers) === undefined) return notHere('production was not asked in this run')
        return changes(shape, () => ({ witness: `sha256:${'b'.repeat(64)}` }))(set)
      }),
    },
    {
      name: 'production was not asked',
      why: 'the release would find out by failing',
      damage: asking(() => lacks(answers)),
    },
    {
      name: 'the answers could not be read',
      why: 'nobody looked',
      damage: (set) => set.with(notObserved(answers, 'none', 'no such file')),
    },
    { name: 'a duplicate in production', why: 'the index fails to build', damage: answer(() => ({ rows: 1000 })) },
    {
      name: 'a question without an answer',
      why: 'it took longer than its limit',
      damage: answer(() => ({ rows: null, problem: 'it took longer than the time limit' })),
    },
    {
      name: 'an answer of last week',
      why: 'rows change',
      damage: answer(({ answeredAt }) => ({
        answeredAt: new Date(Date.parse(answeredAt) - WEEK_MS).toISOString(),
      })),
    },
    {
      name: 'an answer that is older than the policy allows by a minute',
      why: 'a limit is a limit',
      damage: answer(() => ({ answeredAt: '2026-11-20T10:59:00.000Z' })),
      sampleOnly: 'when a run was made and what its policy allows is not among its observations',
    },
    {
      name: 'an answer from the future',
      why: 'a clock that is wrong makes answers that never age',
      damage: answer(() => ({ answeredAt: '9999-01-01T00:00:00.000Z' })),
    },
    {
      name: 'an answer without a date',
      why: 'nobody knows how old it is',
      damage: answer(() => ({ answeredAt: 'yesterday' })),
    },
    {
      name: 'an answer to another question',
      why: 'the query was changed after production had answered',
      damage: answer(() => ({ id: '0'.repeat(32) })),
    },
    {
      name: 'an empty list of answers',
      why: 'a loop over nothing finds nothing wrong',
      damage: asking(() =>
        changes(answers, ({ answers: all }) =>
          all.length === 0 ? notHere('production answered nothing in this run') : { answers: [] },
        ),
      ),
    },
    {
      name: 'a check that nobody asked about',
      why: 'it was added after production had been asked',
      damage: more((kept) =>
        on(kept, `constraint seaworthy_drill on ${kept.table}`, `CHECK ((${kept.column} IS NULL))`),
      ),
    },
    {
      name: 'a foreign key that nobody asked about',
      why: 'it was added after production had been asked',
      damage: more((kept) =>
        on(
          kept,
          `constraint seaworthy_drill on ${kept.table}`,
          `FOREIGN KEY (${kept.column}) REFERENCES ${kept.table}(${kept.column})`,
        ),
      ),
    },
    {
      name: 'a unique index that nobody asked about',
      why: 'it was added after production had been asked',
      damage: more((kept) =>
        on(
          kept,
          'index public.seaworthy_drill',
          `CREATE UNIQUE INDEX seaworthy_drill ON ${kept.table} USING btree (${kept.column})`,
        ),
      ),
    },
    {
      name: 'the steps leave out what the release leaves',
      why: 'the traced run and the faithful one did not do the same',
      damage: more(
        (kept) => on(kept, `constraint seaworthy_drill on ${kept.table}`, `CHECK ((${kept.column} IS NULL))`),
        false,
      ),
    },
    {
      name: 'a migration that failed on made-up rows, and no question would settle it',
      why: 'a required column on a table with rows',
      damage: effect(({ conflicts }, first) => ({
        conflicts: [...conflicts, { failure: failureOf(first), resolution: 'the rows were taken away' }],
      })),
    },
    {
      name: 'a migration did not apply',
      why: 'nobody knows what those after it ask',
      damage: effect((_, first) => ({ failure: failureOf(first) })),
    },
    {
      name: 'the release writes to the rows first, and no made-up row had anything to mend',
      why: 'an UPDATE that does nothing would make the question go away',
      damage: writtenFirst,
    },
    {
      name: 'what the release did was not observed',
      why: '"no database" is never a pass',
      damage: fails(effects, 'PostgreSQL did not start'),
    },
    {
      name: 'what is pending was not found out',
      why: 'a shallow clone has no merge base',
      damage: fails(pending, 'no merge base'),
    },
  ] satisfies Mutant[]
).map((mutant) => ({ ...mutant, context }))
