import type { Mutant } from '../../src/gate/check.ts'
import { isNotHere } from '../../src/gate/drill/drill.ts'
import type { Observations } from '../../src/gate/observation.ts'

/** What a mutant makes of its check's own sample. There it must always be possible to make it. */
export function damaged(mutant: Mutant, sample: Observations): Observations {
  const made = mutant.damage(sample)
  if (isNotHere(made)) throw new Error(`'${mutant.name}' cannot be made from the sample: ${made.notHere}`)
  return made
}
