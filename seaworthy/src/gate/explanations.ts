import { admissionExplanations } from './admission/explanations.ts'
import type { Explanation } from './finding.ts'

/** Codes that the gate itself can say, whatever the check. */
export const gateExplanations: readonly Explanation[] = [
  {
    code: 'unproven/not-observed',
    title: 'Something needed could not be looked at',
    why: 'A check had no observation to judge: a server did not start, a file could not be read, a ledger did not answer. Nobody looked is not the same as nothing was found.',
    instead: 'The message says what could not be looked at, and the hint what to do about it.',
    production: 'Nothing yet: the question was not answered.',
    steps: ['The message says what could not be looked at; mend that.', 'Run again.'],
  },
  {
    code: 'unproven/judge-error',
    title: 'A judge stopped',
    why: 'A bug in Seaworthy kept a check from judging. It never counts as a pass.',
    instead: 'Run with `--evidence DIR` and report the bug with that folder.',
    production: 'Nothing yet.',
    steps: ['Run with `--evidence DIR` and report the bug with that folder.'],
  },
  {
    code: 'unproven/nothing-proved',
    title: 'A verdict that no finding explains',
    why: 'A check found nothing and proved nothing. That is not a pass; reports say so by this code, so that whoever only counts findings refuses as well.',
    instead: 'Look at the check: an empty folder, or a bug in Seaworthy.',
    production: 'Nothing yet.',
    steps: ['Look at what was observed: `--evidence DIR`.'],
  },
  {
    code: 'policy/required-check-missing',
    title: 'A required check did not run',
    why: 'The policy asks for the check for this action. A gate that leaves a check out says yes by construction.',
    instead:
      'Run without `--only`. If the check should not be required, change `policy.required` in a review of its own.',
    production: 'A release goes live without a proof that the team has asked for.',
    steps: ['Run without `--only`.'],
  },
  {
    code: 'policy/expired-acceptance',
    title: 'An accepted finding has expired',
    why: 'Somebody answered for a finding until a date, and the date is over. What was acceptable for a while is asked again.',
    instead:
      'Mend the finding, or renew the acceptance with a new date and a reason. Remove it if nothing needs it any more.',
    production: 'What was acceptable for a while goes on without anybody having looked again.',
    steps: ['Mend the finding, or renew the acceptance in a review.'],
  },
  {
    code: 'policy/unused-acceptance',
    title: 'An acceptance accepts nothing',
    why: 'It would silently accept the next finding of its kind.',
    instead: 'Remove it from `policy.accept`.',
    production: 'The next finding of that kind would go unseen.',
    steps: ['Remove it from `policy.accept`.'],
  },
  {
    code: 'policy/input-changed',
    title: 'The release changes what it is judged by',
    why: 'The configuration, a snapshot of the ledger, production’s shape, its queries, its answers or the rows of the rehearsal lie in the repository, and the release that they help to judge changed or added them. A shape in which a table is small, or an answer that says "no duplicates", turns a refusal into a pass; whoever wrote the migration could have written that line as well.',
    instead:
      "Read that change with the same care as the migrations. In a pipeline read the configuration from the base branch (`--config-from origin/main`), and let shape, ledger and answers come from a place that the release cannot write to. `policy.changedInputs: 'refuse'` makes it a rule, in a configuration that is read from the base.",
    production: 'A harm that the gate would have seen goes live, because it was shown another production.',
    steps: [
      'Bring the new shape, queries or configuration in by a change of their own, without a migration.',
      'Then the release that needs them.',
    ],
    falseAlarm:
      'The first pull request, which adds Seaworthy and a migration at once; a job that captures the shape anew over the committed file, just before the check.',
  },
  {
    code: 'policy/input-not-compared',
    title: 'Whether the release changed what it is judged by is not known',
    why: 'A file that the gate relies on is part of the repository, and git could not say how it stands at the base of the release: a shallow clone, or no branch to compare with.',
    instead: 'Fetch the history (`git fetch --unshallow`, `fetch-depth: 0`), or name the base with `--since REF`.',
    production: "Nothing yet: the question was not answered. It only refuses with `policy.changedInputs: 'refuse'`.",
    steps: ['Fetch the history, and run again.'],
  },
  ...admissionExplanations,
]
