import type { Mutant } from '../../gate/check.ts'
import { isNotHere, type NotHere, notHere } from '../../gate/drill/drill.ts'
import { notObserved, type Observations } from '../../gate/observation.ts'
import { type Ledger, type LedgerRow, ledger } from '../../observers/ledger/kind.ts'
import { type Migration, type MigrationTree, migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending, type Pending } from '../../observers/pending/kind.ts'
import { both, changes, type Damage } from '../damage.ts'
import { appliedFiles } from './applied.ts'
import { type ToolFacts, toolOf } from './tools.ts'

/** A ledger, the folder, and what the ledger says of it. */
interface Kept {
  readonly tree: MigrationTree
  readonly ledger: Ledger
  readonly facts: ToolFacts
  /** In the order of the folder. */
  readonly applied: readonly Migration[]
}

/** A damage of a ledger that lists something which the folder has. */
const kept =
  (damage: (found: Kept) => Damage | NotHere): Damage =>
  (set) => {
    const found = keptIn(set)
    if (isNotHere(found)) return found
    const made = damage(found)
    return isNotHere(made) ? made : made(set)
  }

function keptIn(set: Observations): Kept | NotHere {
  const tree = set.maybe(migrationTree)
  const rows = set.maybe(ledger)
  if (tree === undefined || rows === undefined) return notHere('no ledger was observed')
  const files = appliedFiles(tree, rows)
  const applied = tree.migrations.filter((one) => files.has(one.up.file))
  if (applied.length === 0) return notHere('the ledger lists nothing that the folder has')
  return { tree, ledger: rows, facts: toolOf(tree, rows), applied }
}

const rows = (change: (all: readonly LedgerRow[]) => readonly LedgerRow[]): Damage =>
  changes(ledger, (found) => ({ rows: change(found.rows) }))

const waiting = (change: Partial<Pending>): Damage => changes(pending, () => change)

/** Something else in the row of the newest migration that the folder has. */
const newest = (change: (own: Migration, row: LedgerRow, found: Kept) => Partial<LedgerRow> | NotHere): Damage =>
  kept((found) => {
    const own = found.applied.at(-1)
    const row = found.ledger.rows.findLast((one) => one.key === own?.ledgerKey)
    if (own === undefined || row === undefined) return notHere('the ledger has no row of a migration of the folder')
    const made = change(own, row, found)
    return isNotHere(made) ? made : rows((all) => all.map((one) => (one === row ? { ...one, ...made } : one)))
  })

/** The same where each migration has a row of its own. */
const newestOfRows: typeof newest = (change) =>
  newest((own, row, found) =>
    found.ledger.style === 'rows' ? change(own, row, found) : notHere('the ledger only says how far it has come'),
  )

/** Another checksum, which is neither this file's nor one that is not known. */
const compared = (change: (own: Migration, found: Kept) => Partial<LedgerRow> | NotHere): Damage =>
  newestOfRows((own, row, found) =>
    row.checksum === null || own.checksum === null
      ? notHere('the ledger keeps no checksums that can be compared')
      : change(own, found),
  )

/** golang-migrate's own ledger, which is one row, in place of a runner's. */
const highWater = (key: (found: Kept) => string | NotHere, isDirty = false): Damage =>
  kept((found) => {
    if (found.tree.format !== 'golang-migrate') return notHere('the tool keeps a row for each migration')
    const made = key(found)
    if (typeof made !== 'string') return made
    return changes(ledger, () => ({
      style: 'high-water' as const,
      rows: [{ key: made, name: null, checksum: null, appliedAt: null, isDirty }],
    }))
  })

const newestKey = ({ applied }: Kept): string => applied.at(-1)?.ledgerKey ?? ''

/** The migration before the newest one that is applied. */
const beforeNewest = ({ applied }: Kept): Migration | NotHere =>
  applied.at(-2) ?? notHere('only one migration is applied')

const OTHER = 'f'.repeat(64)

