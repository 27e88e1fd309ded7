import type { CatalogueEntry, Failure, Rehearsing, World } from '../../migrations/engine.ts'
import type { Migration } from '../../migrations/model.ts'

export type Catalogue = readonly CatalogueEntry[]

/**
 * The world in which the downs are tried one after another. Where a trial leaves it in another state than a deploy
 * would have, the next trial gets a fresh one, in which all migrations so far were applied once.
 */
export class Course implements AsyncDisposable {
  readonly #rehearsing: Rehearsing
  readonly #passed: Migration[] = []
  #world: World | null = null
  #catalogue: Catalogue | null = null

  constructor(rehearsing: Rehearsing) {
    this.#rehearsing = rehearsing
  }

  /** The world after every migration passed so far; a failure if they did not apply a second time. */
  async open(): Promise<{ readonly world: World } | { readonly failure: Failure }> {
    if (this.#world !== null) return { world: this.#world }
    const world = await this.#rehearsing.fork()
    this.#world = world
    if (this.#passed.length === 0) return { world }
    const { failure } = await world.apply(this.#passed)
    return failure === null ? { world } : { failure }
  }

  /** The catalogue as it is now; read only if the last trial did not tell. */
  async catalogue(world: World): Promise<Catalogue> {
    this.#catalogue ??= await world.catalogue()
    return this.#catalogue
  }

  /** The migration is in, and the world is as a deploy would have left it; `catalogue` if it is known. */
  passed(migration: Migration, catalogue: Catalogue | null): void {
    this.#passed.push(migration)
    this.#catalogue = catalogue
  }

  /** The migration applies, but the world has had something done to it that production would not have. */
  async passedWithDamage(migration: Migration): Promise<void> {
    this.passed(migration, null)
    await this.#close()
  }

  async #close(): Promise<void> {
    const world = this.#world
    this.#world = null
    await world?.[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }
}
