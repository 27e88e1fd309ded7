import type { CheckSettings } from '../../gate/check.ts'
import type {
  CatalogueDifference,
  CatalogueEntry,
  Effects,
  TracedStatement,
  TraceEvent,
} from '../../observers/effects/kind.ts'
import type { MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { Shape } from '../../observers/shape/kind.ts'
import { Reading } from './reading.ts'
import { followRenames, type Rename } from './names/renames.ts'
import { type Thing, thingOf } from './thing.ts'

type Catalogue = ReadonlyMap<string, Thing>

/** What changed about one object, its name before having been brought to the name of today. */
export interface Change {
  readonly before: Thing
  readonly after: Thing
}

export interface SceneInput {
  readonly effects: Effects
  readonly tree: MigrationTree
  readonly shape: Shape | null
  readonly settings: CheckSettings
  /** The tool's own record, as `schema.name`, where the rehearsal knows it. */
  readonly ledger: string | null
}

/** All that the rules look at. Objects of the release go by their names of today, old ones as well. */
export class Scene {
  readonly effects: Effects
  readonly tree: MigrationTree
  readonly shape: Shape | null
  readonly settings: CheckSettings
  readonly ledger: string | null
  readonly reading: Reading
  readonly statements: readonly TracedStatement[]
  readonly renames: readonly Rename[]
  /** What was there before, under the names of today. */
  readonly before: Catalogue
  readonly after: Catalogue
  readonly added: readonly Thing[]
  readonly removed: readonly Thing[]
  readonly changed: readonly Change[]
  /** What the release itself made, and may do with as it likes. */
  readonly #oldNames: ReadonlySet<string>

  constructor(input: SceneInput) {
    this.effects = input.effects
    this.tree = input.tree
    this.shape = input.shape
    this.settings = input.settings
    this.ledger = input.ledger
    this.reading = new Reading(input.tree)
    const rolledBack = undone(input.effects, this.reading)
    this.statements = input.effects.steps.flatMap((step) => step.statements)
    const kept = this.statements.filter((one) => !rolledBack.has(one))
    const followed = followRenames(input.effects, kept)
    this.renames = followed.renames
    this.before = indexed(followed.before)
    this.after = indexed(followed.after)
    this.added = followed.difference.added.map(thingOf)
    this.removed = followed.difference.removed.map(thingOf)
    this.changed = followed.difference.changed.map(({ before, after }) => ({
      before: thingOf(before),
      after: thingOf(after),
    }))
    this.#oldNames = new Set(input.effects.before.map((one) => one.object))
    this.undone = rolledBack
  }

  /** Statements whose effects a ROLLBACK of the file took away. */
  readonly undone: ReadonlySet<TracedStatement>

  get isAdditive(): boolean {
    return this.settings.profile === 'additive'
  }

  /** Whether it was there before the release, under its name of today. */
  isOld(object: string | null): boolean {
    return object !== null && this.before.has(object)
  }

  /** Whether production knew an object of that name before the release. */
  wasCalled(object: string): boolean {
    return this.#oldNames.has(object)
  }

  /** The name of today of an object of before; null if it is gone. */
  nameNow(old: string): string | null {
    let name = old
    for (const rename of this.renames) if (rename.from === name) name = rename.to
    return this.after.has(name) ? name : null
  }

  /** The last statement with such an event; the first one that `isBetter` holds for, if there is one. */
  doing(isIt: (event: TraceEvent, statement: TracedStatement) => boolean): TracedStatement | null {
    return (
      this.statements.findLast((one) => !this.undone.has(one) && one.events.some((event) => isIt(event, one))) ?? null
    )
  }

  nodesOf(statement: TracedStatement): ReturnType<Reading['nodes']> {
    return this.reading.nodes(statement)
  }
}

const indexed = (entries: readonly CatalogueEntry[]): Catalogue =>
  new Map(entries.map((entry) => [entry.object, thingOf(entry)]))

/** The statements that a ROLLBACK in the file itself took back: those of its transaction, or since its savepoint. */
function undone(effects: Effects, reading: Reading): Set<TracedStatement> {
  const found = new Set<TracedStatement>()
  for (const { statements } of effects.steps) {
    for (const [index, statement] of statements.entries()) {
      const node = reading.ownNode(statement)
      const control = node !== null && 'TransactionStmt' in node ? node.TransactionStmt : null
      const isWhole = control?.kind === 'TRANS_STMT_ROLLBACK'
      if (!isWhole && control?.kind !== 'TRANS_STMT_ROLLBACK_TO') continue
      for (const earlier of statements.slice(0, index).toReversed()) {
        if (earlier.transaction === null || earlier.transaction !== statement.transaction) break
        const own = reading.ownNode(earlier)
        const mark = own !== null && 'TransactionStmt' in own ? own.TransactionStmt : null
        if (!isWhole && mark?.kind === 'TRANS_STMT_SAVEPOINT' && mark.savepoint_name === control.savepoint_name) break
        if (earlier.events.length > 0) found.add(earlier)
      }
    }
  }
  return found
}

export type { CatalogueDifference }
