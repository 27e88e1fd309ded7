import { policyOf } from '../config/policy.ts'
import type { Policy } from '../gate/policy.ts'
import { type ConfigChoice, configuration, type ProcessContext, surroundings } from './surroundings.ts'

/** The policy that a run in this folder is judged by, with every default written out. */
export async function effectivePolicy(
  dir: string | undefined,
  choice: ConfigChoice,
  profile: Policy['settings']['profile'] | undefined,
  context: ProcessContext,
): Promise<Policy> {
  const dirs = dir === undefined ? [] : [dir]
  const around = await surroundings(dirs, context)
  return policyOf((await configuration(dirs, choice, around, context)).config, profile)
}
