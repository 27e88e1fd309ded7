import type { Rehearsing, World } from '../../migrations/engine.ts'
import type { Migration } from '../../migrations/model.ts'
import { type State, stateOf, tablesWithOtherRows } from './difference.ts'

/** A run without a stop, with what it leaves after the migrations that are asked about. */
export class Straight implements AsyncDisposable {
  readonly #rehearsing: Rehearsing
  readonly #pending: readonly Migration[]
  readonly #states = new Map<Migration, State | null>()
  readonly #unsteady = new Map<Migration, ReadonlySet<string>>()
  #world: World | null = null
  #applied = 0

  constructor(rehearsing: Rehearsing, pending: readonly Migration[]) {
    this.#rehearsing = rehearsing
    this.#pending = pending
  }

  /** The pending migrations that come before this one. */
  before(migration: Migration): readonly Migration[] {
    return this.#pending.slice(0, this.#pending.indexOf(migration))
  }

  /** What it leaves after this migration; null if it does not get there. Asked in the order of the migrations. */
  async after(migration: Migration): Promise<State | null> {
    const known = this.#states.get(migration)
    if (known !== undefined) return known
    this.#world ??= await this.#rehearsing.fork()
    const end = this.#pending.indexOf(migration) + 1
    const state = await stateAfter(this.#world, this.#pending.slice(this.#applied, end))
    this.#applied = end
    this.#states.set(migration, state)
    return state
  }

  /** Tables that hold other rows after a second run without a stop: a time, a random key. */
  async unsteadyTables(migration: Migration): Promise<ReadonlySet<string>> {
    const known = this.#unsteady.get(migration)
    if (known !== undefined) return known
    const first = await this.after(migration)
    await using world = await this.#rehearsing.fork()
    const second = await stateAfter(world, [...this.before(migration), migration])
    const unsteady = new Set(first === null || second === null ? [] : tablesWithOtherRows(first, second))
    this.#unsteady.set(migration, unsteady)
    return unsteady
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#world?.[Symbol.asyncDispose]()
  }
}

async function stateAfter(world: World, migrations: readonly Migration[]): Promise<State | null> {
  const { failure } = await world.apply(migrations)
  return failure !== null || world.repeating === undefined ? null : await stateOf(world, world.repeating)
}
