import { DEFAULT_POLICY, type Policy } from '../gate/policy.ts'
import type { Config } from './define.ts'

/** The policy of a configuration, whole: what it leaves out has its default. `profile` is the flag, which wins. */
export function policyOf(config: Config, profile?: Policy['settings']['profile']): Policy {
  const { policy } = config
  const { required, settings, certificate, admission, review } = DEFAULT_POLICY
  return {
    required: {
      'pull-request': policy?.required?.['pull-request'] ?? required['pull-request'],
      deploy: policy?.required?.deploy ?? required.deploy,
    },
    accept: policy?.accept ?? [],
    changedInputs: policy?.changedInputs ?? DEFAULT_POLICY.changedInputs,
    settings: {
      profile: profile ?? config.profile ?? settings.profile,
      inlineAcceptance: policy?.inlineAcceptance ?? settings.inlineAcceptance,
      requireDowns: policy?.requireDowns ?? settings.requireDowns,
      largeTable: { ...settings.largeTable, ...policy?.largeTable },
      answersMaxAgeHours: policy?.answersMaxAgeHours ?? settings.answersMaxAgeHours,
      staleQueriesPercent: policy?.staleQueriesPercent ?? settings.staleQueriesPercent,
    },
    certificate: { ...certificate, ...policy?.certificate },
    admission: { ...admission, ...policy?.admission },
    review: { ...review, ...policy?.review },
  }
}
