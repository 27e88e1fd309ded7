import { inProduction, rehearsed, sample } from '../../../src/checks/migrations-drift/sample.ts'
import type { Observations } from '../../../src/gate/observation.ts'
import type { CatalogueEntry, TraceEvent } from '../../../src/observers/effects/kind.ts'

export const entry = (object: string, definition = 'owner x'): CatalogueEntry => ({ object, definition })
export const made = (object: string): TraceEvent => ({ kind: 'created', object, command: 'CREATE', via: null })
export const altered = (object: string): TraceEvent => ({ kind: 'altered', object, command: 'ALTER', via: null })

/** Production with these entries besides, and without those. */
export const production = (
  of: Observations,
  more: readonly CatalogueEntry[],
  without: readonly string[] = [],
): Observations =>
  of.with(
    inProduction(of, ({ catalogue }) => ({
      catalogue: [...catalogue.filter((one) => !without.includes(one.object)), ...more],
    })),
  )

/** The sample's release, doing this in place of what it does. */
export const release = (events: readonly TraceEvent[], added: readonly CatalogueEntry[] = []): Observations =>
  sample.with(
    rehearsed(sample, ({ steps, difference }) => ({
      steps: steps.map((step) => ({
        ...step,
        difference: { ...step.difference, added },
        statements: step.statements.map((one) => ({ ...one, events })),
      })),
      difference: { ...difference, added },
    })),
  )