const content: readonly Mutant[] = [
  {
    name: 'applied under another name',
    why: 'story 1: the name check of the runner failed at the next deploy',
    damage: newestOfRows((own, row, { facts }) => {
      if (facts.comparesNames) return { name: 'seaworthy_drill' }
      const isCompared = row.checksum !== null && own.checksum !== null
      return isCompared ? { name: 'seaworthy_drill', checksum: OTHER } : notHere(`${facts.title} compares no names`)
    }),
  },
  {
    name: 'applied with another content',
    why: 'an applied file was edited',
    damage: compared(() => ({ checksum: OTHER })),
  },
  {
    name: 'applied with other line endings',
    why: 'a runner that compares bytes stops',
    damage: compared((own, { facts }) =>
      facts.refusesLineEndings && own.checksumOtherEndings !== null
        ? { checksum: own.checksumOtherEndings }
        : notHere(`${facts.title} does not compare line endings`),
    ),
  },
  {
    name: 'checksums of an unknown kind',
    why: 'nothing was compared',
    damage: kept(({ ledger: found, facts, applied }) => {
      const keys = new Set(applied.filter((one) => one.checksum !== null).map((one) => one.ledgerKey))
      const known = found.rows.filter((row) => row.checksum !== null && keys.has(row.key))
      if (!facts.comparesNames || known.length < 3)
        return notHere('there are no three checksums of a runner of its own')
      return rows((all) => all.map((row) => ({ ...row, checksum: OTHER })))
    }),
  },
  {
    name: 'applied and gone',
    why: 'a branch was deployed and not merged',
    damage: newestOfRows(({ ledgerKey }) => ({ key: `${ledgerKey}999`, name: 'x' })),
  },
  { name: 'half applied', why: 'production is stuck', damage: newest(() => ({ isDirty: true })) },
  {
    name: 'half applied, by golang-migrate',
    why: 'production is stuck',
    damage: highWater(newestKey, true),
  },
  {
    name: 'the newest version is gone',
    why: 'golang-migrate stops at start-up',
    damage: highWater((found) => `${newestKey(found)}999`),
  },
  {
    name: 'new, and older than what is live',
    why: 'golang-migrate skips it without a word',
    damage: kept((found) => {
      const older = beforeNewest(found)
      if (isNotHere(older)) return older
      return both(highWater(newestKey), waiting({ newSinceBase: [older.up.file] }))
    }),
  },
]

const together: readonly Mutant[] = [
  {
    name: 'the ledger that said what is pending is not among the observations',
    why: 'a word that nobody can look at again',
    damage: both(waiting({ basis: 'ledger' }), (set) => set.without(ledger)),
  },
  {
    name: 'the ledger was asked for and did not answer',
    why: 'could not look',
    damage: (set) => set.with(notObserved(ledger, 'postgresql://db/app', 'the connection was refused')),
  },
  {
    name: 'a baseline that the ledger does not confirm',
    why: 'the release was tried on a schema that production does not have',
    damage: kept((found) => {
      const older = beforeNewest(found)
      if (isNotHere(older)) return older
      const isBehind = (row: LedgerRow): boolean => row.key !== newestKey(found)
      const behind: Damage =
        found.ledger.style === 'rows'
          ? rows((all) => all.filter(isBehind))
          : rows((all) => all.map((row) => ({ ...row, key: older.ledgerKey })))
      return (set) => {
        const isLive = set.maybe(pending)?.files.includes(found.applied.at(-1)?.up.file ?? '') === false
        if (!isLive) return notHere('the newest migration of the ledger was judged as pending')
        return both(behind, waiting({ basis: 'baseline' }))(set)
      }
    }),
  },
  {
    name: 'nothing is pending, by a ledger that lacks the newest',
    why: 'two observations that do not belong together',
    damage: kept(({ tree, applied }) =>
      applied.length === tree.migrations.length
        ? notHere('the ledger lacks nothing that the folder has')
        : waiting({ basis: 'ledger', files: [] }),
    ),
  },
  {
    name: 'an empty ledger, and what is pending left as it was',
    why: 'two observations that do not belong together',
    damage: kept(() =>
      both(
        rows(() => []),
        waiting({ basis: 'ledger', newSinceBase: null }),
      ),
    ),
  },
  {
    name: 'an empty ledger of a folder that is not new',
    why: 'the ledger of a fresh database in place of production’s',
    damage: kept(({ tree, applied }) => {
      const live = new Set(applied.map((one) => one.up.file))
      const files = tree.migrations.map((one) => one.up.file)
      const newSinceBase = files.filter((file) => !live.has(file))
      return both(
        rows(() => []),
        waiting({ basis: 'ledger', files, newSinceBase }),
      )
    }),
  },
]

/** Damages of what production's ledger says, and of what was made of it. */
export const ofRows: readonly Mutant[] = [...content, ...together]
