import type { World } from '../gate/drill/drill.ts'

/** The world in which a check is left out of the run: a required one that did not run is never a pass. */
export const leftOut = (check: string): World => ({
  name: `without-${check}`,
  title: `the check ${check} is left out of the run`,
  why: 'a dry run that silently skipped, because nothing set its database URL, counted as a pass (story 1)',
  refusedBy: ['policy/required-check-missing'],
  build: () => ({ leftOut: check }),
})
